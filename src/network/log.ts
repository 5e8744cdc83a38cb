import type { ProxyEvent } from './proxy/types.ts'

/** What one run asked of one host and port, with one verdict. */
export interface HostLine {
  readonly host: string
  readonly port: number
  readonly decision: ProxyEvent['decision']
  readonly because: string
  /** The entry that decided, as written; null where none did. */
  readonly rule: string | null
  readonly count: number
  readonly bytesUp: number
  readonly bytesDown: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
  /** Codes of what went wrong on the way, each once. */
  readonly errors: readonly string[]
}

/** Most lines that are kept apart; a program that asks for ever new names fills no memory. */
const MAX_HOSTS = 5_000

/** Events by host, port and verdict: refused first, then by how often. */
export const summarise = (events: Iterable<ProxyEvent>): HostLine[] => {
  const lines = new Map<string, HostLine>()
  for (const event of events) {
    const key = `${event.decision} ${event.host} ${event.port}`
    const known = lines.get(key)
    if (!known && lines.size >= MAX_HOSTS) continue
    lines.set(key, {
      host: event.host,
      port: event.port,
      decision: event.decision,
      because: event.because,
      rule: event.rule ?? null,
      count: (known?.count ?? 0) + 1,
      bytesUp: (known?.bytesUp ?? 0) + event.bytesUp,
      bytesDown: (known?.bytesDown ?? 0) + event.bytesDown,
      first: Math.min(known?.first ?? event.time, event.time),
      last: Math.max(known?.last ?? event.time, event.time),
      errors: [
        ...new Set([...(known?.errors ?? []), ...(event.error === undefined ? [] : [event.error])]),
      ],
    })
  }
  return [...lines.values()].sort(
    (a, b) =>
      Number(a.decision === 'allowed') - Number(b.decision === 'allowed') ||
      b.count - a.count ||
      (a.host < b.host ? -1 : 1),
  )
}

/** One event as a line of the log. */
export const eventLine = (event: ProxyEvent): string => JSON.stringify(event)

/** The events of a log's text; lines that are none are left out. */
export const readEvents = (text: string): ProxyEvent[] =>
  text.split('\n').flatMap((line) => readEvent(line) ?? [])

const readEvent = (line: string): ProxyEvent | undefined => {
  if (line === '') return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isEvent = (value: unknown): value is ProxyEvent => {
  if (typeof value !== 'object' || value === null) return false
  const event = value as Record<string, unknown>
  return (
    ['host', 'because', 'kind'].every((key) => typeof event[key] === 'string') &&
    ['time', 'port', 'bytesUp', 'bytesDown', 'ms'].every((key) => typeof event[key] === 'number') &&
    (event['decision'] === 'allowed' || event['decision'] === 'refused')
  )
}
