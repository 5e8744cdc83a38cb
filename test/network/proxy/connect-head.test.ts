import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConnectHead } from '../../../src/network/proxy/connect-head.ts'
import {
  auth,
  connectHead,
  echoHost,
  openWorld,
  rawClient,
  type StandIn,
  type World,
} from './stand-ins.ts'

const read = (text: string) => readConnectHead(Buffer.from(text, 'latin1'))

describe('readConnectHead', () => {
  it('reads a plain head, and where it ends', () => {
    expect(
      read(
        'CONNECT a.test:443 HTTP/1.1\r\nHost: b.test\r\nproxy-authorization:  Basic eA== \r\nX-Empty:\r\n\r\nmore',
      ),
    ).toEqual({ authority: 'a.test:443', authorization: 'Basic eA==', length: 90 })
    expect(read('CONNECT a.test:443 HTTP/1.0\r\n\r\n')).toEqual({
      authority: 'a.test:443',
      authorization: undefined,
      length: 31,
    })
  })

  it.each([
    ['a part of a head', 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n'],
    ['another method', 'GET http://a.test/ HTTP/1.1\r\n\r\n'],
    ['another case', 'connect a.test:443 HTTP/1.1\r\n\r\n'],
    ['another version', 'CONNECT a.test:443 HTTP/2.0\r\n\r\n'],
    ['two spaces', 'CONNECT  a.test:443 HTTP/1.1\r\n\r\n'],
    ['a space in the host', 'CONNECT a.test:443 evil.test HTTP/1.1\r\n\r\n'],
    ['a NUL in the host', 'CONNECT a.test\0:443 HTTP/1.1\r\n\r\n'],
    ['bare newlines', 'CONNECT a.test:443 HTTP/1.1\nHost: a.test\n\n\r\n\r\n'],
    ['a bare CR', 'CONNECT a.test:443 HTTP/1.1\r\nX: a\rb\r\n\r\n'],
    ['a NUL in a header', 'CONNECT a.test:443 HTTP/1.1\r\nX: a\0b\r\n\r\n'],
    ['a folded header', 'CONNECT a.test:443 HTTP/1.1\r\nX: a\r\n b\r\n\r\n'],
    ['a space before a colon', 'CONNECT a.test:443 HTTP/1.1\r\nX : a\r\n\r\n'],
    ['a header without a colon', 'CONNECT a.test:443 HTTP/1.1\r\nX\r\n\r\n'],
    ['a length', 'CONNECT a.test:443 HTTP/1.1\r\nContent-Length: 4\r\n\r\n'],
    ['chunks', 'CONNECT a.test:443 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [
      'credentials twice',
      'CONNECT a.test:443 HTTP/1.1\r\nProxy-Authorization: a\r\nProxy-Authorization: b\r\n\r\n',
    ],
    ['more than 4 kB', `CONNECT a.test:443 HTTP/1.1\r\nX: ${'x'.repeat(5000)}\r\n\r\n`],
  ])('leaves %s to the HTTP parser', (_, text) => {
    expect(read(text)).toBeUndefined()
  })
})

describe('a CONNECT that takes the long way', () => {
  let echo: StandIn
  let world: World
  beforeAll(async () => {
    echo = await echoHost()
    world = await openWorld({ allow: [`a.test:${echo.port}`, `127.0.0.1:${echo.port}`] })
  })
  afterAll(async () => {
    await Promise.all([world.close(), echo.close()])
  })

  it.each<[string, string, (send: (text: string) => Promise<void>) => Promise<void>]>([
    [
      'in parts',
      '200',
      async (send) => {
        for (const byte of connectHead(`a.test:${echo.port}`)) await send(byte)
      },
    ],
    [
      'with long headers',
      '200',
      (send) =>
        send(
          connectHead(`a.test:${echo.port}`).replace(
            '\r\n\r\n',
            `\r\nX-Long: ${'x'.repeat(10_000)}\r\n\r\n`,
          ),
        ),
    ],
    [
      'in parts, to another host',
      '403',
      async (send) => {
        for (const byte of connectHead('evil.test:443')) await send(byte)
      },
    ],
    [
      'in parts, without the token',
      '407',
      async (send) => {
        for (const byte of connectHead(`a.test:${echo.port}`).replace(auth(), auth('x')))
          await send(byte)
      },
    ],
  ])('%s gets %s as well', async (_, status, say) => {
    const client = rawClient(world.proxy.port)
    client.socket.setNoDelay(true)
    await say((text) => new Promise((resolve) => client.socket.write(text, () => resolve())))
    expect(await client.until('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    client.socket.end('through')
    const all = await client.end()
    expect(all.endsWith('through')).toBe(status === '200')
  })
})
