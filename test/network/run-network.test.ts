import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { openRunNetwork } from '../../src/network/run-network.ts'
import type { NetworkPolicy, Origin } from '../../src/policy/model.ts'

const origin: Origin = { strength: 'builtin', file: 'test', key: 'test' }
const policy: NetworkPolicy = {
  mode: { value: 'allowlist', origin },
  hosts: [],
  registries: [],
  loopback: [],
  listen: [],
}
const listeningPort = (server: net.Server): number => {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

describe('the network of a run', () => {
  it('leaves no port open when its proxy does not start', async () => {
    let port = 0
    const opening = openRunNetwork({
      policy,
      isPrivate: false,
      startProxy: (_, server) => {
        port = listeningPort(server)
        return Promise.reject(new Error('no proxy'))
      },
    })
    await expect(opening).rejects.toThrow('no proxy')
    expect(port).toBeGreaterThan(0)
    for (const host of ['127.0.0.1', '::1'])
      await expect(connect(port, host)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/)
  })

  it('closes its ports, the one of IPv6 too', async () => {
    const network = await openRunNetwork({
      policy,
      isPrivate: false,
      startProxy: () => Promise.resolve({ serve: () => undefined, close: () => Promise.resolve() }),
    })
    await connect(network.proxyPort!, '127.0.0.1')
    network.close()
    for (const host of ['127.0.0.1', '::1'])
      await expect(connect(network.proxyPort!, host)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/)
  })
})

describe('a granted port of the host’s loopback', () => {
  it.each(['127.0.0.1', '::1'])('reaches the service that listens at %s alone', async (address) => {
    const service = net.createServer((socket) => void socket.end('hello'))
    const inside = net.createServer()
    if (!(await listens(service, 0, address))) return
    await listens(inside, 0, '127.0.0.1')
    const port = listeningPort(service)
    const network = await openRunNetwork({
      policy: { ...policy, mode: { value: 'none', origin }, loopback: [{ value: port, origin }] },
      isPrivate: true,
      startProxy: () => Promise.reject(new Error('no proxy is asked for')),
    })
    try {
      await network.attach({
        ready: Promise.resolve(new Map([[port, [inside]]])),
        dial: () => undefined,
      })
      expect(await said(listeningPort(inside))).toBe('hello')
    } finally {
      network.close()
      service.close()
    }
  })
})

/** False where the machine has no such address. */
const listens = (server: net.Server, port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, host, () => resolve(true))
  })

const said = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.on('data', (chunk: Buffer) => void (text += chunk.toString()))
    socket.once('end', () => resolve(text))
    socket.once('error', reject)
  })

const connect = (port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host }, () => resolve(void socket.destroy()))
    socket.once('error', reject)
  })
