import type { IncomingMessage } from 'node:http'

/**
 * Headers of a message that go on to the next hop, as a flat list in their order and spelling:
 * without those of this hop, which RFC 9110, section 7.6.1, and the message's own Connection header
 * name.
 */
export const onwardHeaders = (
  { rawHeaders, headers }: IncomingMessage,
  without: readonly string[] = [],
): string[] => {
  const named = (headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const dropped = new Set([...HOP_BY_HOP, ...without, ...named])
  const onward: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index]!, rawHeaders[index + 1]!]
    if (!dropped.has(name.toLowerCase())) onward.push(name, value)
  }
  return onward
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
