import { spawn } from 'node:child_process'
import type { AbsolutePath } from '../machine/paths.ts'

/**
 * An interpreter and the script that makes system calls for us (`shell/calls.pl`,
 * `shell/calls.py`).
 */
export interface Caller {
  readonly file: AbsolutePath
  readonly args: readonly string[]
}

/** Architectures whose numbers are known, by `process.arch`. */
export type CallArch = 'x64' | 'arm64'

/** asm/unistd_64.h; asm-generic/unistd.h for arm64. */
const NUMBERS = {
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  fsopen: { x64: 430, arm64: 430 },
  ioctl: { x64: 16, arm64: 29 },
  mount_setattr: { x64: 442, arm64: 442 },
  move_mount: { x64: 429, arm64: 429 },
  open_tree: { x64: 428, arm64: 428 },
  openat: { x64: 257, arm64: 56 },
  openat2: { x64: 437, arm64: 437 },
  setns: { x64: 308, arm64: 268 },
  umount2: { x64: 166, arm64: 39 },
  unshare: { x64: 272, arm64: 97 },
} as const
type CallName = keyof typeof NUMBERS

/**
 * What an earlier call returned: as it is, or (`aside`) as the path of a descriptor that the other
 * process holds.
 */
interface Returned {
  readonly call: number
  readonly as: 'number' | 'aside'
}

/** A number, a text (a NUL is put behind it), bytes, or what a call returned. */
type Field = number | string | Uint8Array | Returned

/**
 * System calls in their order. `aside` is done first, by a process of its own that keeps what it
 * opened until `main` is done.
 */
export interface CallList {
  aside(name: CallName, ...fields: readonly Field[]): number
  main(name: CallName, ...fields: readonly Field[]): number
  /** Which call it is, for a message. */
  nameOf(call: number): string
  /** The words for the script. */
  readonly text: string
}

/** An empty list; all calls of `aside` are to be added before those of `main`. */
export const callList = (arch: CallArch): CallList => {
  const names: CallName[] = []
  const lines: { aside: string[]; main: string[] } = { aside: [], main: [] }
  const add =
    (part: 'aside' | 'main') =>
    (name: CallName, ...fields: readonly Field[]): number => {
      lines[part].push([NUMBERS[name][arch], ...fields.map(word)].join(' '))
      return names.push(name) - 1
    }
  return {
    aside: add('aside'),
    main: add('main'),
    nameOf: (call) => names[call] ?? 'a call',
    get text() {
      return ['aside', ...lines.aside, 'main', ...lines.main, ''].join('\n')
    },
  }
}

const word = (field: Field): string =>
  typeof field === 'number'
    ? `i:${field}`
    : typeof field === 'string'
      ? `s:${Buffer.from(`${field}\0`).toString('hex')}`
      : field instanceof Uint8Array
        ? `s:${Buffer.from(field).toString('hex')}`
        : `${field.as === 'aside' ? 'a' : 'r'}:${field.call}`

/** Where a list stopped: the call's name and errno; 0 when the script itself failed. */
export interface CallFailure {
  readonly name: string
  readonly errno: number
}

const TIMEOUT = 10_000

/**
 * Makes the calls; descriptor 3 of the process is `descriptor`. Resolves with where it stopped, or
 * undefined when all were made.
 */
export const makeCalls = (
  { file, args }: Caller,
  list: CallList,
  descriptor: number,
): Promise<CallFailure | undefined> =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'pipe', 'ignore', descriptor],
      timeout: TIMEOUT,
      killSignal: 'SIGKILL',
    })
    let answer = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    child.stdin?.on('error', () => undefined)
    child.once('error', () => resolve({ name: file, errno: 0 }))
    child.once('close', (code) => {
      if (code === 0 && answer === 'ok\n') return resolve(undefined)
      const failed = /^failed (\d+) (\d+)/.exec(answer)
      resolve(
        failed
          ? { name: list.nameOf(Number(failed[1])), errno: Number(failed[2]) }
          : { name: file, errno: 0 },
      )
    })
    child.stdin?.end(list.text)
  })
