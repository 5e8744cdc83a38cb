import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanLine, MAX_LINE } from '../../../src/explain/log/clean.ts'
import { readLog } from '../../../src/explain/log/read.ts'
import { cpuSince } from '../../fixtures/cpu.ts'

const MB = 1 << 20
const LINE = "PermissionError: [Errno 1] Operation not permitted: '/a'"

describe('a hostile log', () => {
  it.each([
    ['10 MB of lines that are all alike', `${LINE}\n`.repeat((10 * MB) / (LINE.length + 1))],
    [
      '10 MB of lines that all differ',
      Array.from(
        { length: 200_000 },
        (_, index) => `open /a${index}: permission denied, error`,
      ).join('\n'),
    ],
    ['one line of 10 MB', LINE.padEnd(10 * MB, ' not permitted')],
    ['10 MB of quotes and slashes', "npm ERR! '/: EPERM ".repeat((10 * MB) / 19)],
    ['10 MB of newlines', '\n'.repeat(10 * MB)],
    [
      'a traceback of 10 MB',
      `Traceback (most recent call last):\n${'  File "x"\n'.repeat(MB)}${LINE}`,
    ],
    ['10 MB of escape sequences', '\u001b]0;'.repeat(2 * MB)],
  ])('is read in bounded time and space: %s', (_, log) => {
    const start = process.cpuUsage()
    const { sightings, hasMore, skipped } = readLog(log)
    expect(cpuSince(start)).toBeLessThan(15_000)
    expect(sightings.length).toBeLessThanOrEqual(1_000)
    expect(sightings.every(({ raw }) => raw.length <= 1_000)).toBe(true)
    expect(skipped > 0 || hasMore || log.length < 5 * MB).toBe(true)
  })

  it('keeps its ends: what stands in the middle of too much is left out and said', () => {
    const filler = 'fine\n'.repeat(2 * MB)
    const { sightings, skipped } = readLog(`${LINE}\n${filler}open /b: permission denied\n`)
    expect(sightings.map(({ line, paths }) => [line, paths[0]])).toEqual([
      [1, '/a'],
      [2 * MB + 2, '/b'],
    ])
    expect(skipped).toBeGreaterThan(0)
  })

  it('can forge nothing on a terminal: no control, bidirectional or zero-width character is left', () => {
    const unsafe =
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/
    const [told] = readLog(
      `\u001b[31m\u202ePermissionError: [Errno 1] Operation not permitted: '/a\u0007\u202eb'\u001b[0m\u001b]0;title\u0007`,
    ).sightings
    expect(told?.raw).not.toMatch(unsafe)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const clean = cleanLine(text)
        expect(clean).not.toMatch(unsafe)
        expect(clean.length).toBeLessThanOrEqual(MAX_LINE)
        for (const { raw } of readLog(`${text}\n${LINE}${text}`).sightings)
          expect(raw).not.toMatch(unsafe)
      }),
    )
  })
})

describe('a report of many lines', () => {
  it.each([
    [
      'Python',
      `Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    open("/a")\n${LINE}`,
      4,
    ],
    [
      'Node',
      "node:fs:1\n  open(\n\nError: EPERM: operation not permitted, open '/a'\n    at x (y:1:1) {\n  errno: -1,\n  path: '/a'\n}",
      8,
    ],
    [
      'Go',
      'panic: open /a: permission denied\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x1d\nexit status 2',
      6,
    ],
    ['npm', 'npm ERR! code EACCES\nnpm ERR! syscall open\nnpm ERR! path /a\nnpm ERR! errno -13', 4],
    ['git', "fatal: unable to access '/a/config': Permission denied\nhint: try again", 2],
    [
      'Rust',
      'thread \'main\' panicked at src/main.rs:1:1:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 1 }: "/a": Operation not permitted (os error 1)\nnote: run with `RUST_BACKTRACE=1`',
      3,
    ],
  ])('is one failure: %s', (_, log, lines) => {
    const { sightings } = readLog(`before\n${log}\nafter it all`)
    expect(sightings).toHaveLength(1)
    expect(sightings[0]).toMatchObject({ line: 2, lines })
  })

  it('takes operation and path from the fields around the message', () => {
    expect(
      readLog('npm ERR! code EACCES\nnpm ERR! syscall mkdir\nnpm ERR! path /a/b').sightings,
    ).toMatchObject([{ row: 67, paths: ['/a/b'], error: 'EACCES' }])
    expect(
      readLog(
        `Traceback (most recent call last):\n  File "a.py", line 1\n    os.makedirs("/a")\n${LINE}`,
      ).sightings,
    ).toMatchObject([{ operation: 'mkdir', paths: ['/a'], error: 'EPERM' }])
  })
})
