import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/machine/host.ts'
import { realHost } from '../../src/machine/real/host.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import { shapeOf } from '../../src/policy/boundaries.ts'
import { indexPolicy } from '../../src/policy/index.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { parseBuiltins } from '../../src/profile/builtin.ts'
import { chooseProfile } from '../../src/profile/choose.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import { resolveProject } from '../run/harness.ts'
import { resolvePolicy } from '../../src/resolve/resolve.ts'
import { createWalker } from '../../src/machine/walk.ts'
import { cpuSince } from '../fixtures/cpu.ts'
import { fakeHost, file, link } from '../fixtures/fake-host.ts'

const counting = (
  host: Host,
): {
  readonly host: Host
  readonly calls: { lstat: number; readlink: number; list: number; read: number }
} => {
  const calls = { lstat: 0, readlink: 0, list: 0, read: 0 }
  return {
    calls,
    host: {
      ...host,
      lstat: (path) => (calls.lstat++, host.lstat(path)),
      readlink: (path) => (calls.readlink++, host.readlink(path)),
      list: (path) => (calls.list++, host.list(path)),
      read: (path, limit) => (calls.read++, host.read(path, limit)),
    },
  }
}

const builtIn = async (name: string) => {
  const request = { ...emptyRequest, name }
  const host = realHost(process.cwd())
  const builtins = await parseBuiltins(host)
  return {
    request,
    policy: await loadPolicy(request, host, builtins, chooseProfile(request, host, builtins)),
  }
}

describe('the built-in profiles on this machine', () => {
  it.each(['default', 'vibe', 'claude', 'codex'])(
    '%s resolves, cheaply, with an origin for everything',
    async (name) => {
      const { request, policy } = await builtIn(name)
      const fake = fakeHost(
        {
          '/home/u/p/.git/config': '',
          '/home/u/p/a/.env': 'x',
          '/usr/bin/git': file('x'),
          '/bin': link('usr/bin'),
          '/home/u/.vibe/config.toml': '',
        },
        { env: { PATH: '/usr/bin:/bin' } },
      )
      const { host, calls } = counting(fake)
      const walk = createWalker(host)
      const { project, isBroad } = resolveProject(request, host, policy, { walk })
      const { resolved } = await resolvePolicy(policy, request, host, {
        project,
        isBroad,
        walk,
        runTmp: '/tmp/launcher-r' as AbsolutePath,
      })
      const entries = [
        ...resolved.grants,
        ...resolved.protections,
        ...resolved.patterns,
        ...resolved.hops,
        ...resolved.stats,
        ...resolved.lifts,
      ]
      expect(
        entries.filter((entry) => entry.origin.file === '' || entry.origin.key === ''),
      ).toEqual([])
      expect(calls.lstat).toBeLessThan(800)
      const shape = shapeOf(indexPolicy(resolved))
      console.log(
        `${name}: ${policy.grants.length} grants and ${policy.protections.length} protections as written; ${calls.lstat} lstat, ${calls.list} list; ${shape.boundaries.length} boundaries, ${resolved.protections.filter((one) => !one.exists).length} held`,
      )
    },
  )

  it('the time it takes with the real file system', async () => {
    const { request, policy } = await builtIn('default')
    const place = `${process.cwd()}/src/policy` as AbsolutePath
    const times: number[] = []
    let calls = { lstat: 0, readlink: 0, list: 0, read: 0 }
    for (let i = 0; i < 6; i++) {
      const counted = counting({
        ...realHost(process.cwd()),
        env: { PATH: process.env['PATH'] },
        cwd: place,
        installation: '/nowhere' as AbsolutePath,
      })
      const start = process.cpuUsage()
      await resolvePolicy(policy, request, counted.host, { project: place, isBroad: false })
      times.push(cpuSince(start))
      calls = counted.calls
    }
    console.log(
      `resolve on this machine: first ${times[0]!.toFixed(1)} ms, best ${Math.min(...times).toFixed(1)} ms; ${JSON.stringify(calls)}`,
    )
  })
})

describe('bare stores of package managers and agents on macOS', () => {
  it.each([
    ['cargo', 'CARGO_HOME', 'git/db/serde-1'],
    ['uv', 'UV_CACHE_DIR', 'git-v0/db/1'],
    ['go', 'GOMODCACHE', 'cache/vcs/1'],
    ['pnpm', 'TMPDIR', 'store/1'],
    ['OpenCode', '~/.local/share/opencode', 'snapshot/1'],
  ])('%s makes one', async (_, place, rest) => {
    const { request, policy } = await builtIn('opencode')
    const host = fakeHost({ '/home/u/p/.git/config': '' }, { platform: 'macos' })
    const { project, isBroad } = resolveProject(request, host, policy, {
      walk: createWalker(host),
    })
    const { resolved, caches } = await resolvePolicy(policy, request, host, {
      project,
      isBroad,
      runTmp: '/private/tmp/launcher-r' as AbsolutePath,
    })
    const known = new Map([
      ...caches.entries.map(({ variable, path }) => [variable, path] as const),
      ['TMPDIR', '/private/tmp/launcher-r'],
    ])
    const root = known.get(place) ?? place.replace('~', '/home/u')
    const { decide } = compilePolicy(resolved)
    const can = (at: string) => decide('create', at as AbsolutePath).allowed
    expect([can(`${root}/${rest}/HEAD`), can(`/home/u/p/${rest}/HEAD`)]).toEqual([true, false])
  })
})
