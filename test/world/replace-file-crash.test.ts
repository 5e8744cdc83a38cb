import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { where } from '../e2e/where.ts'

const OLD = `old = "${'o'.repeat(20_000)}"\n`
const NEW = `new = "${'n'.repeat(30_000)}"\n`

let folder = ''
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-replace-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

let count = 0
const freshFile = (mode = 0o640): string => {
  const directory = path.join(folder, String(count++))
  fs.mkdirSync(directory)
  const file = path.join(directory, 'config.toml')
  fs.writeFileSync(file, OLD)
  fs.chmodSync(file, mode)
  return file
}

const names = (file: string): string[] => fs.readdirSync(path.dirname(file)).sort()

const whyNoStrace = (): string | undefined =>
  spawnSync('strace', ['-f', '-e', 'inject=getpid:error=EPERM', '/bin/true']).status === 0
    ? undefined
    : 'strace cannot trace here'

/** The system calls that a write may be made of. */
const CALLS = [
  'openat',
  'open',
  'write',
  'pwrite64',
  'fsync',
  'fchmod',
  'fchown',
  'rename',
  'renameat',
  'renameat2',
  'close',
  'read',
  'pread64',
  'fstat',
  'statx',
  'newfstatat',
  'unlink',
  'rmdir',
]

describe('a crash at any system call', () => {
  where(whyNoStrace())('leaves the whole old or the whole new content', () => {
    const bundle = path.join(folder, 'replace.mjs')
    execFileSync(path.resolve(import.meta.dirname, '../../node_modules/.bin/esbuild'), [
      path.resolve(import.meta.dirname, '../../src/machine/own/replace-file.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      `--outfile=${bundle}`,
      '--log-level=error',
    ])
    const program = path.join(folder, 'program.mjs')
    // A stat of a name that is nowhere marks where the write begins; one of another its end.
    fs.writeFileSync(
      program,
      `import fs from 'node:fs'\nimport { replaceFile } from '${bundle}'\nconst [file] = process.argv.slice(2)\nconst before = fs.readFileSync(file, 'utf8')\nfs.existsSync('/launcher-begin')\nreplaceFile({ file, before, after: ${JSON.stringify(NEW)} })\nfs.existsSync('/launcher-end')\n`,
    )
    const trace = (args: readonly string[], file: string) =>
      spawnSync(
        'strace',
        ['-f', '-qq', '-s', '64', ...args, process.execPath, '--single-threaded', program, file],
        { encoding: 'utf8', timeout: 280_000, maxBuffer: 1 << 26 },
      )

    const marks = ['access', 'faccessat', 'faccessat2'].map((name) => `?${name}`)
    const log = trace(
      ['-e', `trace=${[...marks, ...CALLS.map((name) => `?${name}`)].join(',')}`],
      freshFile(),
    ).stderr.split('\n')
    const called = log.map((line) => /^(?:\[pid +\d+\] )?([a-z0-9]+)\(/.exec(line)?.[1])
    const begin = log.findIndex((line) => line.includes('launcher-begin'))
    const end = log.findIndex((line) => line.includes('launcher-end'))
    expect([begin > 0, end > begin]).toEqual([true, true])
    // Node's own threads make the count of a call differ from run to run: each is met some way
    // before and after, too.
    const points = [...new Set(called.slice(begin, end))].flatMap((name) => {
      if (name === undefined || !CALLS.includes(name)) return []
      const count = (to: number): number => called.slice(0, to).filter((one) => one === name).length
      const first = Math.max(1, count(begin) - 8)
      return Array.from({ length: count(end) + 3 - first }, (_, index) => ({
        name,
        when: first + index,
      }))
    })

    const killed = new Map<string, Set<string>>()
    for (const { name, when } of points) {
      const file = freshFile()
      const { stderr } = trace(
        [
          '-e',
          `trace=${[...marks, name].join(',')}`,
          '-e',
          `inject=${name}:signal=KILL:when=${when}`,
        ],
        file,
      )
      const content = fs.readFileSync(file, 'utf8')
      expect.soft(content === OLD || content === NEW, `killed at ${name} ${when}`).toBe(true)
      for (const other of names(file).filter((one) => one.endsWith('.bak')))
        expect
          .soft(OLD.startsWith(fs.readFileSync(path.join(path.dirname(file), other), 'utf8')))
          .toBe(true)
      const isInside = stderr.includes('launcher-begin') && !stderr.includes('launcher-end')
      if (isInside)
        killed.set(name, (killed.get(name) ?? new Set()).add(content === OLD ? 'old' : 'new'))
    }
    // Each kind of call was met inside the write, before the rename and after it: so that the test
    // did what it is for.
    expect([...killed.keys()]).toEqual(
      expect.arrayContaining(['openat', 'write', 'fsync', 'close', 'rename']),
    )
    expect([...new Set([...killed.values()].flatMap((contents) => [...contents]))].sort()).toEqual([
      'new',
      'old',
    ])
  })
})
