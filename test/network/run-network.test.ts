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

const connect = (port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host }, () => resolve(void socket.destroy()))
    socket.once('error', reject)
  })
