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
const gate = mountGate(program, compilePolicy(policy))

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

const judge = (
  now: string,
  before = RELEASED,
): { gained: string[]; harmless: string[]; repairs: unknown[] } => {
  const { gained, harmless } = gate.judge({ released: RELEASED, before, now, host: HOST })
  return {
    gained: gained.map(({ words }) => words),
    harmless: harmless.map(({ words }) => words),
    repairs: [...gained, ...harmless].flatMap(({ repair }) => repair ?? []),
  }
}

describe('what changed mounts give the agent', () => {
  it('nothing changed: nothing is said', () => {
    expect(judge(RELEASED)).toEqual({ gained: [], harmless: [], repairs: [] })
  })

  it.each<[string, string, string]>([
    [
      'a readable file whose name was replaced (useradd, apt, a VPN)',
      after({
        22: '22 20 8:1 /etc/passwd//deleted /etc/passwd ro,nosuid,nodev - ext4 d rw',
      }),
      '/etc/passwd was replaced or removed on the host',
    ],
    [
      'a readable file that was moved aside',
      after({ 22: '22 20 8:1 /etc/passwd- /etc/passwd ro,nosuid,nodev - ext4 d rw' }),
      '/etc/passwd was moved on the host',
    ],
    [
      'a readable directory that was removed',
      after({
        23: '23 20 8:1 /home/u/docs//deleted /home/u/docs ro,nosuid,nodev - ext4 d rw',
      }),
      '/home/u/docs was replaced or removed on the host',
    ],
    [
      'a granted socket that its service made anew',
      after({ 33: '33 20 8:1 /run/s.sock//deleted /run/s.sock ro,nosuid,nodev - ext4 d rw' }),
      '/run/s.sock was replaced or removed on the host',
    ],
    [
      'a readable directory that was moved into what it may write',
      after({ 23: '23 20 8:1 /p/docs /home/u/docs ro,nosuid,nodev - ext4 d rw' }),
      '/home/u/docs was moved on the host',
    ],
    [
      'a host file system mounted where the agent may write',
      after({}, '40 27 8:9 / /p/data rw,nosuid,nodev - ext4 d rw\n'),
      '/p/data was mounted on the host',
    ],
  ])('%s gives it nothing', (_, now, words) => {
    expect(judge(now)).toMatchObject({ gained: [], harmless: [words] })
    expect(judge(now, now)).toEqual({ gained: [], harmless: [], repairs: [] })
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

describe('what would mend it', () => {
  it.each<[string, string, unknown[]]>([
    [
      'a protected file is mounted again, read-only',
      after({ 29: '' }),
      [{ kind: 'place', at: '/p/.git/config', place: { access: 'read', isStale: false } }],
    ],
    [
      'a hidden file gets a stand-in again, and is held by an empty file where it is gone',
      after({ 28: '' }),
      [
        {
          at: '/p/.env',
          place: { access: 'none', mode: 0, placeholder: { hold: { type: 'file', content: '' } } },
        },
      ],
    ],
    [
      'a name above a protection is pinned beneath its root before all else',
      after({
        26: '26 25 8:1 /p/.g /p/.g ro,nosuid,nodev - ext4 d rw',
        29: '29 27 8:1 /p/.g/config /p/.g/config ro,nosuid,nodev - ext4 d rw',
      }),
      [
        { kind: 'place', at: '/p/.git/config' },
        { kind: 'pin', at: '/p/.git', root: '/p' },
      ],
    ],
    [
      'a stale file is put beneath what is there',
      after({ 22: '22 20 8:1 /etc/passwd//deleted /etc/passwd ro,nosuid,nodev - ext4 d rw' }),
      [{ at: '/etc/passwd', place: { access: 'read', isStale: true } }],
    ],
    [
      'a stale file that may be written, too',
      after({ 24: '24 20 8:1 /home/u/notes//deleted /home/u/notes rw,nosuid,nodev - ext4 d rw' }),
      [{ at: '/home/u/notes', place: { access: 'write', isStale: true } }],
    ],
    [
      'what the host mounted is mounted again read-only over itself',
      after({}, '40 21 8:9 / /usr/x rw,nosuid,nodev - ext4 d rw\n'),
      [{ at: '/usr/x', place: { access: 'read' } }],
    ],
    [
      'nothing mends a project that was moved',
      after({ 27: '27 25 8:1 /q /p rw,nosuid,nodev - ext4 d rw' }),
      [],
    ],
  ])('%s', (_, now, repairs) => {
    expect(judge(now).repairs).toMatchObject(repairs)
  })

  it('of a directory that moved, what lies in it is not told apart', () => {
    const moved = after({
      27: '27 25 8:1 /q /p rw,nosuid,nodev - ext4 d rw',
      30: '30 27 8:1 /q/.vscode /p/.vscode ro,nosuid,nodev - ext4 d rw',
    })
    expect(judge(moved).gained).toEqual(['/p was moved on the host to /q'])
  })
})

describe('what processes hold', () => {
  const holding = {
    pid: 7,
    program: 'sh',
    what: 'a descriptor',
    isNamed: true,
    isWritten: false,
  } as const
  const excess = (path: string, mount: number | undefined, more = {}): number =>
    gate.excess([{ ...holding, path, mount, ...more }], {
      released: RELEASED,
      before: RELEASED,
      now: after({ 29: '41 27 8:1 /p/.git/config /p/.git/config ro,nosuid,nodev - ext4 d rw' }),
      host: HOST,
      seen: [RELEASED, '44 27 8:9 / /p/data rw,nosuid,nodev - ext4 d rw\n'],
      lost: ['/p/.git/config'],
    }).length

  it.each<[string, number, string, number | undefined, object?]>([
    ['a file of the project', 0, '/p/src/x', 27],
    ['the project as working directory', 0, '/p', 27],
    ['a protected file through the writable root', 1, '/p/.git/config', 27],
    ['the same after the host removed it', 1, '/p/.git/config (deleted)', 27],
    ['a protected file through its own mount', 0, '/p/.git/config', 41],
    ['a protected file as it was before, through the mount that fell off', 0, '/config', 29],
    ['a directory beneath a protected one through the writable root', 1, '/p/.vscode/x', 27],
    ['a hidden file', 1, '/p/.env', 27],
    ['a file through a host’s mount that is gone', 0, '/x', 44],
    ['a file through a mount that no look has seen', 1, '/x', 99],
    ['a memory file', 0, '/memfd:x (deleted)', 99, { isNamed: false }],
    ['a standard stream, which is the host’s', 0, '/dev/pts/1', 2],
    ['a file of /proc', 0, '/proc/7/status', 32],
    ['a mapping of a file that was never lost', 0, '/usr/lib/x.so', undefined],
    ['a read-only mapping of a protected file', 0, '/p/.git/config', undefined],
    [
      'a mapping of it that is written through',
      1,
      '/p/.git/config',
      undefined,
      { isWritten: true },
    ],
  ])('%s: %i too much', (_, count, path, mount, more) => {
    expect(excess(path, mount, more)).toBe(count)
  })
})
