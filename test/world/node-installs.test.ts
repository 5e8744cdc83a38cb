import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { placeAt } from '../run/harness.ts'
import { prepare, type Prepared } from '../../src/run/prepare.ts'
import { realHost } from '../../src/machine/real/host.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, isWithin } from '../../src/machine/paths.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { bubblewrapKernel } from '../contract/kernel-bubblewrap.ts'
import type { Outcome } from '../contract/kernel.ts'
import { openedFiles } from '../fixtures/strace-log.ts'
import { shipped } from '../profile/harness.ts'
import { launcher, newWorld, users, whyNoKernel, type World } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const kernel =
  whyNoKernel() ?? (process.platform === 'darwin' ? 'bubblewrap is for Linux' : undefined)
const strace = ['/usr/bin/strace', '/usr/local/bin/strace'].find((file) => fs.existsSync(file))

/** A program that its manager put on PATH, by that manager's own means. */
interface Installed {
  readonly command: string
  /** Directories of PATH beneath the home directory. */
  readonly path: string
  /**
   * Starts that must do the same inside as outside; together they use every root but the spare
   * ones.
   */
  readonly tries: readonly { readonly args: readonly string[]; readonly input?: string }[]
  /** What the first of them prints. */
  readonly says: RegExp
  /** The roots that may be granted: how wide each may be, by name. */
  readonly roots: RegExp
  /** Roots that other arguments need than those of the test. */
  readonly spare?: RegExp
}

const AGENTS = ['@openai/codex', '@google/gemini-cli', 'opencode-ai', '@anthropic-ai/claude-code']
const NPM = '.npm-global/bin'
const NVM = `.nvm/versions/node/${process.version}`
const VERSION = /\d+\.\d+\.\d+/
const COWSAY: Installed['tries'] = [
  { args: ['moo'] },
  { args: ['--help'] },
  { args: [], input: 'moo' },
]
/**
 * Packages that cowsay's own dependencies load for terminals and callers that a test does not have,
 * and pnpm's links for what uses a package without naming it.
 */
const LAZY = /\/(get-caller-file|color-convert|color-name)([@/][^/]+)*$|\/\.pnpm\/node_modules$/
const packageIn = (place: string): RegExp => new RegExp(`/${place}/(@[^/]+/)?[^/@.]+$`)
const INSTALLED: Readonly<Record<string, Installed>> = {
  'codex, npm -g (a script that starts a native program of another package)': {
    command: 'codex',
    path: NPM,
    tries: [{ args: ['--version'] }],
    says: VERSION,
    roots: packageIn('lib/node_modules'),
  },
  'gemini, npm -g': {
    command: 'gemini',
    path: NPM,
    tries: [{ args: ['--version'] }],
    says: VERSION,
    roots: packageIn('lib/node_modules'),
  },
  'opencode, npm -g (a native program in a package)': {
    command: 'opencode',
    path: NPM,
    tries: [{ args: ['--version'] }],
    says: VERSION,
    roots: packageIn('lib/node_modules'),
  },
  'claude, npm -g (a native program in a package)': {
    command: 'claude',
    path: NPM,
    tries: [{ args: ['--version'] }],
    says: VERSION,
    roots: packageIn('lib/node_modules'),
  },
  'cowsay, pnpm with a store for all global packages': {
    command: 'cowsay',
    path: '.local/share/pnpm/bin',
    tries: COWSAY,
    says: /< moo >/,
    spare: LAZY,
    roots: /\/store\/v\d+\/links\/@[^/]*\/[^/]+\/[^/]+\/[0-9a-f]+$/,
  },
  'cowsay, pnpm 10 with a store for its global directory': {
    command: 'cowsay',
    path: 'pnpm10',
    tries: COWSAY,
    says: /< moo >/,
    spare: LAZY,
    roots: /\/global\/5\/\.pnpm\/([^/]+@[^/]+|node_modules)$/,
  },
  'cowsay, npm -g beside a Node of nvm': {
    command: 'cowsay',
    path: `${NVM}/bin`,
    tries: [{ args: ['moo'] }],
    says: /< moo >/,
    roots: /\/\.nvm\/versions\/node\/v[\d.]+(\/lib\/node_modules\/cowsay)?$/,
  },
  'cowsay, bun in one flat directory': {
    command: 'cowsay',
    path: '.bun/bin',
    tries: COWSAY,
    says: /< moo >/,
    spare: LAZY,
    roots: packageIn('install/global/node_modules'),
  },
}

/** Why nothing can be installed here, or undefined. */
const whyNoRegistry = (): string | undefined =>
  spawnSync('npm', ['view', 'cowsay', 'version'], { encoding: 'utf8', timeout: 60_000 }).status ===
  0
    ? undefined
    : 'the npm registry cannot be reached'

/** Installs everything; throws what the first manager to fail says. */
const installAll = (home: string): void => {
  const run = (file: string, args: readonly string[], env: Record<string, string> = {}): void => {
    const done = spawnSync(file, [...args], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
      timeout: 200_000,
    })
    if (done.status !== 0)
      throw new Error(
        `${path.basename(file)} ${args.slice(0, 3).join(' ')}: ${(done.stderr || done.stdout || done.error?.message || '').trim().split('\n').at(-1) ?? ''}`,
      )
  }
  const npm = (prefix: string, ...packages: string[]): void =>
    run('npm', [
      'install',
      '-g',
      '--prefer-offline',
      '--no-fund',
      '--no-audit',
      '--prefix',
      path.join(home, prefix),
      ...packages,
    ])
  const pnpm = (prefix: string, place: string): void => {
    const at = path.join(home, place)
    fs.mkdirSync(at, { recursive: true })
    run(path.join(home, prefix, 'bin/pnpm'), ['add', '-g', 'cowsay'], {
      HOME: home,
      PNPM_HOME: at,
      PATH: `${at}:${at}/bin:${process.env['PATH'] ?? ''}`,
    })
  }
  // As nvm lays it out; the program is this Node's own.
  fs.mkdirSync(path.join(home, NVM, 'bin'), { recursive: true })
  fs.copyFileSync(process.execPath, path.join(home, NVM, 'bin/node'))
  npm(NVM, 'cowsay')
  npm('.npm-global', ...AGENTS)
  npm('tools', 'pnpm', 'bun')
  npm('tools10', 'pnpm@10')
  pnpm('tools', '.local/share/pnpm')
  pnpm('tools10', 'pnpm10')
  run(path.join(home, 'tools/bin/bun'), ['add', '-g', 'cowsay'], { HOME: home })
}

describe('real programs for Node, installed by npm, pnpm and bun', () => {
  let world: World
  let unreachable: string | undefined
  beforeAll(() => {
    world = newWorld(users()[0]!)
    if (kernel !== undefined) return
    unreachable = whyNoRegistry()
    if (unreachable === undefined) installAll(world.home)
  })
  afterAll(() => world.remove())
  const env = ({ path: place }: Installed): Record<string, string> => ({
    PATH: `${path.join(world.home, place)}:/usr/bin:/bin`,
  })
  const resolved = new Map<string, Prepared>()
  /** The policy of base alone, so that what lets the program start was resolved. */
  const resolve = async (name: string): Promise<Prepared> => {
    const known = resolved.get(name)
    if (known) return known
    const installed = INSTALLED[name]!
    const host = {
      ...realHost(process.cwd()),
      env: { ...env(installed), HOME: world.home },
      home: world.home as AbsolutePath,
      cwd: world.project as AbsolutePath,
      installation: '/nowhere' as AbsolutePath,
    }
    const context = {
      host,
      builtins: shipped,
      json: false,
      screen: { isTerminal: false, columns: 100 },
      out: () => undefined,
      err: () => undefined,
    }
    const runTmp = homeInside() as AbsolutePath
    fs.mkdirSync(runTmp, { recursive: true })
    const request = {
      ...emptyRequest,
      profile: 'base',
      words: [installed.command],
      grants: [{ access: 'write', path: world.project }],
    } as const
    const prepared = await prepare(request, context, placeAt(runTmp))
    resolved.set(name, prepared)
    return prepared
  }
  const homeInside = (): string => path.join(world.home, '../tmp')
  /** What each try prints under the kernel, and how it ends. */
  const start = async (
    policy: ResolvedPolicy,
    prepared: Prepared,
    installed: Installed,
  ): Promise<Pick<Outcome, 'code' | 'stdout'>[]> => {
    const outcomes = []
    for (const { args, input } of installed.tries) {
      const words = [
        '/usr/bin/env',
        '-i',
        `HOME=${homeInside()}`,
        `TMPDIR=${homeInside()}`,
        `PATH=${env(installed)['PATH']}`,
        ...prepared.argv,
        ...args,
      ]
      const { code, stdout } = await bubblewrapKernel.start(policy, words, { input: input ?? '' })
      outcomes.push({ code, stdout })
    }
    return outcomes
  }
  const rootsOf = (prepared: Prepared): AbsolutePath[] =>
    (prepared.resolution.target?.reads ?? []).map((part) => part.path.real)

  describe.each(Object.keys(INSTALLED))('%s', (name) => {
    where(kernel)('starts under `launcher run` with only what was resolved', async (context) => {
      if (unreachable) context.skip(unreachable)
      const installed = INSTALLED[name]!
      // Some do not start without a place for their state, which is no part of the target.
      const state = ['CACHE', 'CONFIG', 'DATA', 'STATE'].flatMap((name) => [
        '--env',
        `XDG_${name}_HOME=${world.project}/state`,
      ])
      const { code, stdout, stderr } = await launcher(
        world,
        [
          'run',
          '--quiet',
          '--profile',
          'base',
          '--write',
          world.project,
          '--network',
          'none',
          ...state,
          '--',
          installed.command,
          ...installed.tries[0]!.args,
        ],
        { env: env(installed) },
      )
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
      expect(stdout).toMatch(installed.says)
    })

    where(kernel)(
      'each root is no wider than a package, and none is writable inside',
      async (context) => {
        if (unreachable) context.skip(unreachable)
        const prepared = await resolve(name)
        const roots = rootsOf(prepared)
        expect(roots.length).toBeGreaterThan(0)
        expect(roots.length).toBeLessThan(60)
        expect(roots.filter((root) => !INSTALLED[name]!.roots.test(root))).toEqual([])
        const script = roots
          .map((root) => `touch "${root}/planted" 2>/dev/null && echo "${root}"`)
          .join('\n')
        const outcome = await bubblewrapKernel.start(
          prepared.resolution.resolved,
          ['/bin/sh', '-c', `${script}\ntrue`],
          {},
        )
        expect(outcome).toMatchObject({ code: 0, stdout: '' })
        expect(roots.filter((root) => fs.existsSync(path.join(root, 'planted')))).toEqual([])
        fs.writeFileSync(path.join(roots[0]!, 'planted'), '')
        fs.rmSync(path.join(roots[0]!, 'planted'))
      },
    )

    where(kernel ?? (strace === undefined ? 'needs strace' : undefined))(
      'opens nothing of the home directory but what was resolved, and fails when any class of roots is taken away',
      async (context) => {
        if (unreachable) context.skip(unreachable)
        const prepared = await resolve(name)
        const installed = INSTALLED[name]!
        const log = path.join(world.home, '../strace')
        const opened = installed.tries.flatMap(({ args, input }) => {
          spawnSync(
            strace!,
            ['-f', '-s', '4096', '-e', 'trace=file', '-o', log, ...prepared.argv, ...args],
            {
              cwd: world.project,
              env: { ...env(installed), HOME: homeInside(), TMPDIR: homeInside() },
              input: input ?? '',
            },
          )
          return openedFiles(fs.readFileSync(log, 'utf8'), world.project).flatMap((file) =>
            fs.existsSync(file) ? [fs.realpathSync(file) as AbsolutePath] : [],
          )
        })
        const { target, resolved: policy } = prepared.resolution
        const parts = [...(target?.executables ?? []), ...(target?.reads ?? [])].map(
          (part) => part.path.real,
        )
        const mine = opened.filter(
          (file) => isWithin(file, world.home as AbsolutePath) && fs.statSync(file).isFile(),
        )
        expect(mine.length).toBeGreaterThan(0)
        expect(mine.filter((file) => !parts.some((part) => isWithin(file, part)))).toEqual([])

        const whole = await start(policy, prepared, installed)
        expect(whole[0]?.stdout).toMatch(installed.says)
        const roots = rootsOf(prepared).filter(
          (root, _, all) => !all.some((other) => other !== root && isWithin(root, other)),
        )
        expect(
          roots.filter(
            (root) => !installed.spare?.test(root) && !opened.some((file) => isWithin(file, root)),
          ),
        ).toEqual([])
        // One class at a time: the program's own package or version, its interpreter's, and what it
        // depends on.
        const holding = (paths: readonly (AbsolutePath | undefined)[]): AbsolutePath[] =>
          roots.filter((root) => paths.some((one) => one !== undefined && isWithin(one, root)))
        const [program, ...interpreters] = (target?.executables ?? []).map((part) => part.path.real)
        const own = holding([program])
        expect(own).toHaveLength(1)
        const classes = [
          own,
          holding(interpreters),
          roots.filter((root) => !own.includes(root) && !holding(interpreters).includes(root)),
        ]
        for (const removed of classes.filter((one) => one.length > 0)) {
          const without = {
            ...policy,
            grants: policy.grants.filter(
              (grant) => !removed.some((root) => isWithin(grant.path, root)),
            ),
          }
          expect(without.grants.length).toBeLessThan(policy.grants.length)
          expect((await start(without, prepared, installed))[0]?.stdout).not.toMatch(installed.says)
        }
      },
    )
  })
})
