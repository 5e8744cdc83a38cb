import { STATUS_CODES } from 'node:http'
import { authorityOf } from '../../policy/host-name.ts'
import type { HostDecision } from '../hosts/rules.ts'
import type { Failed } from './reach.ts'
import type { Target } from './types.ts'

/** An answer of launcher's own: a status line, headers, and two lines for whoever reads them. */
export interface OwnAnswer {
  readonly status: number
  readonly phrase: string
  readonly headers: readonly string[]
  readonly body: string
}

/**
 * 403 for a host that the policy does not grant: what was refused and why, then what would allow
 * it. The reason stands in the status line as well, because many clients show nothing else of an
 * answer to CONNECT.
 */
export const refusedAnswer = (target: Target, { because, hint }: HostDecision): OwnAnswer => {
  const host = authorityOf(target.host, target.port)
  return own(
    403,
    `Refused by launcher: ${because}`,
    ['X-Launcher-Refused', host],
    [`launcher refused ${host}: ${because}.`, hint ?? ''],
  )
}

/** 502 or 504 for a host that is granted and could not be reached: no refusal, and said so. */
export const failedAnswer = (target: Target, { status, code, message }: Failed): OwnAnswer => {
  const host = authorityOf(target.host, target.port)
  return own(
    status,
    STATUS_CODES[status] ?? '',
    ['X-Launcher-Error', code],
    [
      `launcher allows ${host}, but could not reach it: ${message} (${code}).`,
      'This is no refusal: the host or the network failed, and no flag or profile changes that.',
    ],
  )
}

/** 400 and its kin for what is no request that a proxy can pass on. */
export const badAnswer = (status: number, reason: string): OwnAnswer =>
  own(
    status,
    STATUS_CODES[status] ?? '',
    ['X-Launcher-Error', 'BAD_REQUEST'],
    [
      `launcher\u2019s proxy could not take this request: ${reason}.`,
      'It takes CONNECT host:port and requests for http://host/path, with the proxy variables of this run.',
    ],
  )

/** 407: the token is missing or another run's. */
export const unauthorisedAnswer = (): OwnAnswer =>
  own(
    407,
    'Proxy Authentication Required',
    ['Proxy-Authenticate', 'Basic realm="launcher", charset="UTF-8"'],
    [
      'launcher\u2019s proxy serves the programs of one run, and this request does not carry that run\u2019s token.',
      'Use the proxy variables as they are set inside the run (HTTPS_PROXY), user and password included.',
    ],
  )

/**
 * The answer as bytes, for connections that no HTTP server holds any more; the connection ends with
 * it.
 */
export const answerBytes = ({ status, phrase, headers, body }: OwnAnswer): Buffer => {
  const lines = [`HTTP/1.1 ${status} ${phrase}`]
  for (let index = 0; index < headers.length; index += 2)
    lines.push(`${headers[index]}: ${headers[index + 1]}`)
  return Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`)
}

const own = (
  status: number,
  phrase: string,
  headers: readonly string[],
  lines: readonly string[],
): OwnAnswer => {
  const body = `${lines.join('\n')}\n`
  const all = [
    'Content-Type',
    'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
    ...headers,
  ]
  return { status, phrase: oneLine(phrase), headers: all, body }
}

/** A profile's path can hold anything; a status line is short ASCII. */
const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '?').slice(0, 300)
