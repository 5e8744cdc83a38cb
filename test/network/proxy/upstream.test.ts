import http from 'node:http'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalHost } from '../../../src/policy/host-name.ts'
import type { Way } from '../../../src/network/hosts/rules.ts'
import { type ChooseUpstream, upstreamOf } from '../../../src/network/proxy/upstream.ts'
import {
  type StandIn,
  auth,
  connectHead,
  echoHost,
  exchange,
  mirrorHost,
  openTunnel,
  openWorld,
} from './stand-ins.ts'

const chosen = (
  choose: ChooseUpstream,
  text: string,
  port = 443,
  way: Way = 'tunnel',
): string | undefined => {
  const reading = canonicalHost(text)
  if (!reading.ok) throw new Error(reading.reason)
  const proxy = choose(reading.host, port, way)
  return proxy && `${proxy.host}:${proxy.port}`
}

describe('upstreamOf', () => {
  it.each<[string, Record<string, string>, Way, string | undefined]>([
    ['nothing', {}, 'tunnel', undefined],
    ['empty values', { HTTPS_PROXY: '', https_proxy: '' }, 'tunnel', undefined],
    ['HTTPS_PROXY for tunnels', { HTTPS_PROXY: 'http://p.test:3128' }, 'tunnel', 'p.test:3128'],
    ['HTTPS_PROXY not for plain HTTP', { HTTPS_PROXY: 'http://p.test:3128' }, 'http', undefined],
    ['HTTP_PROXY for plain HTTP', { HTTP_PROXY: 'http://p.test:3128' }, 'http', 'p.test:3128'],
    [
      'lower case first',
      { HTTPS_PROXY: 'http://p.test:1', https_proxy: 'http://q.test:2' },
      'tunnel',
      'q.test:2',
    ],
    ['ALL_PROXY for both', { ALL_PROXY: 'http://p.test' }, 'http', 'p.test:80'],
    ['no scheme', { HTTPS_PROXY: 'p.test:3128' }, 'tunnel', 'p.test:3128'],
    ['TLS', { HTTPS_PROXY: 'https://p.test' }, 'tunnel', 'p.test:443'],
    ['IPv6', { HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, 'tunnel', '2001:db8::1:3128'],
  ])('reads %s', (_, env, way, expected) => {
    expect(chosen(upstreamOf(env), 'a.test', way === 'http' ? 80 : 443, way)).toBe(expected)
  })

  it('refuses a password with a broken escape, without saying it', () => {
    expect(() => upstreamOf({ HTTPS_PROXY: 'http://alice:secret%zz@p.test:1' })).toThrow(
      expect.objectContaining({
        code: 'E_NETWORK',
        message: expect.not.stringContaining('secret'),
      }),
    )
  })

  it.each([
    ['*', 'a.test', 443, false],
    ['a.test', 'a.test', 443, false],
    ['a.test', 'b.a.test', 443, false],
    ['.a.test', 'b.a.test', 443, false],
    ['*.a.test', 'b.a.test', 443, false],
    ['a.test', 'xa.test', 443, true],
    ['A.TEST', 'a.test', 443, false],
    ['x.test, a.test', 'a.test', 443, false],
    ['a.test:8443', 'a.test', 8443, false],
    ['a.test:8443', 'a.test', 443, true],
    ['10.0.0.1', '10.0.0.1', 443, false],
    ['10.0.0.0/8', '10.1.2.3', 443, false],
    ['10.0.0.0/8', '11.1.2.3', 443, true],
    ['10.0.0.0/8', '2001:db8::1', 443, true],
    ['2001:db8::/32', '2001:db8::1', 443, false],
    ['[2001:db8::1]:443', '2001:db8::1', 443, false],
    ['', 'localhost', 443, false],
    ['', '127.0.0.1', 443, false],
    ['', 'a.test', 443, true],
  ])('NO_PROXY %j, %s:%i goes through it: %s', (exceptions, name, port, expected) => {
    expect(
      chosen(upstreamOf({ HTTPS_PROXY: 'http://p.test:1', NO_PROXY: exceptions }), name, port) !==
        undefined,
    ).toBe(expected)
  })

  it.each(['socks5://p.test:1080', 'ftp://p.test', 'http://', 'http://p.test:99999'])(
    'refuses to start with %s rather than go around it',
    (value) => {
      expect(() => upstreamOf({ HTTPS_PROXY: value })).toThrowError(
        expect.objectContaining({ code: 'E_NETWORK' }),
      )
    },
  )

  it('keeps the password out of its error', () => {
    expect(() => upstreamOf({ HTTPS_PROXY: 'socks5://u:secret@p.test:1080' })).toThrowError(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    )
  })
})

describe('through the user\u2019s own proxy', () => {
  let echo: StandIn
  let mirror: StandIn
  let own: http.Server
  let env: Record<string, string>
  const asked: { line: string; authorization: string | undefined }[] = []
  let status = 200

  beforeAll(async () => {
    echo = await echoHost()
    mirror = await mirrorHost()
    own = http.createServer((request, response) => {
      asked.push({
        line: `${request.method} ${request.url}`,
        authorization: request.headers['proxy-authorization'],
      })
      response.writeHead(status === 200 ? 200 : status, { 'Proxy-Authenticate': 'Basic' })
      response.end('from the own proxy')
    })
    own.on('connect', (request, socket: net.Socket) => {
      asked.push({
        line: `CONNECT ${request.url}`,
        authorization: request.headers['proxy-authorization'],
      })
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      const host = net.connect(echo.port, '127.0.0.1')
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket
        .on('error', () => {})
        .pipe(host.on('error', () => {}))
        .pipe(socket)
    })
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
    const bound = own.address()
    const port = typeof bound === 'object' && bound ? bound.port : 0
    env = {
      HTTPS_PROXY: `http://us%40er:pass@127.0.0.1:${port}`,
      HTTP_PROXY: `http://us%40er:pass@127.0.0.1:${port}`,
      NO_PROXY: 'direct.test',
    }
  })
  afterAll(async () => {
    own.closeAllConnections()
    await Promise.all([echo.close(), mirror.close(), new Promise((resolve) => own.close(resolve))])
  })

  it('a tunnel asks it for the host in its one spelling, with the URL\u2019s credentials, and looks nothing up', async () => {
    const world = await openWorld({ allow: ['a.test'] }, { upstream: upstreamOf(env) })
    const client = await openTunnel(world.proxy.port, 'A.TEST.:443')
    client.socket.end('through')
    expect(await client.end()).toMatch(/through$/)
    expect(asked.pop()).toEqual({
      line: 'CONNECT a.test:443',
      authorization: `Basic ${Buffer.from('us@er:pass').toString('base64')}`,
    })
    expect(world.lookups).toEqual([])
    await world.close()
    expect(world.events).toEqual([expect.objectContaining({ bytesUp: 7, bytesDown: 7 })])
  })

  it('a plain request goes in absolute form, without the run\u2019s token', async () => {
    const world = await openWorld({ allow: ['a.test'] }, { upstream: upstreamOf(env) })
    const answer = await exchange(
      world.proxy.port,
      `GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: ${auth()}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*from the own proxy/)
    expect(asked.pop()).toEqual({
      line: 'GET http://a.test/x',
      authorization: `Basic ${Buffer.from('us@er:pass').toString('base64')}`,
    })
    await world.close()
  })

  it('a refusal of it is a failure that says whose it is, never a question for credentials', async () => {
    const world = await openWorld({ allow: ['a.test'] }, { upstream: upstreamOf(env) })
    status = 407
    expect(await exchange(world.proxy.port, connectHead('a.test:443'))).toMatch(
      /^HTTP\/1\.1 502 [\s\S]*your own proxy answered 407/,
    )
    expect(
      await exchange(
        world.proxy.port,
        `GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: ${auth()}\r\nConnection: close\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1\.1 502 [\s\S]*other credentials/)
    status = 200
    await world.close()
  })

  it('what is not granted, and a private address, is refused before it is asked', async () => {
    const world = await openWorld(
      { allow: ['10.1.1.1:9', 'a.test'], mode: 'any', deny: ['evil.test'] },
      { upstream: upstreamOf(env) },
    )
    const before = asked.length
    expect(await exchange(world.proxy.port, connectHead('evil.test:443'))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
    expect(await exchange(world.proxy.port, connectHead('192.168.0.1:443'))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
    expect(asked.length).toBe(before)
    await world.close()
  })

  it('an exception of NO_PROXY is dialled from here, checked as always', async () => {
    const world = await openWorld(
      { allow: ['direct.test', `direct.test:${mirror.port}`, `127.0.0.1:${mirror.port}`] },
      { upstream: upstreamOf(env) },
    )
    const before = asked.length
    expect(await exchange(world.proxy.port, connectHead('direct.test:443'))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
    const client = await openTunnel(world.proxy.port, `direct.test:${mirror.port}`)
    client.socket.destroy()
    expect(asked.length).toBe(before)
    expect(world.lookups).toEqual(['direct.test', 'direct.test'])
    await world.close()
  })
})
