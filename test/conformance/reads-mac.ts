import { expect } from 'vitest'
import { link } from '../fixtures/fake-host.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, type Mac, verdicts } from './mac.ts'

const withFeatures = (...features: readonly string[]) => ({
  change: (resolved: Mac['resolved']): Mac['resolved'] => ({
    ...resolved,
    features: features.map((value) => ({
      value,
      origin: { strength: 'user', file: 'test', key: 'features' } as const,
    })),
  }),
})

/** Answers for Mach services, as a table. */
const lookups = (machine: Mac, names: readonly string[]): Record<string, boolean> =>
  Object.fromEntries(
    names.map((name) => [name, machine.asks('mach-lookup', { 'global-name': name })]),
  )
const every = (names: readonly string[], value: boolean): Record<string, boolean> =>
  Object.fromEntries(names.map((name) => [name, value]))

conforms('R1', 'evaluator', async () => {
  const machine = await mac({ '~/.ssh/id_rsa': 'x', './.env': 'x', './plain': 'x' })
  verdicts(machine, {
    allowed: [
      ['read', './plain'],
      ['link-from', './plain'],
      ['exec', './plain'],
    ],
    denied: (['read', 'exec', 'write', 'link-from', 'rename-from', 'chmod'] as const).map(
      (operation) => [operation, '~/.ssh/id_rsa', './.env'],
    ),
  })
  const leaves = [
    'file-read-data',
    'file-read-xattr',
    'file-map-executable',
    'file-clone',
    'file-link',
    'process-exec*',
    'file-search',
  ]
  const asked = (path: string): Record<string, boolean> =>
    Object.fromEntries(
      leaves.map((operation) => [
        operation,
        machine.asks(operation, { path, xattr: 'com.example' }),
      ]),
    )
  for (const path of [`${HOME}/.ssh/id_rsa`, `${HOME}/work/p/.env`, `${HOME}/.SSH/ID_RSA`])
    expect([path, asked(path)]).toEqual([path, every(leaves, false)])
  expect(asked(`${HOME}/work/p/plain`)).toMatchObject({
    'file-read-data': true,
    'file-clone': true,
    'file-map-executable': true,
  })
})

conforms('R2', 'evaluator', async () => {
  const machine = await mac(
    { '~/.ssh/id_rsa': '', '~/docs/private/file': '', '~/docs/file': '' },
    {
      grants: [
        ['read', '~/docs'],
        ['none', '~/docs/private'],
      ],
    },
  )
  verdicts(machine, {
    allowed: [
      ['list', '~/docs', '~/work/p'],
      ['stat', '~/docs/private', '~/docs/file'],
    ],
    denied: [
      ['list', '~', '~/.ssh', '~/docs/private', '/Users'],
      ['stat', '~/docs/private/file', '~/.ssh/id_rsa'],
    ],
  })
  // Bun opens the folders above the project: where it is on PATH their names, and no more, are
  // open.
  verdicts(await mac({ '~/.local/bin/bun': '', '~/note': '' }), {
    allowed: [['list', '~', '/Users']],
    denied: [['read', '~/note']],
  })
})

conforms('R3', 'evaluator', async () => {
  const machine = await mac(
    { '~/docs/a/b/token': '', '~/docs/a/b/file': '' },
    {
      grants: [
        ['read', '~/docs'],
        ['none', '~/docs/a/b/token'],
      ],
    },
  )
  verdicts(machine, {
    allowed: [
      ['read', '~/docs/a/b/file'],
      ['list', '~/docs/a/b'],
    ],
    denied: [
      ['read', '~/docs/a/b/token'],
      ['link-from', '~/docs/a/b/token'],
    ],
  })
  const hidden = await mac(
    { '~/.config/gh/hosts.yml': '', '~/.config/other/file': '' },
    { grants: [['read', '~/.config']] },
  )
  verdicts(hidden, {
    allowed: [['read', '~/.config/other/file']],
    denied: [
      ['read', '~/.config/gh/hosts.yml'],
      ['list', '~/.config/gh'],
    ],
  })
})

conforms('R4', 'evaluator', async () => {
  const machine = await mac(
    {
      '~/docs/public/file': '',
      '~/docs/private': '',
      '~/other': '',
      '~/closed/open/file': '',
      '~/closed/file': '',
    },
    {
      grants: [
        ['read', '~/docs/public'],
        ['none', '~/closed'],
        ['read', '~/closed/open'],
      ],
    },
  )
  verdicts(machine, {
    allowed: [
      ['read', '~/docs/public/file', '~/closed/open/file'],
      ['stat', '~', '~/docs', '~/closed'],
    ],
    denied: [
      ['read', '~/docs/private', '~/other', '~/closed/file'],
      ['list', '~', '~/docs', '~/closed'],
      ['write', '~/docs/public/file'],
    ],
  })
})

conforms('R5', 'evaluator', async () => {
  const machine = await mac(
    {
      '~/.aws': link('dotfiles/aws'),
      '~/dotfiles/aws/credentials': '',
      '~/dotfiles/other': '',
      '~/also': link('dotfiles/aws'),
      './.env': link('../../secrets/env'),
      '~/secrets/env': '',
      '~/secrets/other': '',
    },
    {
      grants: [
        ['read', '~/dotfiles'],
        ['read', '~/secrets'],
      ],
    },
  )
  verdicts(machine, {
    allowed: [['read', '~/dotfiles/other', '~/secrets/other']],
    denied: [
      [
        'read',
        '~/.aws/credentials',
        '~/dotfiles/aws/credentials',
        '~/also/credentials',
        './.env',
        '~/secrets/env',
      ],
      ['unlink', './.env'],
      ['rename-to', './.env'],
      ['symlink', './.env'],
    ],
  })
})

conforms('R7', 'evaluator', async () => {
  const machine = await mac(
    { '/System/Library/x': '', '/private/var/db/dyld/cache': '' },
    {
      grants: [['none', '~']],
      request: { project: '/private/tmp/work' },
      project: '/private/tmp/work',
    },
  )
  // A loader that may not open the root directory ends before main (SIGABRT on macOS 26).
  verdicts(machine, {
    allowed: [
      ['read', '/usr/lib/dyld', '/System/Library/x', '/private/var/db/dyld/cache'],
      ['exec', '/bin/sh', '/usr/bin/env'],
    ],
    denied: [
      ['list', HOME, '/private', '/Users'],
      ['read', '/Library/Keychains/System.keychain'],
    ],
  })
  expect(
    ['file-read-data', 'file-read-metadata'].map((operation) =>
      machine.asks(operation, { path: '/' }),
    ),
  ).toEqual([true, true])
  expect(['process-fork', 'sysctl-read'].map((operation) => machine.asks(operation))).toEqual([
    true,
    true,
  ])
  expect(machine.asks('file-read-data', { path: '/dev/urandom' })).toBe(true)
})

conforms('R8', 'evaluator', async () => {
  const names = ['com.apple.SecurityServer', 'com.apple.securityd.xpc', 'com.apple.secd']
  const machine = await mac(
    { '~/Library/Keychains/login.keychain-db': '' },
    { grants: [['read', '~/Library']] },
  )
  expect(lookups(machine, names)).toEqual(every(names, false))
  verdicts(machine, {
    allowed: [['read', '~/Library/Fonts/x']],
    denied: [
      ['read', '~/Library/Keychains/login.keychain-db', '/Library/Keychains/System.keychain'],
      ['list', '~/Library/Keychains'],
    ],
  })
  expect(lookups(await mac({}, withFeatures('keychain')), names)).toEqual(every(names, true))
})

conforms('R9', 'evaluator', async () => {
  const secrets = [
    '~/Library/Safari/History.db',
    '~/Library/Application Support/Google/Chrome/Default/History',
    '~/Library/Application Support/Firefox/Profiles/x/places.sqlite',
    '~/Library/Application Support/com.apple.TCC/TCC.db',
    '~/Library/Metadata/CoreSpotlight/index',
    '~/Library/Messages/chat.db',
    '~/Library/Mail/x',
    '~/Library/Cookies/Cookies.binarycookies',
  ]
  const machine = await mac(Object.fromEntries(secrets.map((path) => [path, ''])), {
    grants: [['read', '~/Library']],
  })
  verdicts(machine, {
    allowed: [['read', '~/Library/Fonts/x', '~/Library/Application Support/other']],
    denied: [
      [
        'read',
        ...secrets,
        '/Library/Application Support/com.apple.TCC/TCC.db',
        '/.Spotlight-V100/x',
      ],
    ],
  })
  const names = [
    'com.apple.metadata.mds',
    'com.apple.metadata.mds.xpc',
    'com.apple.spotlight.IndexAgent',
    'com.apple.quicklook',
    'com.apple.tccd',
    'com.apple.tccd.system',
    'com.apple.FSEvents',
  ]
  expect(lookups(machine, names)).toEqual(every(names, false))
  expect(lookups(machine, ['com.apple.system.opendirectoryd.libinfo'])).toEqual({
    'com.apple.system.opendirectoryd.libinfo': true,
  })
})

conforms('R10', 'evaluator', async () => {
  const [clipboard, screen] = [
    ['com.apple.pasteboard.1'],
    [
      'com.apple.windowserver.active',
      'com.apple.screencapture.interactive',
      'com.apple.screencaptureui',
      'com.apple.coremedia.capturesession',
      'com.apple.replayd',
      'com.apple.audio.audiohald',
      'com.apple.cmio.registerassistantservice',
    ],
  ]
  expect(lookups(await mac(), [...clipboard, ...screen])).toEqual(
    every([...clipboard, ...screen], false),
  )
  const opened = await mac({}, withFeatures('pasteboard'))
  expect(lookups(opened, [...clipboard, ...screen])).toEqual({
    ...every(clipboard, true),
    ...every(screen, false),
  })
  const devices = (machine: Mac): boolean[] =>
    [
      'device-camera',
      'device-microphone',
      'iokit-open',
      'hid-control',
      'user-preference-write',
    ].map((operation) => machine.asks(operation))
  expect(devices(opened)).toEqual([false, false, false, false, false])
})
