import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logArguments } from '../../../src/launch/mac-log/command.ts'
import { readMessage } from '../../../src/launch/mac-log/message.ts'
import {
  createMacLogParser,
  type MacLogEvent,
  type MacLogGaps,
} from '../../../src/launch/mac-log/parser.ts'
import { CORPUS } from './corpus.ts'

const TAG = 'launcher-20260905-abc123'
const READY = `Filtering the log data using "eventMessage CONTAINS \\"${TAG}\\""\n`

/**
 * A record as `log stream --style ndjson` printed it on Darwin 25.5 (fields that tell nothing left
 * out; slashes escaped).
 */
const record = (message: string, fields: Readonly<Record<string, unknown>> = {}): string =>
  `${JSON.stringify({
    messageType: 'Error',
    subsystem: '',
    category: '',
    userID: 0,
    processID: 0,
    processImagePath: '/kernel',
    senderImagePath: '/System/Library/Extensions/Sandbox.kext/Contents/MacOS/Sandbox',
    timestamp: '2026-09-05 23:01:34.988314-0500',
    eventMessage: message,
    ...fields,
  }).replaceAll('/', '\\/')}\n`

const tagged = (message: string, fields?: Readonly<Record<string, unknown>>): string =>
  record(`${message}\n${TAG}`, fields)

const read = (
  text: string,
  cuts: readonly number[] = [],
): {
  readonly events: readonly MacLogEvent[]
  readonly gaps: MacLogGaps
  readonly ready: number
} => {
  const events: MacLogEvent[] = []
  let ready = 0
  const parser = createMacLogParser(TAG, {
    onEvent: (event) => events.push(event),
    onReady: () => (ready += 1),
  })
  const bytes = Buffer.from(text)
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let index = 1; index < at.length; index++)
    parser.feed(bytes.subarray(at[index - 1], at[index]))
  parser.end()
  return { events, gaps: parser.gaps, ready }
}

describe('published records', () => {
  it.each(CORPUS)('$source: $text', ({ text, says }) => {
    const [event] = read(tagged(text)).events.map(({ program, pid, operation, target }) => ({
      program,
      pid,
      operation,
      target,
    }))
    if (says === undefined) {
      expect(event).toBeUndefined()
      expect(readMessage(text)?.isSystemPolicy).toBe(true)
    } else if (says.pid === undefined) {
      // The older form of a repeat names no process, but it carries the tag.
      expect(event).toEqual({
        program: says.program,
        pid: undefined,
        operation: says.operation,
        target: says.target,
      })
    } else
      expect(event).toEqual({
        program: says.program,
        pid: says.pid,
        operation: says.operation,
        target: says.target,
      })
    expect(read(tagged(text)).events[0]?.count ?? says?.count ?? 1).toBe(says?.count ?? 1)
  })

  it('say the same wherever the stream is cut, in bursts or byte by byte', () => {
    const text =
      READY +
      CORPUS.map((one) => tagged(one.text)).join('') +
      tagged('Sandbox: caf\u00e9(7) deny(1) file-read-data /Users/u/\u{1f600} x\u0000')
    const whole = read(text)
    expect(whole.events.length).toBe(CORPUS.filter(({ says }) => says).length + 1)
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000), { maxLength: 60 }),
        (cuts) => void expect(read(text, cuts)).toEqual(whole),
      ),
    )
    expect(
      read(
        text,
        Array.from({ length: Buffer.byteLength(text) }, (_, index) => index),
      ),
    ).toEqual(whole)
  })
})

describe('a stream', () => {
  it('is ready at its first line, once', () => {
    expect(read(`${READY}${tagged('Sandbox: a(1) deny(1) file-read-data /x')}`).ready).toBe(1)
    expect(read('').ready).toBe(0)
  })

  it.each([
    ['another run', record('Sandbox: a(1) deny(1) file-read-data /x\nlauncher-other')],
    ['no run', record('Sandbox: a(1) deny(1) file-read-data /x')],
    ['a tag in the middle of a path', record(`Sandbox: a(1) deny(1) file-read-data /x\n${TAG}/y`)],
  ])('leaves out and counts what is of %s', (_, text) => {
    expect(read(text)).toMatchObject({ events: [], gaps: { unattributed: 1 } })
  })

  it.each([
    [
      'a program that writes the same words',
      tagged('Sandbox: a(1) deny(1) file-read-data /x', { processID: 4711 }),
    ],
    [
      'another part of the kernel',
      tagged('Sandbox: a(1) deny(1) file-read-data /x', { senderImagePath: '/kernel' }),
    ],
    ['an allowance', tagged('Sandbox: a(1) allow file-read-data /x')],
    ['the platform policy', tagged('Sandbox: a(1) System Policy: deny(1) file-read-data /x')],
    ['the last line', '{"count":3,"finished":1}\n'],
  ])('is not fooled by %s', (_, text) => {
    expect(read(text)).toMatchObject({ events: [], gaps: { unattributed: 0, unreadable: 0 } })
  })

  it("attributes what carries no tag to a process that was the run's", () => {
    expect(
      read(
        tagged('Sandbox: bash(9) deny(1) file-read-data /x') +
          record('Sandbox: bash(9) deny(1) forbidden-exec-sugid'),
      ).events.map(({ operation }) => operation),
    ).toEqual(['read', 'forbidden-exec-sugid'])
  })

  it('counts repeats, names that were cut, paths that were withheld, records that were lost or broken', () => {
    const { events, gaps } = read(
      `${tagged('12 duplicate reports for Sandbox: node(9) deny(1) file-read-data /x')}${tagged('Sandbox: abcdefghijklmnop(9) deny(1) file-read-data <private>')}{"eventType":"lossEvent","lossCount":{"count":7}}\n{"eventMessage":\n${'x'.repeat(100_000)}\n`,
    )
    expect(events).toMatchObject([
      { count: 12, repeats: 12 },
      { isNameCut: true, target: '<private>' },
    ])
    expect(gaps).toEqual({ lost: 7, unreadable: 2, unattributed: 0, withheld: 1 })
  })

  it('keeps odd targets whole: spaces, newlines, brackets, what looks like another record', () => {
    const target = '/Users/u/a b\n(c) deny(1) file-write-data \u00e9'
    expect(
      read(tagged(`Sandbox: Code Helper (Renderer)(9) deny(1) file-write-create ${target}`)).events,
    ).toMatchObject([{ program: 'Code Helper (Renderer)', pid: 9, operation: 'create', target }])
  })

  it.each([
    ['file-ioctl path:/dev/ttys003 ioctl-command:(_IO "t" 21)', 'write', 'path', '/dev/ttys003'],
    ['network-outbound 1.2.3.4:443', 'connect', 'address', '1.2.3.4:443'],
    ['network-outbound', 'connect', 'address', ''],
    ['process-exec* /bin/x', 'exec', 'path', '/bin/x'],
    ['signal others [node(12)]', 'signal', 'service', 'others [node(12)]'],
    ['sysctl-read kern.x', 'sysctl-read', 'service', 'kern.x'],
    ['file-write-unlink /x', 'unlink', 'path', '/x'],
  ])('reads %s', (text, operation, kind, target) => {
    expect(read(tagged(`Sandbox: a(1) deny(1) ${text}`)).events).toMatchObject([
      { operation, kind, target },
    ])
  })

  it('bears anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 500 }),
        (text) => void read(`${text}\n${record(text)}${tagged(text)}`),
      ),
    )
  })

  it("is asked for by the run's tag and by the kernel's Sandbox alone; a tag can smuggle in nothing", () => {
    const [, , , , predicate = ''] = logArguments(TAG)
    expect(logArguments(TAG).slice(0, 4)).toEqual(['stream', '--style', 'ndjson', '--predicate'])
    expect(predicate).toContain(`"${TAG}"`)
    expect(logArguments('x" OR 1=1 OR "')[4]).toContain('"xOR11OR"')
  })
})
