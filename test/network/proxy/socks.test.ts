import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type StandIn,
  type World,
  echoHost,
  exchange,
  openWorld,
  rawClient,
  TOKEN,
} from './stand-ins.ts'

let echo: StandIn
let world: World
beforeAll(async () => {
  echo = await echoHost()
  world = await openWorld({
    allow: [
      `a.test:${echo.port}`,
      `127.0.0.1:${echo.port}`,
      `localhost:${echo.port}`,
      'closed.test:1',
      '127.0.0.1:1',
    ],
  })
})
afterAll(async () => {
  await Promise.all([world.close(), echo.close()])
})

const port = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const text = (value: string | Buffer): Buffer =>
  Buffer.concat([Buffer.of(Buffer.byteLength(value)), Buffer.from(value)])
const greeting = Buffer.of(5, 2, 0, 2)
const password = (token: string = TOKEN, user = 'run'): Buffer =>
  Buffer.concat([Buffer.of(1), text(user), text(token)])
const named = (host: string | Buffer, to: number, command = 1): Buffer =>
  Buffer.concat([Buffer.of(5, command, 0, 3), text(host), port(to)])
const socks5 = (request: Buffer): Promise<string> =>
  exchange(world.proxy.port, Buffer.concat([greeting, password(), request]))
const socks4 = (
  host: readonly number[],
  to: number,
  user: string,
  name?: string,
  command = 1,
): Buffer =>
  Buffer.concat([
    Buffer.of(4, command),
    port(to),
    Buffer.from([...host]),
    Buffer.from(`${user}\0`),
    Buffer.from(name === undefined ? '' : `${name}\0`),
  ])

const OPENED = '\x05\x02\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00'

describe('SOCKS5', () => {
  it.each([
    ['a name', () => named('a.test', echo.port)],
    ['a name in capitals with a final dot', () => named('A.Test.', echo.port)],
    ['IPv4', () => Buffer.concat([Buffer.of(5, 1, 0, 1, 127, 0, 0, 1), port(echo.port)])],
    ['IPv4 as a name', () => named('0x7f.1', echo.port)],
    [
      'IPv4 inside IPv6',
      () =>
        Buffer.concat([
          Buffer.of(5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1),
          port(echo.port),
        ]),
    ],
    ['localhost', () => named('localhost', echo.port)],
  ])('opens a tunnel for %s', async (_, request) => {
    const client = rawClient(
      world.proxy.port,
      Buffer.concat([greeting, password(), request(), Buffer.from('early ')]),
    )
    await client.until('early ')
    client.socket.end('late')
    expect(await client.end()).toBe(`${OPENED}early late`)
  })

  it('takes its messages one byte at a time', async () => {
    const client = rawClient(world.proxy.port)
    client.socket.setNoDelay(true)
    for (const byte of Buffer.concat([greeting, password(), named('a.test', echo.port)])) {
      client.socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.until(OPENED)
    client.socket.end()
    await client.end()
  })

  it.each([
    ['an ungranted name', () => named('evil.test', 443), 2],
    ['a granted name on another port', () => named('a.test', 22), 2],
    [
      'an address that is not granted',
      () => Buffer.concat([Buffer.of(5, 1, 0, 1, 10, 0, 0, 1), port(443)]),
      2,
    ],
    ['a NUL in the name', () => named('a.test\0.evil.test', echo.port), 2],
    ['a NUL after the name', () => named('a.test\0', echo.port), 2],
    ['bytes that are not UTF-8', () => named(Buffer.of(0x61, 0xff, 0x2e, 0x62), echo.port), 2],
    ['a newline in the name', () => named('a.test\n', echo.port), 2],
    ['a slash', () => named('a.test/', echo.port), 2],
    ['a zone', () => named('fe80::1%lo', echo.port), 2],
    ['an empty name', () => named('', echo.port), 2],
    ['port 0', () => named('a.test', 0), 2],
    ['a granted host that refuses', () => named('closed.test', 1), 5],
    ['BIND', () => named('a.test', echo.port, 2), 7],
    ['UDP', () => named('a.test', echo.port, 3), 7],
    [
      'an address type that does not exist',
      () => Buffer.concat([Buffer.of(5, 1, 0, 9, 1, 1), port(443)]),
      8,
    ],
  ])('answers %s with code %2$i', async (_, request, code) => {
    const answer = await socks5(request())
    expect([answer.charCodeAt(4), answer.charCodeAt(5), answer.length]).toEqual([5, code, 14])
  })

  it.each([
    ['no method but none', Buffer.of(5, 1, 0), '\x05\xff'],
    ['no method at all', Buffer.of(5, 0), '\x05\xff'],
    ['a wrong token', Buffer.concat([greeting, password('wrong')]), '\x05\x02\x01\x01'],
    ['an empty token', Buffer.concat([greeting, password('')]), '\x05\x02\x01\x01'],
    [
      'another version of the password message',
      Buffer.concat([greeting, Buffer.of(5, 1, 0, 1)]),
      '\x05\x02',
    ],
  ])('with %s opens nothing', async (_, bytes, answer) => {
    const before = world.lookups.length
    expect(
      await exchange(world.proxy.port, Buffer.concat([bytes, named('a.test', echo.port)])),
    ).toBe(answer)
    expect(world.lookups.length).toBe(before)
  })
})

describe('SOCKS4', () => {
  it.each([
    ['an address', () => socks4([127, 0, 0, 1], echo.port, TOKEN)],
    ['4a and a name', () => socks4([0, 0, 0, 1], echo.port, TOKEN, 'a.test')],
  ])('opens a tunnel for %s', async (_, request) => {
    const client = rawClient(world.proxy.port, request())
    client.socket.end('ping')
    expect(await client.end()).toBe('\x00\x5a\x00\x00\x00\x00\x00\x00ping')
  })

  it.each([
    ['an ungranted name', () => socks4([0, 0, 0, 1], 443, TOKEN, 'evil.test'), 0x5b],
    ['an ungranted address', () => socks4([10, 0, 0, 1], 443, TOKEN), 0x5b],
    ['a zero address, which names no host', () => socks4([0, 0, 0, 0], 443, TOKEN), 0x5b],
    ['BIND', () => socks4([127, 0, 0, 1], echo.port, TOKEN, undefined, 2), 0x5b],
    ['a wrong token', () => socks4([127, 0, 0, 1], echo.port, 'wrong'), 0x5d],
    ['no user', () => socks4([127, 0, 0, 1], echo.port, ''), 0x5d],
    [
      'a user without end',
      () => Buffer.concat([Buffer.of(4, 1, 0, 80, 127, 0, 0, 1), Buffer.alloc(300, 0x61)]),
      0x5b,
    ],
    [
      'a name without end',
      () => Buffer.concat([socks4([0, 0, 0, 1], 443, TOKEN), Buffer.alloc(300, 0x61)]),
      0x5b,
    ],
  ])('answers %s with its code and opens nothing', async (_, request, code) => {
    const answer = await exchange(world.proxy.port, request())
    expect([answer.charCodeAt(1), answer.length]).toEqual([code, 8])
  })
})

it('a refusal by SOCKS stands in the log with its reason, a host that could not be read made printable', async () => {
  const here = await openWorld({ allow: [] })
  await exchange(here.proxy.port, Buffer.concat([greeting, password(), named('evil.test', 443)]))
  await exchange(
    here.proxy.port,
    Buffer.concat([greeting, password(), named('a\n\x1b[31m\0', 443)]),
  )
  await here.close()
  expect(
    here.events.map(({ kind, host, port: to, decision, because }) => [
      kind,
      host,
      to,
      decision,
      because,
    ]),
  ).toEqual([
    ['socks', 'evil.test', 443, 'refused', 'no entry of the allowlist grants evil.test'],
    ['socks', 'a??[31m?', 443, 'refused', 'the host holds a character that no host name has'],
  ])
})
