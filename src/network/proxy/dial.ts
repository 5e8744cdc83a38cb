import net from 'node:net'
import { canonicalAddress } from '../../policy/host-name.ts'
import { LOCALHOST_ADDRESSES } from '../../policy/host-pattern.ts'
import type { HostDecision } from '../hosts/rules.ts'
import { ownAddresses } from './resolve.ts'
import type { ProxyContext, Target } from './types.ts'

/** A connection, or the verdict on the addresses; every other failure is thrown. */
export type Dialled = { readonly socket: net.Socket } | { readonly refused: HostDecision }

/**
 * Resolves once, judges every address, and dials exactly the addresses that passed, one after the
 * other: what a name resolves to later is never asked, so a changing answer changes nothing. Throws
 * the last address's error; a look-up's error as it is; `ETIMEDOUT` at the deadline.
 */
export const dialDirect = async (
  context: ProxyContext,
  target: Target,
  deadline: number,
): Promise<Dialled> => {
  const found = await within(deadline, addressesOf(context, target))
  if (found.length === 0) throw failure('ENOTFOUND', 'the name has no address')
  const judged = found.map((text) => {
    const address = canonicalAddress(text) ?? text
    return {
      address,
      decision: context.rules.decideAddress(address, target.port, ownAddresses, target.host),
    }
  })
  const passed = judged.filter(({ decision }) => decision.allowed)
  if (passed.length === 0) return { refused: ofName(target, judged[0]!.decision) }
  let last: unknown
  for (const [index, { address }] of passed.entries()) {
    const left = deadline - Date.now()
    if (left <= 0) break
    try {
      return {
        socket: await connectTo(
          address,
          target.port,
          index < passed.length - 1 ? Math.min(left, context.limits.attemptMs) : left,
        ),
      }
    } catch (error) {
      last = error
    }
  }
  throw last ?? failure('ETIMEDOUT', 'no answer in time')
}

/** Fails with `ETIMEDOUT` when the promise takes longer than until the deadline. */
const within = async <T>(deadline: number, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(failure('ETIMEDOUT', 'no answer in time')),
      Math.max(0, deadline - Date.now()),
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** An error with a code, as the system's own have it. */
export const failure = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code })

/**
 * Options of every connection that launcher makes: both directions end on their own, small writes
 * leave at once.
 */
export const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const

const addressesOf = async (
  { resolver }: ProxyContext,
  { host }: Target,
): Promise<readonly string[]> =>
  host.kind === 'address'
    ? [host.text]
    : host.text === 'localhost'
      ? LOCALHOST_ADDRESSES
      : await resolver(host.text)

const ofName = ({ host }: Target, decision: HostDecision): HostDecision =>
  host.kind === 'address'
    ? decision
    : {
        ...decision,
        because: `${host.text} resolves to an address that is not granted: ${decision.because}`,
      }

const connectTo = (host: string, port: number, ms: number): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ ...SOCKET_OPTIONS, host, port })
    const timer = setTimeout(() => socket.destroy(failure('ETIMEDOUT', 'no answer in time')), ms)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
