import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import { expect } from 'vitest'
import {
  auth,
  connectHead,
  echoHost,
  exchange,
  httpHost,
  mirrorHost,
  openTunnel,
  openWorld,
  rawClient,
  tcpHost,
  TOKEN,
} from '../network/proxy/stand-ins.ts'
import { canonicalHost } from '../../src/policy/host-name.ts'
import { compileHosts } from '../../src/network/hosts/rules.ts'
import { startProxy } from '../../src/network/proxy/proxy.ts'
import { conforms } from './conforms.ts'

const origin = { strength: 'user', file: 'test', key: 'network.hosts' } as const
const entries = (hosts: readonly string[]) => hosts.map((value) => ({ value, origin }))
const plain = (host: string, port: number, token = TOKEN): string =>
  `GET http://${host}:${port}/ HTTP/1.1\r\nHost: ${host}:${port}\r\nProxy-Authorization: ${auth(token)}\r\nConnection: close\r\n\r\n`
const two = (port: number): Buffer => Buffer.of(port >> 8, port & 255)
const login = (token: string): Buffer =>
  Buffer.concat([
    Buffer.of(5, 1, 2),
    Buffer.of(1, 1),
    Buffer.from('x'),
    Buffer.of(token.length),
    Buffer.from(token),
  ])
const socks5 = (host: string, port: number, token = TOKEN): Buffer =>
  Buffer.concat([login(token), Buffer.of(5, 1, 0, 3, host.length), Buffer.from(host), two(port)])
const socks5ByAddress = (address: string, port: number): Buffer =>
  Buffer.concat([login(TOKEN), Buffer.of(5, 1, 0, 1, ...address.split('.').map(Number)), two(port)])
const socks4a = (host: string, port: number, token = TOKEN): Buffer =>
  Buffer.concat([
    Buffer.of(4, 1),
    two(port),
    Buffer.of(0, 0, 0, 1),
    Buffer.from(`${token}\0${host}\0`),
  ])

/** The answers of one proxy to a host in each way of asking. */
const verdicts = async (
  port: number,
  host: string,
  at: number,
  token = TOKEN,
): Promise<Record<string, string>> => ({
  http: (await exchange(port, plain(host, at, token))).slice(9, 12),
  connect: (await exchange(port, connectHead(`${host}:${at}`, token))).slice(9, 12),
  socks5: Buffer.from(await exchange(port, socks5(host, at, token)), 'latin1')
    .subarray(0, 6)
    .toString('hex'),
  socks4: Buffer.from(await exchange(port, socks4a(host, at, token)), 'latin1')
    .subarray(0, 2)
    .toString('hex'),
})

conforms('N6', 'launcher', async () => {
  const host = await tcpHost(
    (socket) => void socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'),
  )
  const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
  try {
    expect(await verdicts(world.proxy.port, 'a.test', host.port)).toEqual({
      http: '204',
      connect: '200',
      socks5: '050201000500',
      socks4: '005a',
    })
    expect(await verdicts(world.proxy.port, 'b.test', host.port)).toEqual({
      http: '403',
      connect: '403',
      socks5: '050201000502',
      socks4: '005b',
    })
    const replyOf = async (address: string): Promise<number | undefined> =>
      Buffer.from(
        await exchange(world.proxy.port, socks5ByAddress(address, host.port)),
        'latin1',
      )[5]
    expect([
      await replyOf('127.0.0.1'),
      await replyOf('127.0.0.2'),
      await replyOf('8.8.8.8'),
    ]).toEqual([0, 2, 2])
  } finally {
    await Promise.all([world.close(), host.close()])
  }
})

const decides = (allow: readonly string[], deny: readonly string[] = []) => {
  const rules = compileHosts({ mode: 'allowlist', allow: entries(allow), deny: entries(deny) })
  return (text: string, port = 443): boolean => {
    const reading = canonicalHost(text)
    return reading.ok && rules.decide(reading.host, port, 'tunnel').allowed
  }
}

conforms('N7', 'launcher', () => {
  const allows = decides(['*.a.example'])
  expect(['x.a.example', 'X.A.EXAMPLE.'].map((host) => allows(host))).toEqual([true, true])
  expect(
    ['a.example', 'xa.example', 'x.a.example.evil', 'y.x.a.example', 'a.example.'].map((host) =>
      allows(host),
    ),
  ).toEqual([false, false, false, false, false])
  for (const pattern of ['*', '**', '*.com', '**.com', 'a.*.example', '*a.example'])
    expect(() => decides([pattern]), pattern).toThrow(`The host "${pattern}" `)
})

conforms('N8', 'launcher', () => {
  const allows = decides(['a.test:8443', 'b.test', '**.wild.test'], ['bad.wild.test', 'b.test:22'])
  expect([
    allows('a.test', 8443),
    allows('a.test', 443),
    allows('b.test', 443),
    allows('b.test', 8443),
    allows('b.test', 22),
  ]).toEqual([true, false, true, false, false])
  expect([allows('good.wild.test'), allows('bad.wild.test')]).toEqual([true, false])
})

conforms('N9', 'launcher', async () => {
  const host = await echoHost()
  const [one, other] = [
    await openWorld({ allow: [`a.test:${host.port}`] }, { token: 'of-one' }),
    await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      { token: 'of-other' },
    ),
  ]
  try {
    const refused = { http: '407', connect: '407', socks5: '05020101', socks4: '005d' }
    for (const token of ['of-other', 'of-on', ''])
      expect(await verdicts(one.proxy.port, 'a.test', host.port, token), token).toEqual(refused)
    expect(
      (
        await exchange(one.proxy.port, `CONNECT a.test:${host.port} HTTP/1.1\r\nHost: a\r\n\r\n`)
      ).slice(9, 12),
    ).toBe('407')
    expect((await exchange(one.proxy.port, Buffer.of(5, 1, 0))).slice(0, 2)).toBe('\x05\xff')
    expect(one.lookups).toEqual([])
    const tunnel = rawClient(other.proxy.port, connectHead(`a.test:${host.port}`, 'of-other'))
    expect(await tunnel.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
    tunnel.socket.destroy()
  } finally {
    await Promise.all([one.close(), other.close(), host.close()])
  }
})

conforms('N11', 'launcher', async () => {
  const echo = await echoHost()
  const world = await openWorld({ allow: [`a.test:${echo.port}`, `127.0.0.1:${echo.port}`] })
  try {
    const tunnel = await openTunnel(world.proxy.port, `a.test:${echo.port}`)
    await world.close()
    await tunnel.end()
    const refused = new Promise((resolve) =>
      net
        .connect(world.proxy.port, '127.0.0.1')
        .once('error', (error) => resolve('code' in error ? error.code : '')),
    )
    expect(await refused).toBe('ECONNREFUSED')
  } finally {
    await echo.close()
  }
})

conforms('N12', 'launcher', async () => {
  const world = await openWorld({})
  const everywhere = net.createServer()
  try {
    expect(world.proxy.address).toBe('127.0.0.1')
    await new Promise<void>((resolve) => everywhere.listen(0, '0.0.0.0', resolve))
    const rules = compileHosts({ mode: 'any', allow: [], deny: [] })
    await expect(
      startProxy({ rules, token: TOKEN, log: () => undefined, server: everywhere }),
    ).rejects.toThrow('does not listen on loopback')
  } finally {
    await world.close()
    everywhere.close()
  }
})

conforms('N13', 'launcher', async () => {
  const [mirror, echo] = [await mirrorHost(), await echoHost()]
  const upgrading = await httpHost(() => undefined)
  upgrading.server.on('upgrade', (request, socket: net.Socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\n`,
    )
    socket.pipe(socket)
  })
  const two = http2.createServer((_, response) => void response.end('by h2'))
  await new Promise<void>((resolve) => two.listen(0, '127.0.0.1', resolve))
  const bound = two.address()
  const h2 = typeof bound === 'object' && bound ? bound.port : 0
  const ports = [mirror.port, echo.port, upgrading.port, h2]
  const world = await openWorld({
    allow: ports.flatMap((port) => [`a.test:${port}`, `127.0.0.1:${port}`]),
  })
  try {
    const chunked = plain('a.test', mirror.port)
      .replace('GET', 'POST')
      .replace(
        '\r\n\r\n',
        '\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n',
      )
    expect(await exchange(world.proxy.port, chunked)).toContain('"body":"abcdefg"')
    const web = rawClient(
      world.proxy.port,
      plain('a.test', upgrading.port).replace(
        'Connection: close',
        'Connection: Upgrade\r\nUpgrade: websocket',
      ),
    )
    await web.until('101 ')
    web.socket.write('over the new protocol')
    await web.until('over the new protocol')
    web.socket.destroy()
    const inner = await new Promise<net.Socket>((resolve, reject) => {
      const request = http.request({
        port: world.proxy.port,
        host: '127.0.0.1',
        method: 'CONNECT',
        path: `a.test:${h2}`,
        headers: { 'Proxy-Authorization': auth() },
      })
      request.once('error', reject).once('connect', (_, socket: net.Socket, head) => {
        socket.unshift(head)
        resolve(socket)
      })
      request.end()
    })
    const session = http2.connect('http://a.test', { createConnection: () => inner })
    let text = ''
    for await (const chunk of session.request({ ':path': '/' })) text += String(chunk)
    session.destroy()
    expect(text).toBe('by h2')
    // Larger than every buffer on the way, to a reader that begins late, and ended by the client
    // first.
    const tunnel = await openTunnel(world.proxy.port, `a.test:${echo.port}`)
    tunnel.socket.pause()
    const size = 64 << 20
    tunnel.socket.end(Buffer.alloc(size, 'x'))
    tunnel.socket.resume()
    expect((await tunnel.end()).length - '\r\n\r\n'.length).toBeGreaterThan(size)
  } finally {
    await Promise.all([
      world.close(),
      mirror.close(),
      echo.close(),
      upgrading.close(),
      new Promise((resolve) => two.close(resolve)),
    ])
  }
})
