import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetworkMode, ResolvedPolicy, SocketRule } from '../../src/policy/model.ts'
import { join } from '../../src/machine/paths.ts'
import { grant, origin } from '../policy/builders.ts'
import { runInside, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'

const reason = skipReason()
const ABSTRACT = `\0launcher-contract-${process.pid}`

const CONNECT = `
const net = require('node:net')
const asked = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
const reach = (place) => new Promise((resolve) => {
  const socket = net.connect(place)
  socket.once('connect', () => (socket.destroy(), resolve('ok')))
  socket.once('error', (error) => resolve(error.code))
})
Promise.all(asked.map(reach)).then((answers) => process.stdout.write(JSON.stringify(answers)))`

const policyIn = (mode: NetworkMode): ResolvedPolicy =>
  withBase({
    network: {
      mode: { value: mode, origin: origin() },
      hosts: [],
      registries: [],
      loopback: [],
      listen: [],
    },
  })

describe.skipIf(reason !== undefined)('services of the host', () => {
  const servers: net.Server[] = []
  const listen = (place: net.ListenOptions): Promise<net.Server> =>
    new Promise((resolve, reject) => {
      const server = net.createServer((socket) => socket.on('error', () => undefined).end())
      servers.push(server)
      server.once('error', reject)
      server.listen(place, () => resolve(server))
    })
  let port = 0
  beforeAll(async () => {
    port = ((await listen({ host: '127.0.0.1', port: 0 })).address() as net.AddressInfo).port
    await listen({ path: ABSTRACT })
  })
  afterAll(() => servers.forEach((server) => server.close()))

  const reach = (mode: NetworkMode): Promise<unknown> =>
    runInside(policyIn(mode), {
      script: CONNECT,
      input: [{ host: '127.0.0.1', port }, { path: ABSTRACT }],
    })

  it('on loopback and by abstract name cannot be reached in mode none', async () => {
    const answers = await reach('none')
    expect(answers).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
  })
  it('on loopback and by abstract name can be reached in mode host', async () => {
    expect(await reach('host')).toEqual(['ok', 'ok'])
  })
  it('a service made inside can be reached inside in mode none', async () => {
    const script = `
const net = require('node:net')
const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1', () => {
  net.connect(server.address().port, '127.0.0.1').once('connect', () => { process.stdout.write('"ok"'); server.close() })
})`
    expect(await runInside(policyIn('none'), { script, input: null })).toBe('ok')
  })
})

describe.skipIf(reason !== undefined)('a unix socket of the host under a read grant (L9)', () => {
  const place = workspace()
  const socket = { path: join(place.root, 's'), origin: origin() }
  let server: net.Server
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        server = net
          .createServer((connection) => connection.on('error', () => undefined).end())
          .listen(socket.path, () => resolve())
      }),
  )
  afterAll(() => {
    server.close()
    place.dispose()
  })

  const reach = (connect: readonly SocketRule[], masked: readonly SocketRule[]): Promise<unknown> =>
    runInside(
      withBase({ grants: [grant('read', place.root)], sockets: { connect, bind: [], masked } }),
      { script: CONNECT, input: [{ path: socket.path }] },
    )

  it('is refused when it is masked and reached when it is granted', async () => {
    expect(await reach([], [socket])).toEqual(['EACCES'])
    expect(await reach([socket], [])).toEqual(['ok'])
  })
  it('is reached through the read-only mount alone, which is why resolution masks every one that is not granted', async () => {
    expect(await reach([], [])).toEqual(['ok'])
  })
})
