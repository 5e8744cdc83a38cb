import { expect } from 'vitest'
import { probeSeatbelt } from '../../src/backend/seatbelt/support.ts'
import { fakeHost, socket } from '../fixtures/fake-host.ts'
import { program } from '../fixtures/uv-tool.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, type Mac, verdicts } from './mac.ts'

const answers = (
  machine: Mac,
  name: string,
  values: readonly string[],
  operation: string,
): Record<string, boolean> =>
  Object.fromEntries(values.map((value) => [value, machine.asks(operation, { [name]: value })]))
const every = (names: readonly string[], value: boolean): Record<string, boolean> =>
  Object.fromEntries(names.map((name) => [name, value]))
const withFeatures = (...features: readonly string[]) => ({
  change: (resolved: Mac['resolved']): Mac['resolved'] => ({
    ...resolved,
    features: features.map((value) => ({
      value,
      origin: { strength: 'user', file: 'test', key: 'features' } as const,
    })),
  }),
})

conforms('P2', 'evaluator', async () => {
  const machine = await mac({ '/usr/lib/cron/tabs/x': '', '/private/var/at/jobs/x': '' })
  const starters = [
    'com.apple.coreservices.launchservicesd',
    'com.apple.lsd.mapdb',
    'com.apple.coreservices.appleevents',
    'com.apple.CoreServices.coreservicesd',
    'com.apple.xpc.launchd.domain.user',
    'com.apple.bsd.launchd',
    'com.apple.shortcuts.background-running',
    'com.apple.atrun',
  ]
  expect(answers(machine, 'global-name', starters, 'mach-lookup')).toEqual(every(starters, false))
  const operations = [
    'appleevent-send',
    'lsopen',
    'job-creation',
    'mach-register',
    'mach-priv-host-port',
    'mach-task-name',
  ]
  expect(
    Object.fromEntries(operations.map((operation) => [operation, machine.asks(operation)])),
  ).toEqual(every(operations, false))
  verdicts(machine, {
    allowed: [['exec', '/usr/bin/env']],
    denied: [
      [
        'create',
        '/usr/lib/cron/tabs/u',
        '/private/var/at/jobs/y',
        '/private/var/at/tabs/u',
        '~/Library/LaunchAgents/x.plist',
      ],
      ['read', '/private/var/at/jobs/x'],
    ],
  })
  const opened = await mac({}, withFeatures('launch-services', 'apple-events'))
  expect([
    opened.asks('lsopen'),
    opened.asks('appleevent-send'),
    opened.asks('job-creation'),
  ]).toEqual([true, true, false])
})

conforms('P3', 'launcher', () => {
  const there = { '/usr/bin/sandbox-exec': program() }
  const nested = probeSeatbelt(fakeHost(there, { platform: 'macos', run: () => undefined }))
  expect(nested).toMatchObject({
    ok: false,
    nested: true,
    reason: expect.stringMatching(/inside one already, and Seatbelt cannot be nested/) as string,
    hint: expect.stringMatching(/plain terminal/) as string,
  })
  const asked: (readonly string[])[] = []
  expect(
    probeSeatbelt(
      fakeHost(there, {
        platform: 'macos',
        run: (file, args) => (asked.push([file, ...args]), ''),
      }),
    ),
  ).toEqual({ ok: true })
  expect(asked).toEqual([
    ['/usr/bin/sandbox-exec', '-p', '(version 1)(allow default)', '/usr/bin/true'],
  ])
})

conforms('P4', 'evaluator', async () => {
  const machine = await mac()
  const table = (operation: string): Record<string, boolean> =>
    answers(machine, 'target', ['self', 'same-sandbox', 'others'], operation)
  expect(table('signal')).toEqual({ self: true, 'same-sandbox': true, others: false })
  expect(table('process-info-pidinfo')).toEqual({ self: true, 'same-sandbox': true, others: false })
  expect(table('mach-priv-task-port')).toMatchObject({ 'same-sandbox': true, others: false })
  expect(machine.asks('system-debug')).toBe(false)
  expect(
    answers(
      machine,
      'sysctl-name',
      ['kern.procargs2', 'kern.procargs2.501', 'hw.ncpu'],
      'sysctl-read',
    ),
  ).toEqual({ 'kern.procargs2': false, 'kern.procargs2.501': false, 'hw.ncpu': true })
})

conforms('P9', 'evaluator', async () => {
  const names = [
    '~/.docker/run/docker.sock',
    '~/run/ssh-agent.sock',
    '~/run/podman.sock',
    '~/.gnupg/S.gpg-agent',
    './agent.sock',
    '/private/var/run/docker.sock',
    '/private/tmp/com.apple.launchd.x/Listeners',
  ]
  const tree = Object.fromEntries(names.map((name) => [name, socket()]))
  const machine = await mac({ ...tree, '~/run/file': '' }, { grants: [['read', '~/run']] })
  verdicts(machine, {
    allowed: [
      ['read', '~/run/file'],
      ['connect', './later.sock'],
    ],
    denied: [['connect', ...names]],
  })
  const granted = await mac(tree, { request: { connect: [`${HOME}/run/ssh-agent.sock`] } })
  verdicts(granted, {
    allowed: [
      ['connect', '~/run/ssh-agent.sock'],
      ['bind', './own.sock'],
    ],
    denied: [
      ['connect', ...names.filter((name) => name !== '~/run/ssh-agent.sock')],
      ['bind', '~/run/new.sock'],
    ],
  })
})

conforms('P10', 'evaluator', async () => {
  const machine = await mac()
  const unlisted = [
    'com.example.service',
    'com.apple.securityd.xpc',
    'com.apple.system.logger.evil',
    'org.chromium.x',
    'com.apple.cfprefsd.daemonx',
  ]
  expect(answers(machine, 'global-name', unlisted, 'mach-lookup')).toEqual(every(unlisted, false))
  expect(
    answers(machine, 'global-name', [...unlisted, 'com.apple.system.logger'], 'mach-register'),
  ).toEqual(every([...unlisted, 'com.apple.system.logger'], false))
  expect(
    answers(
      machine,
      'local-name',
      ['com.apple.cfprefsd.agent', 'com.example.local'],
      'mach-lookup',
    ),
  ).toEqual({ 'com.apple.cfprefsd.agent': true, 'com.example.local': false })
  expect(machine.asks('mach-lookup', { 'global-name': 'com.apple.system.logger' })).toBe(true)
  const opened = await mac({}, withFeatures('browser-tests'))
  expect(
    answers(
      opened,
      'global-name',
      ['org.chromium.Chromium.MachPortRendezvousServer.1', 'com.example.service'],
      'mach-register',
    ),
  ).toEqual({
    'org.chromium.Chromium.MachPortRendezvousServer.1': true,
    'com.example.service': false,
  })
})

conforms('P13', 'evaluator', async () => {
  const machine = await mac({}, { tty: '/dev/ttys003' })
  const terminal = (path: string): boolean[] =>
    ['file-read-data', 'file-write-data', 'file-ioctl'].map((operation) =>
      machine.asks(operation, { path }),
    )
  expect(machine.asks('pseudo-tty')).toBe(true)
  for (const path of ['/dev/ttys003', '/dev/tty', '/dev/ptmx'])
    expect([path, ...terminal(path)]).toEqual([path, true, true, true])
  // Another window's terminal, and one whose number only begins alike.
  for (const path of ['/dev/ttys004', '/dev/ttys0031', '/dev/console'])
    expect([path, ...terminal(path)]).toEqual([path, false, false, false])
  const inside = (path: string): boolean =>
    machine.asks('file-write-data', { path, extension: 'com.apple.sandbox.pty' })
  expect(inside('/dev/disk0')).toBe(false)
})
