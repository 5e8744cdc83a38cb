import { describe, expect, it } from 'vitest'
import { type Contract, contractJson, contractText } from '../../src/report/contract.ts'
import { explainText } from '../../src/report/explain.ts'
import { policyText, policyValue } from '../../src/report/profiles.ts'
import { paletteFor } from '../../src/report/text.ts'
import { mac } from '../conformance/mac.ts'
import type { FakeTree } from '../fixtures/fake-host.ts'

const plain = paletteFor(false, {})

const contractOn = async (tree: FakeTree = {}): Promise<Contract> => {
  const { prepared } = await mac(tree, { profile: 'default' })
  return {
    profile: 'default',
    reason: undefined,
    backend: 'test',
    isForInspection: false,
    resolution: prepared.resolution,
    environment: prepared.environment,
    argv: [],
    opened: [],
    notices: [],
  }
}
const config = (body: string): FakeTree => ({
  '~/.config/launcher/config.toml': `schema = 1\n[profile.default.caches]\n${body}`,
})

describe('the contract', () => {
  it('names the project’s own cache in one line, and what it is for, and not again as a write grant', async () => {
    const text = contractText(await contractOn(), plain, 200)
    expect(text).toMatch(
      /^ {2}caches {5}~\/\.cache\/launcher\/projects\/[0-9a-f]{24}-p \(bun, cargo, corepack, go, npm, pip, pnpm, uv, yarn\): this project's own$/m,
    )
    expect(text.match(/\.cache\/launcher/g)).toHaveLength(1)
    expect(text.split('\n')[0]).not.toContain('shared')
  })

  it('is loud about a cache that the user shares, in its first line and with the path', async () => {
    const text = contractText(
      await contractOn(config('UV_CACHE_DIR = "~/.cache/uv"\nPIP_CACHE_DIR = "$TMPDIR/pip"')),
      plain,
      200,
    )
    expect(text.split('\n')[0]).toContain('caches shared with the host')
    expect(text).toMatch(
      /UV_CACHE_DIR ~\/\.cache\/uv: shared, what the agent puts there the host may run/,
    )
    expect(text).toMatch(/\(bun, cargo, corepack, go, npm, pnpm, yarn\): this project's own/)
  })

  it('says it for programs: the folder, and each variable with its place, its use and where that was written', async () => {
    const { caches } = contractJson(
      await contractOn(config('UV_CACHE_DIR = "~/.cache/uv"\nPIP_CACHE_DIR = "$TMPDIR/pip"')),
    ) as {
      caches: {
        directory: string
        entries: {
          variable: string
          path: string
          use: string
          origin: { file: string; key: string }
        }[]
      }
    }
    const entry = (name: string) => caches.entries.find(({ variable }) => variable === name)
    expect(entry('GOCACHE')).toMatchObject({
      path: `${caches.directory}/go/build`,
      use: 'project',
      origin: { file: 'profiles/toolchains/go.toml', key: 'caches.GOCACHE' },
    })
    expect(entry('UV_CACHE_DIR')).toMatchObject({
      path: '/Users/u/.cache/uv',
      use: 'shared',
      origin: { key: 'profile.default.caches.UV_CACHE_DIR' },
    })
    expect(entry('PIP_CACHE_DIR')).toMatchObject({
      path: '/private/tmp/launcher-r-1/pip',
      use: 'run',
    })
  })

  it('says nothing about caches where there are none', async () => {
    const contract = await contractOn()
    const text = contractText(
      { ...contract, resolution: { ...contract.resolution, caches: { entries: [] } } },
      plain,
      200,
    )
    expect(text).not.toMatch(/^ {2}caches/m)
  })
})

describe('profiles show', () => {
  it('lists the redirects, each with the line it stands in', async () => {
    const { prepared } = await mac(config('UV_CACHE_DIR = "~/.cache/uv"'), { profile: 'default' })
    const { policy } = prepared
    expect(policyText(policy, '/Users/u')).toMatch(
      /\n\[caches\]\n(?: .*\n)* {2}GOCACHE in \$CACHE\/go\/build +profiles\/toolchains\/go\.toml:\d+\n/,
    )
    expect(policyText(policy, '/Users/u')).toMatch(
      /^ {2}UV_CACHE_DIR in ~\/\.cache\/uv +~\/\.config\/launcher\/config\.toml:3$/m,
    )
    expect(JSON.parse(JSON.stringify(policyValue(policy)))).toMatchObject({
      caches: expect.arrayContaining([
        expect.objectContaining({ variable: 'GOCACHE', place: '$CACHE/go/build' }),
      ]) as unknown,
    })
  })
})

describe('explain', () => {
  it('lists each variable with its place and origin, and how to remove what is kept', async () => {
    const contract = await contractOn(
      config('UV_CACHE_DIR = "~/.cache/uv"\nPIP_CACHE_DIR = "$TMPDIR/pip"'),
    )
    const text = explainText(contract, [], plain)
    const directory = contract.resolution.caches.directory!
    expect(text).toContain(
      `caches in ${directory.replace('/Users/u', '~')}: this project's own, kept between runs\n`,
    )
    expect(text).toMatch(
      /^ {2}GOCACHE go\/build +profiles\/toolchains\/go\.toml:\d+ caches\.GOCACHE$/m,
    )
    expect(text).toContain(`  to remove them: chmod -R u+w ${directory} && rm -rf ${directory}\n`)
    expect(text).toMatch(
      /caches for this run alone\n {2}PIP_CACHE_DIR \/private\/tmp\/launcher-r-1\/pip /,
    )
    expect(text).toMatch(
      /caches shared: what the agent puts there the host may run\n {2}UV_CACHE_DIR ~\/\.cache\/uv /,
    )
    const made = text.slice(text.indexOf('made before the run'), text.indexOf('\nread\n'))
    expect(made).not.toContain('launcher/projects')
  })
})
