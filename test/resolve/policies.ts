import type {
  GrantAccess,
  Origin,
  Policy,
  ProtectionKind,
  Strength,
} from '../../src/policy/model.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { resolvePolicy, type ResolveOptions } from '../../src/resolve/resolve.ts'
import type { Host } from '../../src/machine/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'

export const originOf = (strength: Strength = 'builtin', key = 'test'): Origin => ({
  strength,
  file: strength === 'flag' ? '--test' : 'profiles/test.toml',
  line: 1,
  key,
})

export interface PolicyText {
  readonly read?: readonly string[]
  readonly write?: readonly string[]
  readonly none?: readonly string[]
  readonly flagRead?: readonly string[]
  readonly create?: readonly string[]
  readonly seeds?: Policy['seeds']
  readonly hidden?: readonly string[]
  readonly readOnly?: readonly string[]
  readonly lift?: readonly string[]
  readonly connect?: readonly string[]
  readonly bind?: readonly string[]
  /** Variables and where they point: `$CACHE/…`, `$TMPDIR/…` or another path. */
  readonly caches?: readonly (readonly [string, string])[]
}

/** A policy from lists of paths: built-in strength, lifts as flags. */
export const policyOf = (text: PolicyText): Policy => {
  const grants = (
    access: GrantAccess,
    paths: readonly string[] = [],
    strength: Strength = 'builtin',
  ) => paths.map((path) => ({ path, access, origin: originOf(strength) }))
  const protections = (kind: ProtectionKind, paths: readonly string[] = []) =>
    paths.map((path) => ({ path, kind, origin: originOf() }))
  const sourced = (values: readonly string[] = [], strength: Strength = 'builtin') =>
    values.map((value) => ({ value, origin: originOf(strength) }))
  return {
    name: 'test',
    description: 'test',
    args: [],
    grants: [
      ...grants('read', text.read),
      ...grants('write', text.write),
      ...grants('none', text.none),
      ...grants('read', text.flagRead, 'flag'),
    ],
    protections: [
      ...protections('hidden', text.hidden),
      ...protections('read_only', text.readOnly),
    ],
    lifts: sourced(text.lift, 'flag'),
    create: sourced(text.create),
    seeds: text.seeds ?? [],
    connect: sourced(text.connect),
    bind: sourced(text.bind),
    network: {
      mode: { value: 'none', origin: originOf() },
      hosts: [],
      registries: [],
      loopback: [],
      listen: [],
    },
    environment: { pass: [], set: new Map(), from: new Map(), drop: [] },
    caches: (text.caches ?? []).map(([variable, place]) => ({
      variable,
      place,
      origin: originOf(),
    })),
    features: [],
    files: [],
  }
}

export const resolveOn = (
  host: Host,
  text: PolicyText | Policy,
  options: Partial<ResolveOptions> = {},
) =>
  resolvePolicy('grants' in text ? text : policyOf(text), emptyRequest, host, {
    project: host.cwd,
    isBroad: false,
    runTmp: '/tmp/run' as AbsolutePath,
    ...options,
  })
