import type { AbsolutePath } from '../../machine/paths.ts'
import type { BubblewrapProgram, MountOperation, Nothing } from './program.ts'

/** Descriptors that bubblewrap is given, numbered as the child sees them. */
export interface BubblewrapDescriptors {
  readonly args: number
  readonly info: number
  readonly block: number
  readonly seccomp: number
  /**
   * Where bubblewrap waits, its namespaces made and not yet sealed, until the other end is closed.
   */
  readonly wait?: number
}

/** Where a run keeps what is mounted and is not the host's own. */
export interface MountSources {
  /** An unreadable file that stands in for hidden ones. */
  readonly standinFile: string
  readonly nothing: (nothing: Nothing) => string
}

/** Words in their places, for a program that is looked at and not started. */
export const NAMED_SOURCES: MountSources = {
  standinFile: 'STAND-IN',
  nothing: ({ number }) => `NOTHING-${number}`,
}

/**
 * Options of bubblewrap for a program, to be passed NUL-separated through `--args FD`: namespaces,
 * mounts, working directory.
 */
export const bubblewrapOptions = (
  program: BubblewrapProgram,
  options: {
    readonly cwd: AbsolutePath
    readonly sources: MountSources
    readonly descriptors: BubblewrapDescriptors
  },
): string[] => [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup',
  ...(program.hasOwnNetwork ? ['--unshare-net'] : []),
  '--disable-userns',
  '--cap-drop',
  'ALL',
  '--die-with-parent',
  '--info-fd',
  String(options.descriptors.info),
  '--block-fd',
  String(options.descriptors.block),
  '--seccomp',
  String(options.descriptors.seccomp),
  ...program.operations.flatMap((operation) => [
    ...(operation.type === 'proc' ? waiting(options.descriptors.wait, operation.dest) : []),
    ...mountOptions(operation, options.sources),
  ]),
  '--chdir',
  options.cwd,
]

/**
 * Copying a file from a pipe lasts until the pipe is closed; the file itself vanishes beneath the
 * mount that follows.
 */
const waiting = (descriptor: number | undefined, dest: AbsolutePath): string[] =>
  descriptor === undefined ? [] : ['--file', String(descriptor), `${dest}/wait`]

/** One mount step in bubblewrap's words. */
export const mountOptions = (operation: MountOperation, sources: MountSources): string[] => {
  const { dest } = operation
  switch (operation.type) {
    case 'chmod':
      return ['--chmod', octal(operation.mode), dest]
    case 'dir':
      return ['--perms', octal(operation.mode), '--dir', dest]
    case 'symlink':
      return ['--symlink', operation.source, dest]
    case 'dev':
      return ['--dev', dest]
    case 'proc':
      return ['--proc', dest]
    case 'shm':
      return ['--perms', '1777', '--tmpfs', dest]
    case 'bind':
      return ['--bind', operation.source, dest]
    case 'ro-bind':
    case 'pin':
      return ['--ro-bind', operation.source, dest]
    case 'standin-dir':
      return ['--perms', octal(operation.mode), '--tmpfs', dest]
    case 'standin-file':
      return ['--ro-bind', sources.standinFile, dest]
    case 'nothing':
      return ['--ro-bind', sources.nothing(operation.nothing), dest]
    case 'remount-ro':
      return ['--remount-ro', dest]
    default:
      return operation satisfies never
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
