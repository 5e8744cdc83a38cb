/**
 * What a CONNECT asks for: the authority and the credentials as they came, and how many bytes its
 * head takes.
 */
export interface ConnectHead {
  readonly authority: string
  readonly authorization: string | undefined
  readonly length: number
}

/**
 * Reads the head of a CONNECT that is whole and plain, as every client sends it: most connections
 * of a run begin with one, and this takes a small part of the time of an HTTP parser. Undefined for
 * anything else (a part of a head, another method, a byte or a header that could mean two things):
 * that is the HTTP parser's to judge.
 */
export const readConnectHead = (bytes: Buffer): ConnectHead | undefined => {
  const text = bytes.toString('latin1', 0, MAX_PLAIN)
  const end = text.indexOf('\r\n\r\n')
  if (end < 0 || !text.startsWith('CONNECT ')) return undefined
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const authority = START.exec(start)?.[1]
  if (authority === undefined) return undefined
  let authorization: string | undefined
  for (const line of lines) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? []
    if (name === '') return undefined
    const lower = name.toLowerCase()
    if (
      lower === 'content-length' ||
      lower === 'transfer-encoding' ||
      (lower === 'proxy-authorization' && authorization !== undefined)
    )
      return undefined
    if (lower === 'proxy-authorization') authorization = value
  }
  return { authority, authorization, length: end + 4 }
}

const START = /^CONNECT ([!-~]+) HTTP\/1\.[01]$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([!-~](?:[\t -~]*[!-~])?)?[ \t]*$/
/** Far beyond what clients send; a longer head goes the long way. */
const MAX_PLAIN = 4096
