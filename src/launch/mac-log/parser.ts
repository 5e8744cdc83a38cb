import { readMessage, type SandboxMessage } from './message.ts'

/** A refusal of this run. */
export interface MacLogEvent extends SandboxMessage {
  /** How many times: more than one for a record that stands for repeats. */
  readonly count: number
  /** Milliseconds since the epoch; 0 where the record has no time. */
  readonly at: number
  /**
   * True when the program's name fills the kernel's field, so that the rest of it may be missing.
   */
  readonly isNameCut: boolean
}

/** Who hears what the log says. */
export interface MacLogListener {
  onEvent(event: MacLogEvent): void
  /** The stream is live: what is refused from now on can be seen. */
  onReady?(): void
}

/** What the log did not tell, in numbers; the log is a hint, its silence proves nothing. */
export interface MacLogGaps {
  /** Records that the log itself says it lost. */
  readonly lost: number
  /** Lines that were no records: cut short, too long, not JSON. */
  readonly unreadable: number
  /** Refusals without the run's tag whose process is not known to be the run's. */
  readonly unattributed: number
  /** Refusals whose path was withheld (`<private>`). */
  readonly withheld: number
}

export interface MacLogParser {
  /** A piece of standard output, cut anywhere, even inside a character. */
  feed(chunk: Uint8Array): void
  end(): void
  readonly gaps: MacLogGaps
}

const READY = 'Filtering the log data using'
/** The kernel keeps messages far below this; a longer line is not a record of ours. */
const MAX_LINE = 64 * 1024
/** Processes of a run that are remembered to attribute records without a tag. */
const MAX_PIDS = 100_000
/** MAXCOMLEN, and the longer field of newer systems. */
const NAME_FIELDS: ReadonlySet<number> = new Set([16, 32])

/**
 * Reads `log stream --style ndjson`. Only records of the kernel count: any program can write a line
 * that looks like one.
 */
export const createMacLogParser = (tag: string, listener: MacLogListener): MacLogParser => {
  const decoder = new TextDecoder('utf-8')
  const pids = new Set<number>()
  const gaps = { lost: 0, unreadable: 0, unattributed: 0, withheld: 0 }
  let rest = ''
  let isSkipping = false
  let isReady = false

  const ready = (): void => {
    if (isReady) return
    isReady = true
    listener.onReady?.()
  }

  const line = (text: string): void => {
    if (text.trim() === '') return
    if (text.startsWith(READY)) {
      ready()
      return
    }
    const record = parseRecord(text)
    if (record === undefined) {
      gaps.unreadable += 1
      return
    }
    ready()
    if (record['eventType'] === 'lossEvent') gaps.lost += lossOf(record)
    if (!isKernels(record)) return
    const message = typeof record['eventMessage'] === 'string' ? record['eventMessage'] : ''
    const isTagged = message.trimEnd().endsWith(`\n${tag}`)
    const read = readMessage(isTagged ? message.trimEnd().slice(0, -tag.length - 1) : message)
    if (read === undefined || read.isSystemPolicy) return
    if (isTagged && read.pid !== undefined && pids.size < MAX_PIDS) pids.add(read.pid)
    if (!isTagged && (read.pid === undefined || !pids.has(read.pid))) {
      gaps.unattributed += 1
      return
    }
    if (read.target.includes('<private>')) gaps.withheld += 1
    listener.onEvent({
      ...read,
      count: read.repeats ?? 1,
      at: timeOf(record['timestamp']),
      isNameCut: NAME_FIELDS.has(new TextEncoder().encode(read.program).length),
    })
  }

  return {
    gaps,
    feed: (chunk) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        if (isSkipping) isSkipping = false
        else line(text)
      }
      if (rest.length <= MAX_LINE) return
      if (!isSkipping) gaps.unreadable += 1
      isSkipping = true
      rest = ''
    },
    end: () => {
      if (!isSkipping) line(rest + decoder.decode())
      rest = ''
    },
  }
}

const parseRecord = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const isKernels = (record: Readonly<Record<string, unknown>>): boolean =>
  record['processID'] === 0 &&
  typeof record['senderImagePath'] === 'string' &&
  record['senderImagePath'].includes('/Sandbox')

const lossOf = (record: Readonly<Record<string, unknown>>): number => {
  const loss = record['lossCount']
  const count = typeof loss === 'object' && loss !== null && 'count' in loss ? loss.count : loss
  return typeof count === 'number' && Number.isFinite(count) && count > 0 ? count : 1
}

/** `2026-09-05 23:01:34.988314-0500`. */
const timeOf = (value: unknown): number => {
  const match =
    typeof value === 'string'
      ? /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\d*([+-]\d\d):?(\d\d)$/.exec(value)
      : null
  return match ? Date.parse(`${match[1]}T${match[2]}${match[3]}:${match[4]}`) : 0
}
