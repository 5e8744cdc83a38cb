import type net from 'node:net'
import type { Origin } from '../../policy/model.ts'
import type { CanonicalHost } from '../../policy/host-name.ts'
import type { HostDecision, HostRules, Way } from '../hosts/rules.ts'
import type { Seats } from '../seats.ts'
import type { ChooseUpstream } from './upstream.ts'

/** All addresses of a name, in the order in which they are tried; rejects when there is none. */
export type Resolver = (name: string) => Promise<readonly string[]>

/**
 * Asks a person about a host that no entry speaks of: the verdict, which may be the refusal as it
 * was.
 */
export type Ask = (target: Target, refusal: HostDecision) => Promise<HostDecision>

/** How the client spoke: a plain request, HTTP CONNECT, or SOCKS of any version. */
type ProxyKind = 'http' | 'connect' | 'socks'

/**
 * One line of the network log, given when the connection has ended (a refusal ends at once). Never
 * headers, paths or credentials.
 */
export interface ProxyEvent {
  /** Milliseconds since the epoch, when the client asked. */
  readonly time: number
  /**
   * `clients` is about connections that were closed because there were too many: no host was asked
   * for.
   */
  readonly kind: ProxyKind | 'clients'
  /**
   * In its one spelling; for a host that could not be read, what the client sent, made printable.
   */
  readonly host: string
  readonly port: number
  readonly decision: 'allowed' | 'refused'
  readonly because: string
  readonly rule: string | undefined
  readonly origin: Origin | undefined
  readonly bytesUp: number
  readonly bytesDown: number
  readonly ms: number
  /** Code of what went wrong on the way to the host; absent when nothing did. */
  readonly error?: string
}

/** Bounds on what a client can make launcher wait for or keep; milliseconds. */
export interface ProxyLimits {
  /** From the decision to a connection, look-up included. */
  readonly connectMs: number
  /** For one address while another one is left. */
  readonly attemptMs: number
  /**
   * For the whole of a request's head or a SOCKS handshake, idle time of a kept connection
   * included.
   */
  readonly headMs: number
  /** Silence after one direction of a tunnel has ended. */
  readonly halfClosedMs: number
  /** Pipelined requests that wait on one connection; more end it. */
  readonly pipelined: number
}

export interface ProxyOptions {
  readonly rules: HostRules
  /**
   * Secret of this run; clients give it as the password of any user name (HTTP, SOCKS5) or as the
   * user (SOCKS4).
   */
  readonly token: string
  /** Receives one event for each decision; must not throw. */
  readonly log: (event: ProxyEvent) => void
  /** The system's own by default. */
  readonly resolver?: Resolver
  /** The user's own proxy, if there is one: see `upstreamOf`. */
  readonly upstream?: ChooseUpstream
  /**
   * A server that listens already, on loopback (made here or elsewhere and handed over); one on
   * 127.0.0.1 by default.
   */
  readonly server?: net.Server
  readonly limits?: Partial<ProxyLimits>
  /**
   * How many connections there may be; by default as many as the limit on open files leaves. Asked
   * at each.
   */
  readonly seats?: (() => Seats) | undefined
  /** Without it, what no entry grants is refused at once. */
  readonly ask?: Ask | undefined
}

/** Counters since the start. */
interface ProxyStats {
  readonly clients: number
  readonly clientsAtOnce: number
  readonly allowed: number
  readonly refused: number
  /** Requests without this run's token. */
  readonly unauthorised: number
}

export interface Proxy {
  readonly address: string
  readonly port: number
  /** Takes a connection that was accepted elsewhere. */
  serve(socket: net.Socket): void
  stats(): ProxyStats
  /** Stops listening, ends every connection, and resolves when all are closed. */
  close(): Promise<void>
}

/** Where a client wants to go. */
export interface Target {
  readonly kind: ProxyKind
  readonly way: Way
  readonly host: CanonicalHost
  readonly port: number
}

/** One connection of a client. */
export interface Client {
  readonly socket: net.Socket
  /** Starts (again) the time that a head may take. */
  expectHead(): void
  headArrived(): void
  /** Requests that were read and are not answered. */
  pending: number
  /** True while one of them is being answered. */
  isAnswering: boolean
  /** True once it has shown this run's token. */
  isAuthorised: boolean
  /** True while it only keeps its connection: nothing was asked that is not answered. */
  readonly isIdle: boolean
  /** Ends it and frees its seat. */
  leave(): void
  /** Ends when the last request read so far is answered. */
  tail: Promise<void>
}

/** What the parts of one proxy share. */
export interface ProxyContext {
  readonly rules: HostRules
  readonly resolver: Resolver
  readonly upstream: ChooseUpstream
  readonly ask: Ask | undefined
  readonly limits: ProxyLimits
  readonly log: (event: ProxyEvent) => void
  readonly isToken: (candidate: string) => boolean
  readonly counts: { clients: number; allowed: number; refused: number; unauthorised: number }
  readonly clients: Map<net.Socket, Client>
  readonly seats: () => Seats
  /**
   * Keeps a connection to a host so that `close` can end it; false when the proxy has closed
   * meanwhile.
   */
  keep(socket: net.Socket): boolean
}
