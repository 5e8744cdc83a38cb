import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import { foldName, keepName } from '../../src/machine/fold.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { compileNames } from '../../src/resolve/patterns.ts'
import { scanTree } from '../../src/resolve/scan.ts'
import { cpuSince } from '../fixtures/cpu.ts'
import { dir, fakeHost, file, link, socket } from '../fixtures/fake-host.ts'

const at = (place: string) => place as AbsolutePath
const matcherFor = (patterns: readonly string[], fold = keepName) =>
  compileNames(
    patterns.map((pattern) => ({ root: undefined, pattern, rule: pattern })),
    fold,
  )

describe('scan', () => {
  const tree = {
    '/r/.env': 'x',
    '/r/a/.ENV': 'x',
    '/r/a/b/key.pem': 'x',
    '/r/node_modules/.env': 'x',
    '/r/sub/.git': file('gitdir: ../x'),
    '/r/nested/.git/HEAD': 'x',
    '/r/bare': dir({ HEAD: 'x', objects: dir(), refs: dir() }),
    '/r/s.sock': socket(),
    '/r/out': link('/etc'),
    '/r/.vscode/settings.json': 'x',
    '/r/a/.vscode/settings.json': 'x',
  }

  it.each([
    ['**/.env', keepName, ['/r/.env']],
    ['**/.env', foldName, ['/r/.env', '/r/a/.ENV']],
    ['**/*.pem', keepName, ['/r/a/b/key.pem']],
    [
      '**/.vscode/settings.json',
      keepName,
      ['/r/.vscode/settings.json', '/r/a/.vscode/settings.json'],
    ],
    ['.vscode/*.json', keepName, ['/r/.vscode/settings.json']],
    ['a/**/k?y.[op]em', keepName, ['/r/a/b/key.pem']],
  ])('finds %s', (pattern, fold, expected) => {
    const found = scanTree(fakeHost(tree), at('/r'), { matcher: matcherFor([pattern], fold) })
    expect(found.matches.map((match) => match.path).sort()).toEqual(expected)
  })

  it('finds repositories and sockets', () => {
    const found = scanTree(fakeHost(tree), at('/r'), { matcher: matcherFor([]) })
    expect([...found.repositories].sort((a, b) => (a.place < b.place ? -1 : 1))).toEqual([
      { place: '/r/bare', type: 'bare' },
      { place: '/r/nested', type: 'directory' },
      { place: '/r/sub', type: 'file' },
    ])
    expect(found.sockets).toEqual(['/r/s.sock'])
  })
})

describe('scan of 50,000 real files', () => {
  let root = ''
  beforeAll(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-scan-')))
    for (let d = 0; d < 1_000; d++) {
      const place = path.join(root, `d${d % 50}`, `s${d}`)
      fs.mkdirSync(place, { recursive: true })
      for (let i = 0; i < 50; i++) fs.writeFileSync(path.join(place, `file${i}.ts`), '')
    }
  })
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

  it('costs little more than listing the directories', () => {
    const host = realHost(process.cwd())
    const names = [
      '.env',
      '.envrc',
      '.vscode',
      '.idea',
      '.npmrc',
      '.netrc',
      '.mcp.json',
      '.husky',
      'mise.toml',
    ]
    const matcher = matcherFor([
      ...names.map((name) => `**/${name}`),
      '**/*.code-workspace',
      '**/.env.*.local',
      '**/lefthook.y*ml',
    ])
    const time = (work: () => void): number => {
      const start = process.cpuUsage()
      work()
      return cpuSince(start)
    }
    const list = (place: string): void => {
      for (const entry of host.list(place) ?? [])
        if (entry.type === 'directory') list(`${place}/${entry.name}`)
    }
    let entries = 0
    const runs = Array.from({ length: 7 }, () => ({
      listing: time(() => list(root)),
      scan: time(() => {
        entries = scanTree(host, at(root), { matcher }).entries
      }),
    }))
    const best = (key: 'listing' | 'scan'): number => Math.min(...runs.map((run) => run[key]))
    console.log(
      `scan: ${entries} entries, first ${runs[0]!.scan.toFixed(1)} ms, best ${best('scan').toFixed(1)} ms; listing alone ${best('listing').toFixed(1)} ms`,
    )
    expect(entries).toBe(51_050)
    // The share that is ours; the rest is readdir, which nothing but reading less can change.
    expect(best('scan')).toBeLessThan(best('listing') * 2 + 10)
  })
})
