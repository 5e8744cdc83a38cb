import { expect } from 'vitest'
import type { NetworkMode } from '../../src/policy/model.ts'
import { conforms } from './conforms.ts'
import { mac, type Mac } from './mac.ts'

const origin = { strength: 'user', file: 'test', key: 'network' } as const
const inMode = (mode: NetworkMode, loopback: readonly number[] = []) => ({
  change: (resolved: Mac['resolved']): Mac['resolved'] => ({
    ...resolved,
    network: {
      ...resolved.network,
      mode: { value: mode, origin },
      loopback: loopback.map((value) => ({ value, origin })),
    },
  }),
})

const reaches = (machine: Mac, addresses: readonly string[]): Record<string, boolean> =>
  Object.fromEntries(
    addresses.map((remote) => [remote, machine.asks('network-outbound', { remote })]),
  )
const every = (names: readonly string[], value: boolean): Record<string, boolean> =>
  Object.fromEntries(names.map((name) => [name, value]))

const EVERYWHERE = [
  'tcp:93.184.216.34:443',
  'tcp:192.168.1.1:80',
  'tcp:localhost:8080',
  'tcp:127.0.0.1:8080',
  'tcp:[::1]:8080',
  'udp:8.8.8.8:53',
  'tcp:8.8.8.8:53',
  'udp:224.0.0.251:5353',
  'ip:1.1.1.1',
]

conforms('N1', 'evaluator', async () => {
  const machine = await mac()
  expect(reaches(machine, EVERYWHERE)).toEqual(every(EVERYWHERE, false))
  expect([
    machine.asks('network-bind', { local: 'tcp:*:8080' }),
    machine.asks('network-inbound', { local: 'tcp:*:8080' }),
  ]).toEqual([false, false])
  const domains = (of: Mac): boolean[] =>
    ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_ROUTE'].map((domain) =>
      of.asks('system-socket', { 'socket-domain': domain }),
    )
  expect(domains(machine)).toEqual([false, false, true, false])
  const open = await mac({}, inMode('host'))
  expect(reaches(open, EVERYWHERE)).toEqual(every(EVERYWHERE, true))
  expect(domains(open).slice(0, 3)).toEqual([true, true, true])
})

conforms('N2', 'evaluator', async () => {
  // A program that ignores the proxy's variables asks the kernel, as here.
  const direct = [
    'tcp:93.184.216.34:443',
    'tcp:93.184.216.34:80',
    'tcp:localhost:3128',
    'udp:93.184.216.34:443',
  ]
  expect(reaches(await mac(), direct)).toEqual(every(direct, false))
  expect(reaches(await mac({}, inMode('none', [3128])), direct)).toEqual({
    ...every(direct, false),
    'tcp:localhost:3128': true,
  })
})

conforms('N3', 'evaluator', async () => {
  const [resolver, looks] = [
    '/private/var/run/mDNSResponder',
    ['com.apple.dnssd.service', 'com.apple.SystemConfiguration.DNSConfiguration'],
  ]
  const ways = (machine: Mac): boolean[] => [
    machine.asks('network-outbound', { path: resolver }),
    ...looks.map((name) => machine.asks('mach-lookup', { 'global-name': name })),
    machine.asks('network-outbound', { remote: 'udp:8.8.8.8:53' }),
  ]
  expect(ways(await mac())).toEqual([false, false, false, false])
  expect(ways(await mac({}, inMode('none', [8080])))).toEqual([false, false, false, false])
  expect(ways(await mac({}, inMode('host')))).toEqual([true, true, true, true])
})

conforms('N4', 'evaluator', async () => {
  const hosts = ['tcp:127.0.0.1:8080', 'tcp:localhost:8080', 'tcp:[::1]:8080']
  const others = [
    'tcp:127.0.0.1:8081',
    'tcp:[::1]:80',
    'tcp:192.168.1.1:8080',
    'tcp:93.184.216.34:8080',
  ]
  expect(reaches(await mac(), [...hosts, ...others])).toEqual(every([...hosts, ...others], false))
  expect(reaches(await mac({}, inMode('none', [8080])), [...hosts, ...others])).toEqual({
    ...every(hosts, true),
    ...every(others, false),
  })
})
