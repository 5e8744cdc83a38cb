import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type StandIn,
  type World,
  auth,
  eventually,
  exchange,
  mirrorHost,
  openWorld,
  rawClient,
} from './stand-ins.ts'

let mirror: StandIn
let world: World
let requests = 0
beforeAll(async () => {
  mirror = await mirrorHost()
  mirror.server.on('request', () => {
    requests += 1
  })
  world = await openWorld(
    { allow: ['a.test', `a.test:${mirror.port}`, `127.0.0.1:${mirror.port}`] },
    { limits: { headMs: 300 } },
  )
})
afterAll(async () => {
  await Promise.all([world.close(), mirror.close()])
})

const url = (path = '/'): string => `http://a.test:${mirror.port}${path}`
const head = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const host = (): string => `Host: a.test:${mirror.port}`
const token = (): string => `Proxy-Authorization: ${auth()}`
const inner = (): string => head([`GET ${url('/inner')} HTTP/1.1`, host()])

describe('what two readers could read in two ways is refused and reaches no host', () => {
  const rows: readonly (readonly [string, number, () => string])[] = [
    [
      'a length and chunks',
      400,
      () =>
        `${head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Content-Length: 4',
          'Transfer-Encoding: chunked',
        ])}0\r\n\r\n${inner()}`,
    ],
    [
      'chunks and a length',
      400,
      () =>
        `${head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Transfer-Encoding: chunked',
          'Content-Length: 4',
        ])}0\r\n\r\n${inner()}`,
    ],
    [
      'two lengths',
      400,
      () =>
        head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Content-Length: 0',
          'Content-Length: 40',
        ]) + inner(),
    ],
    [
      'a length with a sign',
      400,
      () => `${head([`POST ${url()} HTTP/1.1`, host(), token(), 'Content-Length: +4'])}abcd`,
    ],
    [
      'a list of lengths',
      400,
      () => `${head([`POST ${url()} HTTP/1.1`, host(), token(), 'Content-Length: 4, 4'])}abcd`,
    ],
    [
      'a length in hexadecimal',
      400,
      () => `${head([`POST ${url()} HTTP/1.1`, host(), token(), 'Content-Length: 0x4'])}abcd`,
    ],
    [
      'an encoding that is not chunked',
      400,
      () =>
        head([`POST ${url()} HTTP/1.1`, host(), token(), 'Transfer-Encoding: identity']) + inner(),
    ],
    [
      'another encoding below the chunks',
      400,
      () =>
        head([`POST ${url()} HTTP/1.1`, host(), token(), 'Transfer-Encoding: gzip, chunked']) +
        '0\r\n\r\n',
    ],
    [
      'chunked twice',
      400,
      () =>
        `${head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Transfer-Encoding: chunked',
          'Transfer-Encoding: chunked',
        ])}0\r\n\r\n`,
    ],
    [
      'an encoding that only looks like chunked',
      400,
      () =>
        head([`POST ${url()} HTTP/1.1`, host(), token(), 'Transfer-Encoding: xchunked']) +
        '0\r\n\r\n',
    ],
    [
      'a space before the colon',
      400,
      () =>
        head([`POST ${url()} HTTP/1.1`, host(), token(), 'Transfer-Encoding : chunked']) +
        '0\r\n\r\n',
    ],
    [
      'a NUL in a header',
      400,
      () => head([`GET ${url()} HTTP/1.1`, host(), token(), 'X-Odd: a\0b']),
    ],
    [
      'a bare CR in a header',
      400,
      () =>
        head([`GET ${url()} HTTP/1.1`, host(), token(), 'X-Odd: a\rTransfer-Encoding: chunked']),
    ],
    [
      'two Host headers',
      400,
      () => head([`GET ${url()} HTTP/1.1`, host(), 'Host: evil.test', token()]),
    ],
    ['two equal Host headers', 400, () => head([`GET ${url()} HTTP/1.1`, host(), host(), token()])],
    ['no Host header', 400, () => head([`GET ${url()} HTTP/1.1`, token()])],
    [
      'the Host header of another host',
      400,
      () => head([`GET ${url()} HTTP/1.1`, 'Host: evil.test', token()]),
    ],
    [
      'the Host header of another port',
      400,
      () => head([`GET ${url()} HTTP/1.1`, 'Host: a.test', token()]),
    ],
    [
      'a Host header with two hosts',
      400,
      () => head([`GET ${url()} HTTP/1.1`, `${host()}, evil.test`, token()]),
    ],
    [
      'user information in the address',
      400,
      () => head([`GET http://a.test:${mirror.port}@evil.test/ HTTP/1.1`, host(), token()]),
    ],
    [
      'a backslash in the address',
      400,
      () => head([`GET http://a.test:${mirror.port}\\@evil.test/ HTTP/1.1`, host(), token()]),
    ],
    ['a fragment in the address', 400, () => head([`GET ${url('/#x')} HTTP/1.1`, host(), token()])],
    [
      'a percent sign in the host',
      400,
      () => head([`GET http://a%2etest:${mirror.port}/ HTTP/1.1`, host(), token()]),
    ],
    [
      'a NUL in the host',
      400,
      () => head([`GET http://a.test\0.evil.test/ HTTP/1.1`, host(), token()]),
    ],
    ['a space in the address', 400, () => head([`GET ${url('/a b')} HTTP/1.1`, host(), token()])],
    [
      'a tab in the host',
      400,
      () => head([`GET http://a.te\tst:${mirror.port}/ HTTP/1.1`, host(), token()]),
    ],
    ['a path without a host', 400, () => head(['GET / HTTP/1.1', host(), token()])],
    ['a star', 400, () => head(['OPTIONS * HTTP/1.1', host(), token()])],
    [
      'https in the clear',
      400,
      () => head([`GET https://a.test:${mirror.port}/ HTTP/1.1`, host(), token()]),
    ],
    ['ftp', 400, () => head(['GET ftp://a.test/ HTTP/1.1', 'Host: a.test', token()])],
    ['an unknown method', 400, () => head([`FETCH ${url()} HTTP/1.1`, host(), token()])],
    ['a method in lower case', 400, () => head([`get ${url()} HTTP/1.1`, host(), token()])],
    ['HTTP/2 without an upgrade', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9, which can carry no token', 407, () => `GET ${url()}\r\n\r\n`],
    ['another version', 400, () => head([`GET ${url()} HTTP/3.7`, host(), token()])],
    ['TLS', 400, () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    [
      'a head of more than 64 kB',
      431,
      () => head([`GET ${url()} HTTP/1.1`, host(), token(), `X-Long: ${'x'.repeat(70_000)}`]),
    ],
    [
      'an address of more than 64 kB',
      431,
      () => head([`GET ${url(`/${'x'.repeat(70_000)}`)} HTTP/1.1`, host(), token()]),
    ],
    [
      'another expectation',
      417,
      () =>
        head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Expect: 200-maybe',
          'Content-Length: 0',
          'Connection: close',
        ]),
    ],
  ]
  it.each(rows)('%s: %i', async (_, status, bytes) => {
    const before = requests
    const answer = await exchange(world.proxy.port, bytes())
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(requests).toBe(before)
  })

  it('the allow twin of them all: the same request, plainly', async () => {
    const before = requests
    expect(
      await exchange(
        world.proxy.port,
        `${head([
          `POST ${url()} HTTP/1.1`,
          host(),
          token(),
          'Content-Length: 4',
          'Connection: close',
        ])}abcd`,
      ),
    ).toContain('"body":"abcd"')
    expect(requests).toBe(before + 1)
  })

  it('broken chunks end the request, and what follows is no request', async () => {
    const answer = await exchange(
      world.proxy.port,
      head([`POST ${url()} HTTP/1.1`, host(), token(), 'Transfer-Encoding: chunked']) +
        `zz\r\n${inner()}`,
    )
    expect(answer).not.toContain('/inner')
  })

  it('a request hidden in a body stays a body', async () => {
    const answer = await exchange(
      world.proxy.port,
      head([
        `POST ${url()} HTTP/1.1`,
        host(),
        token(),
        `Content-Length: ${inner().length}`,
        'Connection: close',
      ]) + inner(),
    )
    expect([...answer.matchAll(/HTTP\/1\.1 200/g)]).toHaveLength(1)
    expect(answer).toContain('"body":"GET ')
  })
})

describe('a slow client', () => {
  it.each([
    ['that says nothing', ''],
    ['that never ends its head', 'GET http://a.test/ HTTP/1.1\r\nX-Slow: '],
    ['that never ends its SOCKS5 greeting', '\x05\x02\x00'],
    ['that never ends its SOCKS4 user', '\x04\x01\x01\xbb\x00\x00\x00\x01abc'],
  ])('%s is cut off', async (_, bytes) => {
    await rawClient(world.proxy.port, bytes).end()
    await eventually(() => world.proxy.stats().clientsAtOnce === 0, 'no client left')
  })

  it('that sends its head byte by byte, but in time, is served', async () => {
    const client = rawClient(world.proxy.port)
    client.socket.setNoDelay(true)
    for (const byte of head([`GET ${url()} HTTP/1.1`, host(), token(), 'Connection: close']))
      client.socket.write(byte)
    expect(await client.end()).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('that keeps its connection open after an answer is cut off as well', async () => {
    const client = rawClient(world.proxy.port, head([`GET ${url()} HTTP/1.1`, host(), token()]))
    await client.until('"body":""}')
    await client.end()
    await eventually(() => world.proxy.stats().clientsAtOnce === 0, 'no client left')
  })

  it('that pipelines without end is cut off at the bound', async () => {
    const here = await openWorld({}, { limits: { pipelined: 4 } })
    const one = head(['GET http://evil.test/ HTTP/1.1', 'Host: evil.test', token()])
    expect(
      [...(await exchange(here.proxy.port, one.repeat(5))).matchAll(/HTTP/g)].length,
    ).toBeLessThan(5)
    expect([
      ...(
        await exchange(
          here.proxy.port,
          one.repeat(3) + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
        )
      ).matchAll(/HTTP\/1\.1 403/g),
    ]).toHaveLength(4)
    await here.close()
  })
})
