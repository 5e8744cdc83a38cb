import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { openSeats, seatsUnder } from '../../src/network/seats.ts'
import type { ProxyEvent } from '../../src/network/proxy/types.ts'
import { openWorld } from './proxy/stand-ins.ts'

describe('how many connections an agent may have', () => {
  it.each([
    [64, 30, 8],
    [256, 30, 104],
    [1_024, 30, 488],
    [64, 60, 2],
    [1_048_576, 30, 16_384],
  ])('a limit of %i with %i in use leaves %i on each side', (limit, open, most) => {
    expect(seatsUnder(limit, open).most).toBe(most)
  })

  it('follows from the limit that is in force here', () => {
    const { limit, most } = openSeats()
    expect(limit).toBeGreaterThan(0)
    expect(most).toBeLessThan(limit)
  })

  it('a seat is free again when it is given back, once', async () => {
    const { hosts } = seatsUnder(0, 0)
    const [first, second] = [hosts.take(), hosts.take()]
    expect([first, second, hosts.take()].map((seat) => seat !== undefined)).toEqual([
      true,
      true,
      false,
    ])
    const waiting = hosts.wait(Date.now() + 60_000)
    first?.()
    first?.()
    expect(await waiting).toBeTypeOf('function')
    expect(hosts.take()).toBe(undefined)
    expect(await hosts.wait(0)).toBe(undefined)
  })
})

describe('a connection that cannot be accepted', () => {
  it('is written in the network log, and the others go on', async () => {
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const events: ProxyEvent[] = []
    const world = await openWorld({}, { server, log: (event) => void events.push(event) })
    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    expect(events).toMatchObject([
      { kind: 'clients', decision: 'refused', because: expect.stringContaining('EMFILE') },
    ])
    const socket = net.connect(world.proxy.port, '127.0.0.1')
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.destroy()
    await world.close()
  })
})

describe('connections without the token', () => {
  it('are closed first, oldest first, and told with their number', async () => {
    const events: ProxyEvent[] = []
    const seats = seatsUnder(26, 4)
    const world = await openWorld({}, { seats: () => seats, log: (one) => void events.push(one) })
    const closed: number[] = []
    const sockets: net.Socket[] = []
    for (let number = 0; number < 5; number++) {
      const socket = net.connect(world.proxy.port, '127.0.0.1').on('error', () => undefined)
      const last = new Promise((resolve) =>
        socket.once('close', () => resolve(closed.push(number))),
      )
      socket.resume()
      await new Promise<void>((resolve) => socket.once('connect', resolve))
      sockets.push(socket)
      if (number >= 2) await Promise.race([last, ...sockets.slice(0, -2).map(ended)])
    }
    for (const socket of sockets.slice(0, 3)) await ended(socket)
    expect(world.proxy.stats().clientsAtOnce).toBe(2)
    expect(closed.toSorted()).toEqual([0, 1, 2])
    await world.close()
    expect(events.at(-1)?.because).toContain("3 connections without this run's token")
    for (const socket of sockets) socket.destroy()
  })
})

const ended = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => (socket.closed ? resolve() : void socket.once('close', () => resolve())))
