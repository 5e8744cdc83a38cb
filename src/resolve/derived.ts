import type { Host } from '../machine/host.ts'
import type { GrantAccess, Origin } from '../policy/model.ts'
import { absolute, type AbsolutePath } from '../machine/paths.ts'
import type { DerivedGrant } from './draft.ts'
import type { Target } from './types.ts'
import type { WalkedPath } from '../machine/walk.ts'

/** Reads that the target needs to start, each with the chain that leads to it. */
export const targetGrants = (target: Target | undefined): DerivedGrant[] =>
  [...(target?.executables ?? []), ...(target?.reads ?? [])].map(({ path, chain }) => ({
    walked: path,
    access: 'read',
    requested: path.requested,
    origin: { strength: 'derived', file: 'resolution', key: 'target', because: chain.join(', ') },
  }))

/** The run's own temporary directory: made by launcher, removed after the run. */
export const tmpGrant = (tmp: AbsolutePath): DerivedGrant => ({
  walked: atItself(tmp),
  access: 'write',
  kind: 'directory',
  requested: '$TMPDIR',
  origin: {
    strength: 'derived',
    file: 'resolution',
    key: '$TMPDIR',
    because: 'private to this run',
  },
})

/**
 * Devices of the backend's own /dev that a program writes to; the links among them (`fd`, `stdin`
 * …) lead to the process itself.
 */
const WRITABLE_DEVICES = [
  'full',
  'fd',
  'null',
  'ptmx',
  'pts',
  'random',
  'shm',
  'stderr',
  'stdin',
  'stdout',
  'tty',
  'urandom',
  'zero',
]
const DIRECTORIES: ReadonlySet<string> = new Set(['fd', 'pts', 'shm'])

/** What bubblewrap provides itself, never bound from the host. */
export const backendGrants = (host: Host): DerivedGrant[] => {
  if (host.platform !== 'linux') return []
  const grant = (
    path: string,
    access: GrantAccess,
    because: string,
    kind: 'file' | 'directory' = 'directory',
  ): DerivedGrant => {
    const origin: Origin = { strength: 'builtin', file: 'bubblewrap', key: 'backend', because }
    return {
      walked: atItself(absolute(path)),
      access,
      kind,
      requested: path,
      origin,
      provider: 'backend',
    }
  }
  return [
    grant('/proc', 'read', "the sandbox's own processes"),
    grant('/dev', 'read', 'a small /dev made for the sandbox'),
    ...WRITABLE_DEVICES.map((name) =>
      grant(
        `/dev/${name}`,
        'write',
        'a device that every program expects',
        DIRECTORIES.has(name) ? 'directory' : 'file',
      ),
    ),
  ]
}

/** For paths that are not the host's: nothing there is to be followed. */
const atItself = (path: AbsolutePath): WalkedPath => ({
  requested: path,
  hops: [],
  real: path,
  status: 'exists',
  kind: 'directory',
})
