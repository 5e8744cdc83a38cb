import { expect } from 'vitest'
import { dir, link } from '../fixtures/fake-host.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, RUN_TMP, verdicts } from './mac.ts'

const EVERY_WRITE = [
  'create',
  'write',
  'rename-from',
  'rename-to',
  'unlink',
  'mkdir',
  'symlink',
  'link-to',
  'chmod',
  'utimes',
] as const

conforms('W1', 'evaluator', async () => {
  const machine = await mac({ './file': '', '~/other/file': '' })
  verdicts(machine, {
    allowed: EVERY_WRITE.map((operation) => [operation, './file', './new', './new/deep']),
    denied: EVERY_WRITE.map((operation) => [
      operation,
      '~/other/file',
      '~/new',
      '~/work/beside',
      '/new',
    ]),
  })
})

conforms('W2', 'evaluator', async () => {
  const machine = await mac({ '~/Library/LaunchAgents/a.plist': '' })
  verdicts(machine, {
    allowed: [
      ['create', './Library/LaunchAgents/a.plist'],
      ['read', '/etc/hosts', '/private/etc/hosts'],
    ],
    denied: EVERY_WRITE.map((operation) => [
      operation,
      '/etc/new',
      '/private/etc/hosts',
      '/usr/local/bin/new',
      '/usr/local/bin/tool',
      '~/Library/LaunchAgents/a.plist',
      '~/Library/LaunchAgents/new.plist',
      '/Library/LaunchDaemons/new.plist',
    ]),
  })
  const wide = await mac(
    { '~/Library/LaunchAgents/a.plist': '', '~/Library/Caches': dir() },
    { grants: [['write', '~/Library']] },
  )
  verdicts(wide, {
    allowed: [['create', '~/Library/Caches/new']],
    denied: EVERY_WRITE.map((operation) => [
      operation,
      '~/Library/LaunchAgents/new.plist',
      '~/Library/LaunchAgents/a.plist',
    ]),
  })
})

conforms('W3', 'evaluator', async () => {
  const machine = await mac(
    { '~/shared/file': '', './.vscode/settings.json': '', './file': '' },
    { grants: [['read', '~/shared']] },
  )
  const changes = [
    'file-write-data',
    'file-write-mode',
    'file-write-owner',
    'file-write-times',
    'file-write-flags',
    'file-write-xattr',
    'file-write-acl',
    'file-write-setugid',
    'file-write-unlink',
  ]
  const asked = (path: string): Record<string, boolean> =>
    Object.fromEntries(
      changes.map((operation) => [
        operation,
        machine.asks(operation, { path, xattr: 'com.example' }),
      ]),
    )
  const every = (value: boolean): Record<string, boolean> =>
    Object.fromEntries(changes.map((operation) => [operation, value]))
  expect(asked(`${HOME}/shared/file`)).toEqual(every(false))
  expect(asked(`${HOME}/work/p/.vscode/settings.json`)).toEqual(every(false))
  // Set-id bits are refused everywhere, also on the agent's own files.
  expect({ ...asked(`${HOME}/work/p/file`), 'file-write-setugid': true }).toEqual(every(true))
  verdicts(machine, {
    allowed: [['read', '~/shared/file', './.vscode/settings.json']],
    denied: [['write', '~/shared/file']],
  })
})

conforms('W4', 'evaluator', async () => {
  const machine = await mac(
    { '~/shared/file': '', '~/secret': '', './mine': '' },
    { grants: [['read', '~/shared']] },
  )
  verdicts(machine, {
    allowed: [
      ['link-from', './mine'],
      ['link-to', './new'],
      ['symlink', './new'],
    ],
    denied: [
      ['link-from', '~/shared/file', '~/secret', '/private/etc/hosts'],
      ['write', '~/shared/file'],
    ],
  })
  expect(machine.asks('file-clone', { path: `${HOME}/shared/file` })).toBe(false)
  expect(machine.asks('file-clone', { path: `${HOME}/work/p/mine` })).toBe(true)
})

conforms('W5', 'evaluator', async () => {
  const machine = await mac({
    '~/outside/file': '',
    './out': link('../../outside'),
    './in': link('real'),
    './real/file': '',
  })
  verdicts(machine, {
    allowed: [
      ['write', './in/file'],
      ['create', './in/new'],
      ['unlink', './out'],
    ],
    denied: [
      ['write', './out/file', '~/outside/file'],
      ['create', './out/new'],
      ['unlink', './out/file'],
    ],
  })
})

conforms('W7', 'evaluator', async () => {
  await expect(mac({ './dist': link('/') }, { grants: [['write', './dist']] })).rejects.toThrow(
    /dist is a link to \/ inside a directory that the agent can write/,
  )
  const machine = await mac(
    { '~/data/file': '', '~/link': link('data'), '~/other': '', './dist': link('../..') },
    { grants: [['write', '~/link']] },
  )
  verdicts(machine, {
    allowed: [['write', '~/link/file', '~/data/file']],
    denied: [
      ['write', '~/other', './dist/other'],
      ['create', '~/new', './dist/new'],
    ],
  })
})

conforms('W18', 'evaluator', async () => {
  const machine = await mac({ './tree/a/b': '', '~/outside/file': '' })
  verdicts(machine, {
    allowed: [['unlink', './tree/a/b', './tree/a', './tree']],
    denied: [['unlink', '~/outside/file', '~/outside', '~/work/p']],
  })
})

conforms('W19', 'evaluator', async () => {
  const machine = await mac({ '/private/tmp/launcher-r-2/file': '' })
  verdicts(machine, {
    allowed: [
      ['create', `${RUN_TMP}/x`, '/tmp/launcher-r-1/x', `${RUN_TMP}/a/b`],
      ['mkdir', `${RUN_TMP}/a`],
    ],
    denied: [
      [
        'create',
        '/tmp/x',
        '/private/tmp/launcher-r-2/x',
        '/private/tmp/launcher-r-10',
        '/var/tmp/x',
        '/var/folders/zz/x',
      ],
      [
        'read',
        '/private/tmp/launcher-r-2/file',
        '/private/tmp/other',
        '/private/var/folders/zz/other',
      ],
      ['unlink', RUN_TMP],
    ],
  })
})

conforms('W20', 'evaluator', async () => {
  const machine = await mac(
    { './file': '' },
    { grants: [['read', './']], env: { TMPDIR: '/private/var/folders/zz' } },
  )
  verdicts(machine, {
    allowed: [
      ['read', './file'],
      ['create', `${RUN_TMP}/x`],
    ],
    denied: EVERY_WRITE.map((operation) => [
      operation,
      './file',
      './new',
      '/tmp/x',
      '/var/tmp/x',
      '/private/tmp/other',
      '/private/var/folders/zz/x',
      '~/new',
    ]),
  })
})
