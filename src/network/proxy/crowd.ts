import type net from 'node:net'
import type { Seats } from '../seats.ts'
import type { Client, ProxyEvent } from './types.ts'

/** Who may be connected at once, and what is written about the others. */
export interface Crowd {
  /**
   * A seat for one more client; somebody else's when all are taken. Undefined when nobody can be
   * sent away.
   */
  admit(): (() => void) | undefined
  /** A connection that could not even be accepted. */
  failed(error: Error): void
  /** Writes what was not written yet. */
  close(): void
}

/** Milliseconds between two lines of the log: a flood of clients must not become one of lines. */
const PAUSE = 1_000

/**
 * The client that is sent away for a new one: the oldest without the token, then the oldest that
 * only keeps its connection.
 */
const victimOf = (clients: Iterable<Client>): Client | undefined => {
  let idle: Client | undefined
  for (const client of clients) {
    if (!client.isAuthorised) return client
    if (client.isIdle) idle ??= client
  }
  return idle
}

/** Keeps the clients of one proxy within its seats; those without the token go first. */
export const crowdOf = (
  clients: ReadonlyMap<net.Socket, Client>,
  seatsOf: () => Seats,
  log: (event: ProxyEvent) => void,
): Crowd => {
  const counts = { strangers: 0, others: 0 }
  let unsaid: string | undefined
  let timer: NodeJS.Timeout | undefined
  const write = (): void => {
    if (unsaid === undefined) return
    log(lineOf(unsaid))
    unsaid = undefined
  }
  const say = (because: string): void => {
    unsaid = because
    if (timer) return
    write()
    timer = setTimeout(() => {
      timer = undefined
      write()
    }, PAUSE)
    timer.unref()
  }
  const sentAway = (isAuthorised: boolean): void => {
    counts[isAuthorised ? 'others' : 'strangers'] += 1
    const { most, limit } = seatsOf()
    say(
      `${counts.strangers} connections without this run's token and ${counts.others} others were closed: the limit of ${limit} open files leaves room for ${most} at once (ulimit -n)`,
    )
  }
  return {
    admit: () => {
      const { clients: side } = seatsOf()
      const seat = side.take()
      if (seat) return seat
      const victim = victimOf(clients.values())
      sentAway(victim?.isAuthorised ?? true)
      if (!victim) return undefined
      victim.leave()
      return side.take()
    },
    failed: (error) =>
      say(
        `a connection to launcher's proxy could not be accepted: ${'code' in error ? String(error.code) : error.message}`,
      ),
    close: () => {
      clearTimeout(timer)
      write()
    },
  }
}

const lineOf = (because: string): ProxyEvent => ({
  time: Date.now(),
  kind: 'clients',
  host: 'launcher-proxy',
  port: 0,
  decision: 'refused',
  because,
  rule: undefined,
  origin: undefined,
  bytesUp: 0,
  bytesDown: 0,
  ms: 0,
})
