import type net from 'node:net'
import type { HostDecision } from '../hosts/rules.ts'
import { type Dialled, dialDirect, failure } from './dial.ts'
import { ownAddresses } from './resolve.ts'
import type { ProxyContext, Target } from './types.ts'
import { type UpstreamProxy, dialUpstream } from './upstream.ts'

/** The host was granted and did not answer. */
export interface Failed {
  readonly status: 502 | 504
  readonly code: string
  readonly message: string
}

/**
 * What became of a client's wish. `through` is the user's own proxy, which needs a plain request in
 * absolute form.
 */
export type Reached =
  | {
      readonly kind: 'open'
      readonly socket: net.Socket
      readonly through: UpstreamProxy | undefined
    }
  | { readonly kind: 'refused'; readonly decision: HostDecision }
  | { readonly kind: 'failed'; readonly failed: Failed }

/**
 * Decides, then looks the name up, judges the addresses and connects; writes the one line of the
 * log, for a connection when it has closed.
 */
export const reach = async (context: ProxyContext, target: Target): Promise<Reached> => {
  const start = Date.now()
  const verdict = context.rules.decide(target.host, target.port, target.way)
  const decision =
    verdict.allowed || verdict.rule !== undefined || !context.ask
      ? verdict
      : await context.ask(target, verdict)
  if (!decision.allowed) return refused(context, target, decision, start)
  context.counts.allowed += 1
  const through = context.upstream(target.host, target.port, target.way)
  let seat: (() => void) | undefined
  try {
    seat = await context.seats().hosts.wait(start + context.limits.connectMs)
    if (!seat) throw failure('EMFILE', 'too many connections at once (ulimit -n)')
    const dialled = await (through
      ? dialThrough(context, through, target)
      : dialDirect(context, target, Date.now() + context.limits.connectMs))
    if ('refused' in dialled) {
      seat()
      context.counts.allowed -= 1
      return refused(context, target, dialled.refused, start)
    }
    watch(context, target, decision, start, dialled.socket)
    dialled.socket.once('close', seat)
    if (!context.keep(dialled.socket)) throw failure('ECANCELED', 'the run has ended')
    return { kind: 'open', socket: dialled.socket, through }
  } catch (error) {
    seat?.()
    const failed = failedOf(error)
    if (failed.code !== 'ECANCELED') write(context, target, decision, start, { error: failed.code })
    return { kind: 'failed', failed }
  }
}

/**
 * Writes the line for a request that names no host which could be decided on; `sent` is what it
 * named.
 */
export const refuseUnread = (
  context: ProxyContext,
  kind: Target['kind'],
  sent: string,
  port: number,
  because: string,
): void => {
  const decision = { allowed: false, rule: undefined, origin: undefined, because, hint: undefined }
  const text = sent.slice(0, 255).replace(/[^\x21-\x7e]/g, '?')
  refused(
    context,
    { kind, way: 'tunnel', host: { kind: 'name', text }, port },
    decision,
    Date.now(),
  )
}

/** A name is for the user's own proxy to resolve; an address is judged here as always. */
const dialThrough = async (
  context: ProxyContext,
  through: UpstreamProxy,
  { host, port, way }: Target,
): Promise<Dialled> => {
  if (host.kind === 'address') {
    const decision = context.rules.decideAddress(host.text, port, ownAddresses)
    if (!decision.allowed) return { refused: decision }
  }
  return { socket: await dialUpstream(through, host, port, way, context.limits.connectMs) }
}

const refused = (
  context: ProxyContext,
  target: Target,
  decision: HostDecision,
  start: number,
): Reached => {
  context.counts.refused += 1
  write(context, target, decision, start, {})
  return { kind: 'refused', decision }
}

const watch = (
  context: ProxyContext,
  target: Target,
  decision: HostDecision,
  start: number,
  socket: net.Socket,
): void => {
  // What was spoken with the user's own proxy before is no traffic of the agent.
  const [up, down] = [socket.bytesWritten, socket.bytesRead]
  let error: string | undefined
  socket.on('error', (cause) => {
    error = failedOf(cause).code
  })
  socket.once('close', () =>
    write(context, target, decision, start, {
      bytesUp: socket.bytesWritten - up,
      bytesDown: socket.bytesRead - down,
      ...(error !== undefined && { error }),
    }),
  )
}

interface Outcome {
  readonly bytesUp?: number
  readonly bytesDown?: number
  readonly error?: string
}

const write = (
  context: ProxyContext,
  { kind, host, port }: Target,
  { allowed, because, rule, origin }: HostDecision,
  time: number,
  outcome: Outcome,
): void =>
  context.log({
    time,
    kind,
    host: host.text,
    port,
    decision: allowed ? 'allowed' : 'refused',
    because,
    rule,
    origin,
    bytesUp: 0,
    bytesDown: 0,
    ms: Date.now() - time,
    ...outcome,
  })

const failedOf = (error: unknown): Failed => {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'EUNKNOWN'
  return {
    status: code === 'ETIMEDOUT' ? 504 : 502,
    code,
    message: MESSAGES[code] ?? (error instanceof Error ? error.message : 'unknown error'),
  }
}

const MESSAGES: Readonly<Record<string, string>> = {
  EAI_AGAIN: 'the name could not be looked up',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to its network',
  ENOTFOUND: 'the name does not exist',
  ETIMEDOUT: 'no answer in time',
}
