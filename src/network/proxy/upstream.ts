import http from 'node:http'
import net from 'node:net'
import tls from 'node:tls'
import ipaddr from 'ipaddr.js'
import { LauncherError } from '../../errors.ts'
import { type CanonicalHost, authorityOf, canonicalAddress } from '../../policy/host-name.ts'
import type { Way } from '../hosts/rules.ts'
import { SOCKET_OPTIONS, failure } from './dial.ts'

/** The user's own proxy, as its variable names it. */
export interface UpstreamProxy {
  readonly isTls: boolean
  readonly host: string
  readonly port: number
  /** Value of `Proxy-Authorization`, from the user information of the URL. */
  readonly authorization: string | undefined
}

/** The proxy through which a host is reached; undefined for a direct connection. */
export type ChooseUpstream = (
  host: CanonicalHost,
  port: number,
  way: Way,
) => UpstreamProxy | undefined

/**
 * Reads `HTTPS_PROXY` (tunnels), `HTTP_PROXY` (plain HTTP), `ALL_PROXY` and `NO_PROXY` of
 * launcher's own environment; the lower-case spelling wins, as in curl. `NO_PROXY` holds `*`, hosts
 * with all names beneath them, addresses and networks (`10.0.0.0/8`), each with an optional port.
 * This machine is never reached through it. Throws `E_NETWORK` for a proxy that launcher cannot
 * speak to: going around it would be worse than not starting.
 */
export const upstreamOf = (env: Readonly<Record<string, string | undefined>>): ChooseUpstream => {
  const value = (name: string): string | undefined =>
    env[name.toLowerCase()] || env[name] || undefined
  const tunnels =
    readProxy('HTTPS_PROXY', value('HTTPS_PROXY')) ?? readProxy('ALL_PROXY', value('ALL_PROXY'))
  const plain =
    readProxy('HTTP_PROXY', value('HTTP_PROXY')) ?? readProxy('ALL_PROXY', value('ALL_PROXY'))
  const exceptions = (value('NO_PROXY') ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(readException)
  return (host, port, way) => {
    const proxy = way === 'http' ? plain : tunnels
    return proxy === undefined || isHere(host) || exceptions.some((covers) => covers(host, port))
      ? undefined
      : proxy
  }
}

/**
 * Connects to the user's proxy and, for a tunnel, asks it for the host; a plain request is sent to
 * it in absolute form.
 */
export const dialUpstream = async (
  proxy: UpstreamProxy,
  host: CanonicalHost,
  port: number,
  way: Way,
  ms: number,
): Promise<net.Socket> => {
  const options = { ...SOCKET_OPTIONS, host: proxy.host, port: proxy.port }
  const socket = proxy.isTls
    ? tls.connect({ ...options, ...(net.isIP(proxy.host) === 0 && { servername: proxy.host }) })
    : net.connect(options)
  const timer = setTimeout(
    () => socket.destroy(failure('ETIMEDOUT', 'your own proxy did not answer in time')),
    ms,
  )
  try {
    await new Promise<void>((resolve, reject) =>
      socket.once(proxy.isTls ? 'secureConnect' : 'connect', resolve).once('error', reject),
    )
    if (way === 'tunnel') await askForTunnel(socket, proxy, authorityOf(host, port))
    socket.removeAllListeners('error')
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

const askForTunnel = (
  socket: net.Socket,
  { authorization }: UpstreamProxy,
  authority: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      Host: authority,
      ...(authorization !== undefined && { 'Proxy-Authorization': authorization }),
    }
    const request = http.request({
      method: 'CONNECT',
      path: authority,
      headers,
      createConnection: () => socket,
    })
    request.once('error', reject)
    request.once('connect', ({ statusCode = 0 }, _, head) => {
      if (statusCode < 200 || statusCode > 299)
        return reject(failure('EUPSTREAM', `your own proxy answered ${statusCode}`))
      if (head.length > 0) socket.unshift(head)
      resolve()
    })
    request.end()
  })

const readProxy = (name: string, text: string | undefined): UpstreamProxy | undefined => {
  if (text === undefined) return undefined
  const address = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw new LauncherError(
      'E_NETWORK',
      `${name} names a proxy that launcher cannot use${url ? ` (${url.protocol}//)` : ''}.`,
      { hint: `Set it to http://HOST:PORT or https://HOST:PORT, or unset ${name}.` },
    )
  }
  const isTls = url.protocol === 'https:'
  const user = userOf(name, url)
  return {
    isTls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  }
}

const userOf = (name: string, { username, password }: URL): string => {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  } catch {
    throw new LauncherError(
      'E_NETWORK',
      `${name} has a user or a password with a broken %-escape.`,
      { hint: `Write a % of its own as %25, or unset ${name}.` },
    )
  }
}

type Covers = (host: CanonicalHost, port: number) => boolean

const readException = (entry: string): Covers => {
  if (entry === '*') return () => true
  if (ipaddr.isValidCIDR(entry)) {
    const [network, bits] = ipaddr.parseCIDR(entry)
    return ({ kind, text }) =>
      kind === 'address' &&
      ipaddr.parse(text).kind() === network.kind() &&
      ipaddr.parse(text).match(network, bits)
  }
  const [, name = entry, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  const stem = canonicalAddress(name) ?? name.replace(/^\*?\.|\.$/g, '')
  return (host, asked) =>
    (port === undefined || Number(port) === asked) &&
    (host.text === stem || (host.kind === 'name' && host.text.endsWith(`.${stem}`)))
}

const isHere = ({ kind, text }: CanonicalHost): boolean =>
  text === 'localhost' || (kind === 'address' && ipaddr.parse(text).range() === 'loopback')
