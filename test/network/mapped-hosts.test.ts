import { afterAll, beforeAll, expect, it } from 'vitest'
import { compileHosts } from '../../src/network/hosts/rules.ts'
import { withMappedHosts } from '../../src/network/mapped-hosts.ts'
import {
  connectHead,
  entries,
  exchange,
  openWorld,
  type StandIn,
  tcpHost,
} from './proxy/stand-ins.ts'

let host: StandIn
beforeAll(async () => {
  host = await tcpHost((socket) => void socket.end('hello'))
})
afterAll(() => host.close())

const MAP = 'mapped.test=127.0.0.1'

it.each([
  ['allowlist', 'mapped.test', '200'],
  ['allowlist', 'MAPPED.test.', '200'],
  ['allowlist', 'ungranted.test', '403'],
  ['allowlist', '127.0.0.1', '403'],
  ['any', 'mapped.test', '200'],
  ['any', '127.0.0.1', '403'],
  ['any', '127.1', '403'],
  ['any', 'localhost', '403'],
  ['any', '[::ffff:127.0.0.1]', '403'],
] as const)(
  'in the mode %s, a mapped host opens its address for itself alone: %s gets %s',
  async (mode, name, status) => {
    const mapped = withMappedHosts(
      compileHosts({
        mode,
        allow: entries([`mapped.test:${host.port}`, `granted.test:${host.port}`]),
        deny: [],
      }),
      MAP,
    )
    const world = await openWorld({}, mapped)
    expect(
      (await exchange(world.proxy.port, connectHead(`${name}:${host.port}`))).slice(9, 12),
    ).toBe(status)
    await world.close()
  },
)

it('another granted host that resolves to the same address is judged as always', async () => {
  const { rules, resolver } = withMappedHosts(
    compileHosts({
      mode: 'allowlist',
      allow: entries([`mapped.test:${host.port}`, `granted.test:${host.port}`]),
      deny: [],
    }),
    MAP,
  )
  const world = await openWorld(
    {},
    {
      rules,
      resolver: async (name) => (name === 'granted.test' ? ['127.0.0.1'] : resolver!(name)),
    },
  )
  expect(
    (await exchange(world.proxy.port, connectHead(`granted.test:${host.port}`))).slice(9, 12),
  ).toBe('403')
  expect(
    (await exchange(world.proxy.port, connectHead(`mapped.test:${host.port}`))).slice(9, 12),
  ).toBe('200')
  await world.close()
})

it.each([
  'mapped.test',
  'mapped.test=',
  '=127.0.0.1',
  'mapped.test=elsewhere.test',
  '127.0.0.1=127.0.0.1',
  'a.test=1.1.1.1=2',
  '*.test=1.1.1.1',
  'a.test=1.1.1.1,',
  ' =1.1.1.1',
])('%j is refused with the form', (text) => {
  expect(() => withMappedHosts(compileHosts({ mode: 'any', allow: [], deny: [] }), text)).toThrow(
    'is not NAME=ADDRESS',
  )
})
