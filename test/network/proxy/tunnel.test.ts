import fs from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { seatsUnder } from '../../../src/network/seats.ts'
import { where } from '../../e2e/where.ts'
import {
  auth,
  connectHead,
  echoHost,
  eventually,
  openTunnel,
  openWorld,
  rawClient,
  tcpHost,
} from './stand-ins.ts'

const descriptors = (): number => fs.readdirSync('/proc/self/fd').length

describe('a tunnel', () => {
  it('keeps the other direction open when one has ended, whichever ends first', async () => {
    const host = await tcpHost((socket) => {
      let seen = ''
      socket.on('data', (data) => {
        seen += data.toString()
      })
      socket.on('end', () => socket.end(`after the end: ${seen}`))
    })
    const early = await tcpHost((socket) => {
      socket.end('host ended')
      socket.on('data', (data) => early.server.emit('got', data.toString()))
    })
    const world = await openWorld({
      allow: [
        `a.test:${host.port}`,
        `b.test:${early.port}`,
        `127.0.0.1:${host.port}`,
        `127.0.0.1:${early.port}`,
      ],
    })
    const first = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    first.socket.end('question')
    expect(await first.end()).toMatch(/after the end: question$/)
    const got = new Promise((resolve) => early.server.once('got', resolve))
    const second = await openTunnel(world.proxy.port, `b.test:${early.port}`)
    await second.until('host ended')
    second.socket.end('still heard')
    expect(await got).toBe('still heard')
    await Promise.all([world.close(), host.close(), early.close()])
  })

  it('that is half closed and silent ends at its bound', async () => {
    const host = await tcpHost((socket) => void socket.resume())
    const world = await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      { limits: { halfClosedMs: 100 } },
    )
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    client.socket.end()
    await client.end()
    await eventually(() => world.events.length === 1, 'the line in the log')
    await Promise.all([world.close(), host.close()])
  })

  it.each(['client', 'host'])('hands a reset by the %s on', async (who) => {
    const sockets: net.Socket[] = []
    const host = await tcpHost((socket) => void sockets.push(socket.resume()))
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    await eventually(() => sockets.length === 1, 'the host has the connection')
    const [near, far] =
      who === 'client' ? [client.socket, sockets[0]!] : [sockets[0]!, client.socket]
    const code = new Promise((resolve) =>
      far.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    )
    near.resetAndDestroy()
    expect(await code).toBe('ECONNRESET')
    await eventually(() => world.events.length === 1, 'the line in the log')
    await Promise.all([world.close(), host.close()])
  })

  it('is as slow as its slower side: what a host sends to a client that does not read stays with the host', async () => {
    let accepted = 0
    const block = Buffer.alloc(64 * 1024)
    const host = await tcpHost((socket) => {
      const push = (): void => {
        while (accepted < 512 * 1024 * 1024) {
          accepted += block.length
          if (!socket.write(block)) return
        }
      }
      socket.on('drain', push)
      push()
    })
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const socket = net.connect(world.proxy.port, '127.0.0.1').pause()
    socket.on('error', () => {}).write(connectHead(`a.test:${host.port}`))
    let before = -1
    // The flow stands when a while of turns adds nothing: only the kernel's buffers hold more.
    while (before !== accepted) {
      before = accepted
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(accepted).toBeGreaterThan(0)
    expect(accepted).toBeLessThan(64 * 1024 * 1024)
    socket.destroy()
    await Promise.all([world.close(), host.close()])
  })

  it('carries HTTP/2', async () => {
    const server = http2.createServer((_, response) => void response.end('by HTTP/2'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const bound = server.address()
    const port = typeof bound === 'object' && bound ? bound.port : 0
    const world = await openWorld({ allow: [`a.test:${port}`, `127.0.0.1:${port}`] })
    const socket = await new Promise<net.Socket>((resolve, reject) => {
      const request = http.request({
        port: world.proxy.port,
        host: '127.0.0.1',
        method: 'CONNECT',
        path: `a.test:${port}`,
        headers: { 'Proxy-Authorization': auth() },
      })
      request.once('error', reject).once('connect', (_, tunnel: net.Socket, head) => {
        tunnel.unshift(head)
        resolve(tunnel)
      })
      request.end()
    })
    const session = http2.connect(`http://a.test:${port}`, { createConnection: () => socket })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        let text = ''
        for await (const chunk of session.request({ ':path': '/' }).setEncoding('utf8'))
          text += chunk
        return text
      }),
    )
    expect(answers).toEqual(Array.from({ length: 20 }, () => 'by HTTP/2'))
    await new Promise<void>((resolve) => session.close(resolve))
    await world.close()
    await new Promise((resolve) => server.close(resolve))
  })

  it('carries a large body both ways without a change', async () => {
    const host = await echoHost()
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    const sent = Buffer.alloc(20 * 1024 * 1024, 'launcher')
    const head = client.text().length
    client.socket.end(sent)
    const got = await client.end()
    expect(got.length - head).toBe(sent.length)
    expect(Buffer.from(got.slice(head), 'latin1').equals(sent)).toBe(true)
    await eventually(() => world.events.length === 1, 'the line in the log')
    expect([world.events[0]?.bytesUp, world.events[0]?.bytesDown]).toEqual([
      sent.length,
      sent.length,
    ])
    await Promise.all([world.close(), host.close()])
  })
})

describe('many connections', () => {
  it('2,000 tunnels at once each carry their own bytes', async () => {
    const host = await echoHost()
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const tunnels = await Promise.all(
      Array.from({ length: 2000 }, () => openTunnel(world.proxy.port, `a.test:${host.port}`)),
    )
    expect(world.proxy.stats().clientsAtOnce).toBe(2000)
    const answers = await Promise.all(
      tunnels.map((tunnel, index) => {
        tunnel.socket.end(`number ${index}.`)
        return tunnel.end()
      }),
    )
    expect(answers.every((answer, index) => answer.endsWith(`number ${index}.`))).toBe(true)
    await eventually(() => world.events.length === 2000, 'a line for each')
    await Promise.all([world.close(), host.close()])
  })

  it('beyond the bound are closed, and the ones that stand go on', async () => {
    const host = await echoHost()
    const two = seatsUnder(26, 4)
    expect(two.most).toBe(2)
    const world = await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      { seats: () => two },
    )
    const [first] = [
      await openTunnel(world.proxy.port, `a.test:${host.port}`),
      await openTunnel(world.proxy.port, `a.test:${host.port}`),
    ]
    expect(await rawClient(world.proxy.port, connectHead(`a.test:${host.port}`)).end()).toBe('')
    first.socket.end('x')
    expect(await first.end()).toMatch(/x$/)
    await Promise.all([world.close(), host.close()])
  })

  where(
    fs.existsSync('/proc/self/fd')
      ? undefined
      : 'this machine has no /proc/self/fd to count descriptors in',
  )('leave no descriptor behind, however they end', async () => {
    const host = await echoHost()
    const world = await openWorld({
      allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`, 'gone.test:1', '127.0.0.1:1'],
    })
    const before = descriptors()
    const ways: (() => Promise<unknown>)[] = [
      async () => (await openTunnel(world.proxy.port, `a.test:${host.port}`)).socket.destroy(),
      async () =>
        (await openTunnel(world.proxy.port, `a.test:${host.port}`)).socket.resetAndDestroy(),
      () => rawClient(world.proxy.port, connectHead('evil.test:443')).end(),
      () => rawClient(world.proxy.port, connectHead('gone.test:1')).end(),
      () => rawClient(world.proxy.port, '\x05\x01\x00').end(),
      async () =>
        rawClient(
          world.proxy.port,
          connectHead(`a.test:${host.port}`).slice(0, 20),
        ).socket.destroy(),
    ]
    for (let round = 0; round < 20; round += 1) await Promise.all(ways.map((way) => way()))
    await eventually(
      () => descriptors() <= before && world.proxy.stats().clientsAtOnce === 0,
      'as many descriptors as before',
    )
    await Promise.all([world.close(), host.close()])
  })
})

describe('close', () => {
  it('ends every connection and the listener, and what was open stands in the log', async () => {
    const host = await echoHost()
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const tunnels = [
      await openTunnel(world.proxy.port, `a.test:${host.port}`),
      await openTunnel(world.proxy.port, `a.test:${host.port}`),
    ]
    const idle = rawClient(world.proxy.port)
    await eventually(() => world.proxy.stats().clientsAtOnce === 3, 'three clients')
    await world.close()
    await Promise.all([...tunnels, idle].map((client) => client.end()))
    expect(world.events).toHaveLength(2)
    expect(await rawClient(world.proxy.port, connectHead(`a.test:${host.port}`)).end()).toBe('')
    await host.close()
  })

  it('during a look-up opens nothing afterwards', async () => {
    const host = await tcpHost(() => {
      throw new Error('the host must not be reached')
    })
    let answer: (addresses: string[]) => void = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = (): void => resolve()
    })
    let release: (addresses: string[]) => void = () => {}
    const world = await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      {
        resolver: () =>
          new Promise((resolve) => {
            release = resolve
            answer([])
          }),
      },
    )
    const client = rawClient(world.proxy.port, connectHead(`a.test:${host.port}`))
    await asked
    await world.close()
    release(['127.0.0.1'])
    await client.end()
    await host.close()
  })
})

describe('a listener from elsewhere', () => {
  it('serves as its own does', async () => {
    const host = await echoHost()
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const world = await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      { server },
    )
    expect(world.proxy.address).toBe('127.0.0.1')
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    client.socket.end('half')
    expect(await client.end()).toMatch(/half$/)
    await Promise.all([world.close(), host.close()])
  })

  it('on every interface is not taken', async () => {
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
    await expect(openWorld({}, { server })).rejects.toMatchObject({ code: 'E_NETWORK' })
    await new Promise((resolve) => server.close(resolve))
  })

  it('may hand over single connections', async () => {
    const host = await echoHost()
    const world = await openWorld({ allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] })
    const door = net.createServer((socket) => world.proxy.serve(socket))
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
    const bound = door.address()
    const client = await openTunnel(
      typeof bound === 'object' && bound ? bound.port : 0,
      `a.test:${host.port}`,
    )
    client.socket.end('handed over')
    expect(await client.end()).toMatch(/handed over$/)
    await Promise.all([world.close(), host.close(), new Promise((resolve) => door.close(resolve))])
  })

  it('its own is on loopback only', async () => {
    const world = await openWorld({})
    expect(world.proxy.address).toBe('127.0.0.1')
    await world.close()
  })
})
