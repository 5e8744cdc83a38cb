import { describe, expect, it } from 'vitest'
import { mountGate } from '../../../src/backend/bubblewrap/gate.ts'
import { compileBubblewrap } from '../../../src/backend/bubblewrap/program.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import { at, grant, origin, policyOf, protection } from '../../policy/builders.ts'

const policy = policyOf({
  grants: [
    grant('read', '/usr'),
    grant('read', '/etc/passwd', { kind: 'file' }),
    grant('read', '/home/u/docs'),
    grant('write', '/home/u/notes', { kind: 'file' }),
    grant('write', '/p'),
    grant('read', '/dev', { provider: 'backend' }),
    grant('read', '/proc', { provider: 'backend' }),
  ],
  protections: [
    protection('hidden', '/p/.env', { entry: 'file' }),
    protection('read_only', '/p/.git/config', { entry: 'file' }),
    protection('read_only', '/p/.vscode'),
  ],
  sockets: {
    connect: [{ path: at('/run/s.sock'), origin: origin() }],
    bind: [],
    masked: [],
  },
})
const program = compileBubblewrap(policy)
const gate = mountGate(program.operations, compilePolicy(policy))

/** A host of two file systems: `/` and `/usr`. */
const HOST = `1 0 8:1 / / rw - ext4 d rw
2 1 8:2 / /usr rw - ext4 d rw
`
const RELEASED = `20 9 0:70 /newroot / ro,nosuid,nodev - tmpfs t rw
21 20 8:2 / /usr ro,nosuid,nodev - ext4 d rw
22 20 8:1 /etc/passwd /etc/passwd ro,nosuid,nodev - ext4 d rw
23 20 8:1 /home/u/docs /home/u/docs ro,nosuid,nodev - ext4 d rw
24 20 8:1 /home/u/notes /home/u/notes rw,nosuid,nodev - ext4 d rw
25 20 8:1 /p /p rw,nosuid,nodev - ext4 d rw
26 25 8:1 /p/.git /p/.git ro,nosuid,nodev - ext4 d rw
27 25 8:1 /p /p rw,nosuid,nodev - ext4 d rw
28 27 8:1 /state/standin /p/.env ro,nosuid,nodev - ext4 d rw
29 27 8:1 /p/.git/config /p/.git/config ro,nosuid,nodev - ext4 d rw
30 27 8:1 /p/.vscode /p/.vscode ro,nosuid,nodev - ext4 d rw
31 20 0:71 / /dev ro,nosuid,nodev - tmpfs t rw
32 20 0:72 / /proc ro,nosuid,nodev - proc p rw
33 20 8:1 /run/s.sock /run/s.sock ro,nosuid,nodev - ext4 d rw
`
/** The released table after some lines were replaced; an empty text takes a line away. */
const after = (edits: Readonly<Record<number, string>>, more = ''): string =>
  `${RELEASED.split('\n')
    .map((line) => edits[Number(line.split(' ')[0])] ?? line)
    .filter((line) => line !== '')
    .join('\n')}\n${more}`

const judge = (now: string, before = RELEASED) =>
  gate.judge({ released: RELEASED, before, now, host: HOST })

describe('what changed mounts give the agent', () => {
  it('nothing changed: nothing is said', () => {
    expect(judge(RELEASED)).toEqual({ gained: [], harmless: [] })
  })

  it.each<[string, string, string]>([
    [
      'a readable file whose name was replaced (useradd, apt, a VPN)',
      after({
        22: '22 20 8:1 /etc/passwd//deleted /etc/passwd ro,nosuid,nodev - ext4 d rw',
      }),
      '/etc/passwd was replaced or removed on the host: the agent keeps what was there',
    ],
    [
      'a readable file that was moved aside',
      after({ 22: '22 20 8:1 /etc/passwd- /etc/passwd ro,nosuid,nodev - ext4 d rw' }),
      '/etc/passwd was moved on the host: the agent keeps what was there',
    ],
    [
      'a readable directory that was removed',
      after({
        23: '23 20 8:1 /home/u/docs//deleted /home/u/docs ro,nosuid,nodev - ext4 d rw',
      }),
      '/home/u/docs was replaced or removed on the host: the agent keeps what was there',
    ],
    [
      'a granted socket that its service made anew',
      after({ 33: '33 20 8:1 /run/s.sock//deleted /run/s.sock ro,nosuid,nodev - ext4 d rw' }),
      '/run/s.sock was replaced or removed on the host: the agent keeps what was there',
    ],
    [
      'a readable directory that was moved into what it may write',
      after({ 23: '23 20 8:1 /p/docs /home/u/docs ro,nosuid,nodev - ext4 d rw' }),
      '/home/u/docs was moved on the host: the agent keeps what was there',
    ],
    [
      'a host file system mounted where the agent may write',
      after({}, '40 27 8:9 / /p/data rw,nosuid,nodev - ext4 d rw\n'),
      '/p/data was mounted on the host and can be seen',
    ],
  ])('%s gives it nothing', (_, now, words) => {
    expect(judge(now)).toEqual({ gained: [], harmless: [words] })
    expect(judge(now, now)).toEqual({ gained: [], harmless: [] })
  })

  it.each<[string, string, RegExp]>([
    ['a hidden file that fell off', after({ 28: '' }), /^\/p\/\.env was hidden/],
    ['a read-only file that fell off', after({ 29: '' }), /^\/p\/\.git\/config was held read-only/],
    [
      'a read-only directory that was moved',
      after({ 30: '30 27 8:1 /p/.old /p/.old ro,nosuid,nodev - ext4 d rw' }),
      /^\/p\/\.vscode was held read-only/,
    ],
    [
      'the directory above a protection that was moved',
      after({
        26: '26 25 8:1 /p/.g /p/.g ro,nosuid,nodev - ext4 d rw',
        29: '29 27 8:1 /p/.g/config /p/.g/config ro,nosuid,nodev - ext4 d rw',
      }),
      /^\/p\/\.git\/config was held read-only/,
    ],
    ['a lost pin alone', after({ 26: '' }), /^\/p\/\.git holds something protected/],
    [
      'a project that was moved',
      after({ 27: '27 25 8:1 /q /p rw,nosuid,nodev - ext4 d rw' }),
      /^\/p was moved on the host to \/q/,
    ],
    [
      'a readable directory that was moved out of what it may read',
      after({ 23: '23 20 8:1 /home/u/mail /home/u/docs ro,nosuid,nodev - ext4 d rw' }),
      /^\/home\/u\/docs was moved on the host to \/home\/u\/mail/,
    ],
    [
      'a writable file that was replaced',
      after({
        24: '24 20 8:1 /home/u/notes//deleted /home/u/notes rw,nosuid,nodev - ext4 d rw',
      }),
      /^\/home\/u\/notes was replaced on the host/,
    ],
    [
      'a mount that became writable',
      after({ 21: '21 20 8:2 / /usr rw,nosuid,nodev - ext4 d rw' }),
      /^\/usr was held read-only/,
    ],
    [
      'a host file system mounted writable where the agent may only read',
      after({}, '40 21 8:9 / /usr/x rw,nosuid,nodev - ext4 d rw\n'),
      /^\/usr\/x was mounted on the host and became writable/,
    ],
    [
      'a host file system mounted over a protection',
      after({}, '40 27 8:9 / /p/.git rw,nosuid,nodev - ext4 d rw\n'),
      /^\/p\/\.git\/config was held read-only/,
    ],
    [
      'a host file system mounted over a hidden file',
      after({}, '40 28 8:9 /f /p/.env ro,nosuid,nodev - ext4 d rw\n'),
      /^\/p\/\.env was mounted on the host and became readable/,
    ],
    [
      'a host file system with devices',
      after({}, '40 27 8:9 / /p/data rw,nosuid - ext4 d rw\n'),
      /^\/p\/data was mounted on the host and its devices/,
    ],
    [
      'a mount that took the place and number of another',
      after({ 28: '28 27 8:1 /p/.env /p/.env rw,nosuid,nodev - ext4 d rw' }),
      /^\/p\/\.env was hidden/,
    ],
    [
      'anything new in /proc',
      after({}, '40 32 0:80 / /proc/x ro,nosuid,nodev - tmpfs t rw\n'),
      /^\/proc\/x is not as bubblewrap made it/,
    ],
    ['a root that is gone', after({ 20: '' }), /^\/ is not as bubblewrap made it/],
  ])('%s gives it something', (_, now, words) => {
    expect(judge(now).gained).toContainEqual(expect.stringMatching(words))
  })
})
