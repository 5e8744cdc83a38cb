import type {
  Grant,
  GrantAccess,
  Lift,
  Origin,
  Protection,
  ProtectionKind,
  ResolvedPolicy,
  Strength,
} from '../../src/policy/model.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'

export const at = (path: string): AbsolutePath => path as AbsolutePath

export const origin = (strength: Strength = 'builtin'): Origin => ({
  strength,
  file: 'test.toml',
  line: 1,
  key: 'test',
})

export const grant = (
  access: GrantAccess,
  path: string,
  extra: Partial<Grant> & { strength?: Strength } = {},
): Grant => ({
  path: at(path),
  access,
  kind: 'directory',
  requested: path,
  origin: origin(extra.strength),
  ...extra,
})

export const protection = (
  kind: ProtectionKind,
  path: string,
  extra: Partial<Protection> = {},
): Protection => ({
  path: at(path),
  kind,
  exists: true,
  entry: 'directory',
  requested: path,
  liftable: true,
  origin: origin(),
  ...extra,
})

export const lift = (path: string): Lift => ({
  path: at(path),
  requested: path,
  origin: origin('flag'),
})

/** A resolved policy that says nothing but what the test gives it. */
export const policyOf = (parts: Partial<ResolvedPolicy> = {}): ResolvedPolicy => ({
  name: 'test',
  platform: 'linux',
  foldsNames: false,
  project: at('/p'),
  home: at('/home/u'),
  grants: [],
  protections: [],
  patterns: [],
  barred: [],
  lifts: [],
  hops: [],
  stats: [],
  sockets: { connect: [], bind: [], masked: [] },
  network: {
    mode: { value: 'none', origin: origin() },
    hosts: [],
    registries: [],
    loopback: [],
    listen: [],
  },
  features: [],
  notices: [],
  ...parts,
})
