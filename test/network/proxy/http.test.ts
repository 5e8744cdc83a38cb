import crypto from 'node:crypto'
import type http from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpuSince } from '../../fixtures/cpu.ts'
import {
  type StandIn,
  type World,
  auth,
  connectHead,
  echoHost,
  eventually,
  exchange,
  httpHost,
  mirrorHost,
  openTunnel,
  openWorld,
  rawClient,
  tcpHost,
} from './stand-ins.ts'

let mirror: StandIn
let echo: StandIn
let world: World
beforeAll(async () => {
  mirror = await mirrorHost()
  echo = await echoHost()
  world = await openWorld({
    allow: [
      `a.test:${mirror.port}`,
      `*.wild.test:${mirror.port}`,
      `echo.test:${echo.port}`,
      `127.0.0.1:${mirror.port}`,
      `127.0.0.1:${echo.port}`,
      'plain.test',
      '**.ports.test',
    ],
    deny: [`bad.wild.test`],
  })
})
afterAll(async () => {
  await Promise.all([world.close(), mirror.close(), echo.close()])
})

const get = (url: string, headers = '', host = /^http:\/\/([^/]*)/.exec(url)?.[1] ?? ''): string =>
  `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nProxy-Authorization: ${auth()}\r\n${headers}\r\n`

describe('a plain request', () => {
  it('reaches a granted host, in origin form, without what belongs to this hop', async () => {
    const url = `http://A.test.:${mirror.port}/p?q=1`
    const answer = await exchange(
      world.proxy.port,
      get(
        url,
        'Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nX-End: 1\r\nX-End: 2\r\n',
      ),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    const seen: { url: string; headers: string[] } = JSON.parse(
      answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1),
    )
    expect(seen).toEqual({
      method: 'GET',
      url: '/p?q=1',
      headers: ['Host', `a.test:${mirror.port}`, 'X-End', '1', 'X-End', '2', 'Connection', 'close'],
      body: '',
    })
  })

  it.each([
    ['no token', (text: string) => text.replace(/Proxy-Authorization: .*\r\n/, '')],
    ['another token', (text: string) => text.replace(auth(), auth('other'))],
    ['a part of the token', (text: string) => text.replace(auth(), auth('right-toke'))],
    ['another scheme', (text: string) => text.replace('Basic ', 'Bearer ')],
    [
      'no password',
      (text: string) => text.replace(auth(), `Basic ${Buffer.from('run').toString('base64')}`),
    ],
  ])('with %s is told to authenticate, and the host is not even looked up', async (_, change) => {
    const before = [world.lookups.length, world.events.length]
    const answer = await exchange(
      world.proxy.port,
      change(get(`http://a.test:${mirror.port}/`, 'Connection: close\r\n')),
    )
    expect(answer).toMatch(
      /^HTTP\/1\.1 407 .*\r\n[\s\S]*Proxy-Authenticate: Basic realm="launcher"/,
    )
    expect([world.lookups.length, world.events.length]).toEqual(before)
  })

  it.each(['run', 'anybody', ''])('takes the token with the user name %j', async (user) => {
    const value = `Basic ${Buffer.from(`${user}:right-token`).toString('base64')}`
    expect(
      await exchange(
        world.proxy.port,
        get(`http://a.test:${mirror.port}/`, 'Connection: close\r\n').replace(auth(), value),
      ),
    ).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('is decided again for each request of a kept connection, and each answer belongs to its request', async () => {
    const client = rawClient(world.proxy.port)
    const hosts: [string, number][] = [
      ['a.test', 200],
      ['evil.test', 403],
      ['x.wild.test', 200],
      ['wild.test', 403],
      ['bad.wild.test', 403],
      ['a.test', 200],
    ]
    for (const [index, [host, status]] of hosts.entries()) {
      const before = client.text().length
      client.socket.write(get(`http://${host}:${mirror.port}/`, `X-Index: ${index}\r\n`))
      await eventually(
        () =>
          client
            .text()
            .slice(before)
            .includes(status === 200 ? `"X-Index","${index}"` : 'explain host'),
        `an answer for ${host}`,
      )
      expect(client.text().slice(before)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    }
    client.socket.destroy()
  })

  it('pipelined to several hosts is answered in order, each by its own verdict', async () => {
    const answer = await exchange(
      world.proxy.port,
      get(`http://a.test:${mirror.port}/1`) +
        get('http://evil.test/2') +
        get(`http://x.wild.test:${mirror.port}/3`, 'Connection: close\r\n'),
    )
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      '200',
      '403',
      '200',
    ])
    expect([...answer.matchAll(/"url":"\/(\d)"/g)].map(([, path]) => path)).toEqual(['1', '3'])
  })

  it('carries a body by length and in chunks', async () => {
    const post = (headers: string, body: string): string =>
      get(`http://a.test:${mirror.port}/`, `Connection: close\r\n${headers}`).replace(
        'GET',
        'POST',
      ) + body
    expect(await exchange(world.proxy.port, post('Content-Length: 5\r\n', 'hello'))).toContain(
      '"body":"hello"',
    )
    expect(
      await exchange(
        world.proxy.port,
        post('Transfer-Encoding: chunked\r\n', '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'),
      ),
    ).toContain('"body":"hello"')
    expect(await exchange(world.proxy.port, post('', ''))).toContain('"body":""')
  })

  it('that waits for 100 Continue gets it from the host, or the refusal at once', async () => {
    const client = rawClient(
      world.proxy.port,
      get(
        `http://a.test:${mirror.port}/`,
        'Connection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n',
      ).replace('GET', 'PUT'),
    )
    await client.until('HTTP/1.1 100 Continue')
    client.socket.write('hello')
    expect(await client.end()).toContain('"body":"hello"')
    const refused = rawClient(
      world.proxy.port,
      get('http://evil.test/', 'Expect: 100-continue\r\nContent-Length: 5\r\n').replace(
        'GET',
        'PUT',
      ),
    )
    expect(await refused.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /)
    refused.socket.destroy()
  })

  it.each([
    ['HEAD', 'HEAD', ''],
    ['HTTP/1.0', 'GET', ''],
  ])('works with %s', async (what, method) => {
    const text = get(`http://a.test:${mirror.port}/`, 'Connection: close\r\n').replace(
      'GET',
      method,
    )
    expect(
      await exchange(
        world.proxy.port,
        what === 'HTTP/1.0' ? text.replace('HTTP/1.1', 'HTTP/1.0') : text,
      ),
    ).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('whose host breaks off is told so, before the answer began and within it', async () => {
    const broken = await tcpHost((socket) =>
      socket.once('data', (data) =>
        data.includes('/early')
          ? socket.resetAndDestroy()
          : socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', () =>
              socket.resetAndDestroy(),
            ),
      ),
    )
    const here = await openWorld({ allow: [`a.test:${broken.port}`, `127.0.0.1:${broken.port}`] })
    expect(
      await exchange(
        here.proxy.port,
        get(`http://a.test:${broken.port}/early`, 'Connection: close\r\n'),
      ),
    ).toMatch(/^HTTP\/1\.1 502 [\s\S]*This is no refusal/)
    const late = await exchange(here.proxy.port, get(`http://a.test:${broken.port}/late`))
    expect(late === '' || late.endsWith('abc')).toBe(true)
    await Promise.all([here.close(), broken.close()])
  })

  it('whose host answers with something that is not HTTP gets 502', async () => {
    const odd = await tcpHost((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')))
    const here = await openWorld({ allow: [`a.test:${odd.port}`, `127.0.0.1:${odd.port}`] })
    expect(
      await exchange(here.proxy.port, get(`http://a.test:${odd.port}/`, 'Connection: close\r\n')),
    ).toMatch(/^HTTP\/1\.1 502 [\s\S]*its answer is not HTTP\/1\.1/)
    await Promise.all([here.close(), odd.close()])
  })

  it('passes each chunk of an answer on as it comes', async () => {
    const slow = await httpHost((_, response) => {
      response.write('first')
      slow.server.once('go', () => response.end('second'))
    })
    const here = await openWorld({ allow: [`a.test:${slow.port}`, `127.0.0.1:${slow.port}`] })
    const client = rawClient(
      here.proxy.port,
      get(`http://a.test:${slow.port}/`, 'Connection: close\r\n'),
    )
    expect(await client.until('first')).not.toContain('second')
    slow.server.emit('go')
    expect(await client.end()).toContain('second')
    await Promise.all([here.close(), slow.close()])
  })

  it('is counted in the log by bytes, without its path', async () => {
    const here = await openWorld({ allow: [`a.test:${mirror.port}`, `127.0.0.1:${mirror.port}`] })
    await exchange(
      here.proxy.port,
      get(
        `http://a.test:${mirror.port}/secret-path`,
        'Connection: close\r\nX-Secret: secret-header\r\n',
      ),
    )
    await here.close()
    expect(here.events).toEqual([
      expect.objectContaining({
        kind: 'http',
        host: 'a.test',
        port: mirror.port,
        decision: 'allowed',
        rule: `a.test:${mirror.port}`,
        origin: expect.objectContaining({ line: 3 }),
      }),
    ])
    expect(here.events[0]?.bytesUp).toBeGreaterThan(50)
    expect(here.events[0]?.bytesDown).toBeGreaterThan(100)
    expect(JSON.stringify(here.events)).not.toMatch(/secret|right-token/)
  })
})

describe('CONNECT', () => {
  it('opens a tunnel to a granted host and passes every byte, those sent with the head included', async () => {
    const client = rawClient(world.proxy.port, `${connectHead(`Echo.TEST:${echo.port}`)}early`)
    await client.until('early')
    client.socket.write(Buffer.of(0, 255, 13, 10))
    client.socket.end()
    expect(await client.end()).toBe('HTTP/1.1 200 Connection established\r\n\r\nearly\x00\xff\r\n')
  })

  it.each([
    ['an ungranted host', () => 'evil.test:443', 403],
    ['a granted host on another port', () => 'plain.test:22', 403],
    ['port 80 of a host without a port', () => 'plain.test:80', 403],
    ['the parent of a wildcard', () => `wild.test:${mirror.port}`, 403],
    ['two labels under a one-label wildcard', () => `x.y.wild.test:${mirror.port}`, 403],
    ['a denied host under a wildcard', () => `bad.wild.test:${mirror.port}`, 403],
    ['a name that only ends alike', () => `xwild.test:${mirror.port}`, 403],
    ['a name that goes on', () => `a.test.evil.test:${mirror.port}`, 403],
    ['no port', () => 'a.test', 400],
    ['port 0', () => 'a.test:0', 400],
    ['port 65536', () => 'a.test:65536', 400],
    ['a port with a sign', () => 'a.test:+443', 400],
    ['user information', () => `a.test:443@evil.test:443`, 400],
    ['bare IPv6', () => '::1:443', 400],
    ['a zone', () => '[fe80::1%eth0]:443', 400],
  ])('to %s gets %2$s and no look-up', async (_, authority, status) => {
    const before = world.lookups.length
    expect(await exchange(world.proxy.port, connectHead(authority()))).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} `),
    )
    expect(world.lookups.length).toBe(before)
  })

  it.each([
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    '[::ffff:127.0.0.1]',
    '[::FFFF:7f00:1]',
  ])('takes %s for the address that is granted', async (host) => {
    const client = await openTunnel(world.proxy.port, `${host}:${echo.port}`)
    client.socket.end('x')
    expect(await client.end()).toMatch(/x$/)
  })

  it('after a refusal in the same connection is not possible: the connection ends with the refusal', async () => {
    const answer = await exchange(
      world.proxy.port,
      connectHead('evil.test:443') + connectHead(`echo.test:${echo.port}`),
    )
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['403'])
  })

  it('after answered requests on a kept connection is decided like the first', async () => {
    const client = rawClient(world.proxy.port, get(`http://a.test:${mirror.port}/`))
    await client.until('"body":""}')
    client.socket.write(connectHead(`echo.test:${echo.port}`))
    await client.until('200 Connection established')
    client.socket.end('through')
    expect(await client.end()).toMatch(/through$/)
  })

  it('pipelined behind a request that is not answered yet ends the connection', async () => {
    const silent = await tcpHost(() => {})
    const here = await openWorld({ allow: [`s.test:${silent.port}`, `127.0.0.1:${silent.port}`] })
    expect(
      await exchange(
        here.proxy.port,
        get(`http://s.test:${silent.port}/`) + connectHead(`s.test:${silent.port}`),
      ),
    ).toBe('')
    await Promise.all([here.close(), silent.close()])
  })

  it('is refused without a look-up, for milliseconds of CPU time', async () => {
    const before = world.lookups.length
    const times: number[] = []
    for (let index = 0; index < 20; index += 1) {
      const start = process.cpuUsage()
      await exchange(world.proxy.port, connectHead('evil.test:443'))
      times.push(cpuSince(start))
    }
    // Nothing was waited for, and no more was done than to look at the name.
    expect(world.lookups).toHaveLength(before)
    expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(20)
  })

  it('carries HTTP of its own inside without launcher reading it: an inner CONNECT or Host is the host\u2019s affair, nothing is dialled for it', async () => {
    const client = await openTunnel(world.proxy.port, `echo.test:${echo.port}`)
    const before = world.lookups.length
    client.socket.end(connectHead('evil.test:443'))
    expect(await client.end()).toContain('CONNECT evil.test:443')
    expect(world.lookups.length).toBe(before)
  })
})

describe('an upgrade', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const webSocketHost = (): Promise<StandIn<http.Server>> =>
    httpHost((request, response) =>
      response.end(`plain ${request.headers.upgrade ?? 'none'}`),
    ).then((host) => {
      host.server.on('upgrade', (request: http.IncomingMessage, socket) => {
        if (request.url === '/no')
          return void socket.end('HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno')
        const accept = crypto
          .createHash('sha1')
          .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64')
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        )
        socket.pipe(socket)
      })
      return host
    })
  const ask = (port: number, path: string, protocol = 'websocket', more = ''): string =>
    get(
      `http://ws.test:${port}${path}`,
      `Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${more}`,
    )

  it('to a WebSocket passes both ways', async () => {
    const host = await webSocketHost()
    const here = await openWorld({ allow: [`ws.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const client = rawClient(here.proxy.port, ask(host.port, '/'))
    expect(await client.until('\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 101 [\s\S]*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/,
    )
    client.socket.write('frame')
    await client.until('frame')
    client.socket.end()
    await client.end()
    await Promise.all([here.close(), host.close()])
  })

  it.each([
    [
      'that the host declines ends with its answer',
      '/no',
      'websocket',
      '',
      /^HTTP\/1\.1 401 No[\s\S]*no$/,
    ],
    ['to h2c is answered in HTTP/1.1', '/', 'h2c', '', /^HTTP\/1\.1 200 OK[\s\S]*plain none/],
    ['with a body is not taken', '/', 'h2c', 'Content-Length: 1\r\n', /^HTTP\/1\.1 501 /],
  ])('%s', async (_, path, protocol, more, expected) => {
    const host = await webSocketHost()
    const here = await openWorld({ allow: [`ws.test:${host.port}`, `127.0.0.1:${host.port}`] })
    expect(await exchange(here.proxy.port, ask(host.port, path, protocol, more))).toMatch(expected)
    await Promise.all([here.close(), host.close()])
  })

  it('to an ungranted host is refused', async () => {
    expect(
      await exchange(
        world.proxy.port,
        get(
          'http://evil.test/',
          `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\n`,
        ),
      ),
    ).toMatch(/^HTTP\/1\.1 403 /)
  })
})
