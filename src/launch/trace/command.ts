import type { Host } from '../../machine/host.ts'
import { isRootsProgram } from '../../machine/ownership.ts'

/** How a run is traced: the program, and the named pipe it writes to. */
export interface TraceOptions {
  /** strace itself, from {@link findStrace}. */
  readonly file: string
  /** A named pipe in a directory that only the user can enter. */
  readonly pipe: string
}

/** strace, or why there is none and what to do. */
export type StraceSupport =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string }

/** Places of packages; PATH is not searched, for the tracer sees everything the agent does. */
const PLACES = [
  '/usr/bin/strace',
  '/bin/strace',
  '/usr/local/bin/strace',
  '/run/current-system/sw/bin/strace',
]

const INSTALL: readonly (readonly [string, string])[] = [
  ['/usr/bin/apt-get', 'sudo apt-get install strace'],
  ['/usr/bin/dnf', 'sudo dnf install strace'],
  ['/usr/bin/pacman', 'sudo pacman -S strace'],
  ['/usr/bin/zypper', 'sudo zypper install strace'],
  ['/sbin/apk', 'sudo apk add strace'],
]

/** Finds strace where packages put it, owned by root and writable by root alone. */
export const findStrace = (host: Host): StraceSupport => {
  const file = PLACES.find((place) => isRootsProgram(host, place))
  if (file !== undefined) return { ok: true, file }
  const hint =
    INSTALL.find(([tool]) => host.stat(tool) !== undefined)?.[1] ??
    'install the package strace with your package manager'
  return {
    ok: false,
    reason:
      'strace is not installed: bubblewrap reports no denials, so without it nothing is collected',
    hint,
  }
}

/**
 * Calls that name a path or an address, and those that tell where a process is. A leading `?`
 * allows for a call that the processor does not have.
 */
const CALLS = '%file,connect,bind,fchdir,clone,?clone3,?fork,?vfork'

/** Longest path that Linux takes; what is longer is refused for its length. */
const PATH_MAX = 4096

/**
 * The words that start `argv` under strace. The tracer is a grandchild in a session of its own
 * (`-DDD`, measured with strace 6.1): the process that was started stays the parent's child, with
 * its exit status, its tie to the parent's death and the terminal's signals, and Ctrl-C does not
 * reach the tracer. It must stand outside of bubblewrap, whose filter forbids tracing inside and
 * whose own kernel filter is kept: a call that this filter refuses is never seen by a tracer.
 * Successful calls are read too, because only they tell the working directory, the program and its
 * children; `-Z` would save a quarter of the cost and lose the paths of `mkdir("x")`.
 */
export const traceCommand = (argv: readonly string[], { file, pipe }: TraceOptions): string[] => [
  file,
  '-DDD',
  '-f',
  '-y',
  '-ttt',
  '--pidns-translation',
  '--seccomp-bpf',
  '-s',
  String(PATH_MAX),
  '-q',
  '-e',
  'signal=none',
  '-e',
  `trace=${CALLS}`,
  '-o',
  pipe,
  '--',
  ...argv,
]
