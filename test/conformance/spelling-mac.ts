import { expect } from 'vitest'
import { dir, link } from '../fixtures/fake-host.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, verdicts } from './mac.ts'

const ODD = [
  'plain',
  'a[b]c',
  '[!a]',
  'a*b',
  '**',
  'a?b',
  'a b',
  ' ',
  'a"b',
  'a\\b',
  'a(b)',
  "a'b",
  'a\nb',
  'a$b',
  '{a,b}',
  '-a',
  'a;b',
  '#"x"',
  'é漢',
  'e\u0301',
  '(param "HOME")',
]

conforms('W16', 'evaluator', async () => {
  for (const name of ODD) {
    const project = `${HOME}/work/${name}`
    // A neighbour that a pattern made of the name would meet.
    const near = `${HOME}/work/${name === 'plain' ? 'plainer' : 'axb'}`
    const machine = await mac(
      {
        './.env': 'x',
        './a/.vscode/x': '',
        './a/file': '',
        [`${near}/.env`]: '',
        [`${near}/file`]: '',
      },
      { project },
    )
    verdicts(machine, {
      allowed: [
        ['write', './a/file'],
        ['create', './new', './a/new'],
        ['rename-from', './a/file'],
      ],
      denied: [
        ['read', './.env', './later/.env', `${near}/file`],
        ['write', './a/.vscode/x', `${near}/file`],
        ['create', './.mcp.json', `${near}/new`, `${HOME}/work/new`],
        ['rename-from', './a', './a/.vscode', project],
      ],
    })
    if (name !== 'plain') expect(machine.program.profile).not.toContain(`work/${name}`)
    expect(machine.program.profile).toMatch(/^[\n\x20-\x7e]*$/)
  }
})

conforms('W17', 'evaluator', async () => {
  const tree = {
    '/private/tmp/data/file': 'x',
    '/private/var/data/file': 'x',
    '/private/tmp/data2/file': 'x',
  }
  const answers = async (spelling: readonly string[]): Promise<unknown[]> => {
    const machine = await mac(tree, { grants: spelling.map((path) => ['write', path] as const) })
    const paths = [
      '/tmp/data/file',
      '/private/tmp/data/file',
      '/var/data/file',
      '/private/var/data/file',
      '/tmp/data2/file',
      '/private/tmp/data2/file',
      '/private/tmp/new',
      '/tmp/new',
    ]
    return paths.map((path) => [path, machine.may('write', path), machine.may('read', path)])
  }
  const short = await answers(['/tmp/data', '/var/data'])
  expect(short).toEqual(await answers(['/private/tmp/data', '/private/var/data']))
  expect(short.map((answer) => (answer as [string, boolean])[1])).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

conforms(
  'W17',
  'evaluator',
  async () => {
    // A firmlink is no symlink: lstat shows one directory at both names, and the kernel names a
    // file by the short one. So a grant that is
    // spelt with the long name must not open what the short one protects, and what is not granted
    // is denied under both.
    const data = `/System/Volumes/Data${HOME}`
    const machine = await mac({
      '~/.ssh/id_rsa': 'x',
      [`${data}/.ssh/id_rsa`]: 'x',
      [`${data}/work/p/file`]: 'x',
      './file': 'x',
      [`${data}/docs/file`]: 'x',
      '~/docs/file': 'x',
    })
    verdicts(machine, {
      allowed: [
        ['read', './file'],
        ['write', './file'],
      ],
      denied: [
        ['read', '~/.ssh/id_rsa', `${data}/.ssh/id_rsa`, `${data}/docs/file`],
        ['write', `${data}/docs/file`],
      ],
    })
    const granted = await mac(
      {
        '~/.ssh/id_rsa': 'x',
        [`${data}/.ssh/id_rsa`]: 'x',
        [`${data}/docs/file`]: 'x',
        '~/docs/file': 'x',
        [`${data}/.zshrc`]: 'x',
      },
      { grants: [['write', data]] },
    )
    verdicts(granted, {
      allowed: [['read', `${data}/docs/file`]],
      denied: [
        ['read', '~/.ssh/id_rsa', `${data}/.ssh/id_rsa`],
        ['write', `${data}/.zshrc`],
      ],
    })
  },
  'firmlinks',
)

conforms(
  'W17',
  'evaluator',
  async () => {
    const machine = await mac(
      { '/private/var/work/p': dir({ file: '' }, { uid: 501 }), '/work': link('/var/work') },
      { project: '/private/var/work/p', env: { PWD: '/work/p' } },
    )
    verdicts(machine, {
      allowed: [
        ['write', '/work/p/file', '/var/work/p/file', '/private/var/work/p/file'],
        ['create', '/work/p/new'],
      ],
      denied: [
        ['create', '/work/new', '/var/work/new'],
        ['write', '/work/p/.mcp.json'],
      ],
    })
  },
  'a project behind links',
)
