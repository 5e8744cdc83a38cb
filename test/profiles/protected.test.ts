import { beforeAll, describe, expect, it } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { parseBuiltins } from '../../src/profile/builtin.ts'
import { chooseProfile } from '../../src/profile/choose.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import type { Policy } from '../../src/policy/model.ts'
import { takeBaseline } from '../../src/resolve/after/baseline.ts'
import { lookAfter } from '../../src/resolve/after/look.ts'
import { resolvePolicy } from '../../src/resolve/resolve.ts'
import { dir, fakeHost, type FakeTree } from '../fixtures/fake-host.ts'

const P = '/home/u/p'
const request = { ...emptyRequest, name: 'default' }
let policy: Policy
beforeAll(async () => {
  const host = realHost(process.cwd())
  const builtins = await parseBuiltins(host)
  const project = P as AbsolutePath
  policy = await loadPolicy(
    request,
    host,
    builtins,
    chooseProfile(request, host, builtins, project),
    project,
  )
})
const resolveOn = (tree: FakeTree) =>
  resolvePolicy(policy, request, fakeHost({ [P]: dir(), ...tree }, { env: { PATH: '/usr/bin' } }), {
    project: P as AbsolutePath,
    isBroad: false,
    runTmp: '/tmp/r' as AbsolutePath,
  })

/** Soonest obeyed first, as the list after a run is sorted. */
const NAMES = [
  // On `cd`.
  '.config/mise/config.toml',
  '.direnv/x',
  '.envrc',
  '.mise.local.toml',
  '.mise.toml',
  '.tool-versions',
  'mise.local.toml',
  'mise.prod.toml',
  'mise.toml',
  'mise/config.toml',
  // On the next git command.
  '.githooks/x',
  '.gitmodules',
  '.husky/x',
  '.huskyrc.json',
  '.lefthook-local.yml',
  '.lefthook.toml',
  '.local-overcommit.yml',
  '.overcommit.yml',
  '.pre-commit-config.yaml',
  '.pre-commit-config.yml',
  'lefthook-local.json',
  'lefthook.toml',
  'lefthook.yml',
  'prek.toml',
  // Of other version control.
  '.hg/hgrc',
  '.jj/repo/config.toml',
  '.sl/config',
  // When the folder is opened.
  '.dir-locals-2.el',
  '.dir-locals.el',
  '.helix/languages.toml',
  '.idea/x',
  '.lite_project.lua',
  '.lvimrc',
  '.vim/coc-settings.json',
  '.vscode/tasks.json',
  // When an agent is started.
  '.agents/x',
  '.claude/x',
  '.codex/x',
  '.cursor/x',
  '.gemini/x',
  '.github/hooks/x.json',
  '.mcp.json',
  '.opencode/x',
  '.pi/x',
  '.vibe/x',
  'crush.json',
  'opencode.json',
]

describe('names that tools run unasked', () => {
  it.each(NAMES)('%s is read only, at any depth', async (name) => {
    const { resolved } = await resolveOn({ [`${P}/${name}`]: 'x', [`${P}/a/b/${name}`]: 'x' })
    const { access } = compilePolicy(resolved)
    const at = (path: string) => access(path as AbsolutePath)
    expect([at(`${P}/${name}`), at(`${P}/a/b/${name}`)]).toEqual(['read', 'read'])
  })

  it('are told after the run, with what runs them and when, soonest first', async () => {
    const { resolved, surroundings } = await resolveOn({})
    const baseline = takeBaseline(fakeHost({ [P]: dir() }), resolved, surroundings, 0)
    const after = fakeHost(
      Object.fromEntries([[P, dir()], ...NAMES.map((name) => [`${P}/a/${name}`, 'x'])]),
    )
    const { names } = lookAfter(baseline, after, new Set())
    const told = names.map(({ path }) => path.slice(`${P}/a/`.length))
    // A protected directory is told by its own name.
    const tops = [
      ...new Set(NAMES.map((name) => told.find((one) => `${name}/`.startsWith(`${one}/`)))),
    ]
    expect(tops).not.toContain(undefined)
    expect(told.map((one) => tops.indexOf(one))).toEqual(tops.map((_, at) => at))
    for (const { path, because } of names)
      expect([path, because]).toEqual([path, expect.stringMatching(/\(\S+\.\S+\)$/)])
  })

  it('each have a source', () => {
    const bare = policy.protections.filter(
      ({ origin }) =>
        origin.file.startsWith('profiles/protected/') &&
        !/\(\S+\.\S+\)$/.test(origin.because ?? ''),
    )
    expect(bare).toEqual([])
    expect(
      policy.protections.filter(({ origin }) => origin.file.startsWith('profiles/protected/'))
        .length,
    ).toBeGreaterThan(80)
  })

  it.each([
    'a/mise.lock',
    'a/lefthooks/x',
    '.github/workflows/ci.yml',
    'src/envrc',
    'AGENTS.md',
    'Makefile',
  ])('%s stays the agent’s work', async (name) => {
    const { resolved } = await resolveOn({ [`${P}/${name}`]: 'x' })
    expect(compilePolicy(resolved).access(`${P}/${name}` as AbsolutePath)).toBe('write')
  })
})
