import { parseEnv } from 'node:util'
import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import { isLoaderVariable } from '../policy/loader-variables.ts'
import type { EnvironmentPolicy, Origin } from '../policy/model.ts'

/** One variable of the agent's environment: its value and where value and permission come from. */
interface Variable {
  readonly name: string
  readonly value: string
  /** `env`, `set`, `dotenv:…`, `keychain:…`, `launcher`. */
  readonly source: string
  readonly origin: Origin
}

/** Names that the agent may be given: also those for which the keychain has still to be asked. */
export const namesIn = ({ variables, waiting }: BuiltEnvironment): ReadonlySet<string> =>
  new Set([...variables, ...waiting].map(({ name }) => name))

/** Values by name, as far as they are known. */
export const valuesIn = ({ variables }: BuiltEnvironment): Readonly<Record<string, string>> =>
  Object.fromEntries(variables.map(({ name, value }) => [name, value]))

/** What became of each name that was asked for or present: the answer to `explain env NAME`. */
export interface BuiltEnvironment {
  readonly variables: readonly Variable[]
  /** Present outside, not passed. */
  readonly removed: readonly string[]
  /** Asked for with `from`, found nowhere. */
  readonly unset: readonly {
    readonly name: string
    readonly tried: readonly string[]
    readonly origin: Origin
  }[]
  /** What only the keychain may still hold: read when the agent is started, and not before. */
  readonly waiting: readonly WaitingVariable[]
}

/** A variable whose next source is the keychain. */
interface WaitingVariable {
  readonly name: string
  /** Items to ask for, in order, each `SERVICE/ACCOUNT`. */
  readonly items: readonly string[]
  /** What it is where the keychain has none of them. */
  readonly otherwise: Found | undefined
  /** All of its sources. */
  readonly tried: readonly string[]
  readonly origin: Origin
}

/** A value and the source that had it. */
type Found = Pick<Variable, 'value' | 'source'>

/** What launcher itself sets, whatever a profile says: PATH, TMPDIR, the way to its proxy. */
export type OwnVariables = Readonly<Record<string, string>>

const OWN: Origin = { strength: 'builtin', file: 'launcher', key: 'environment' }
const DOTENV_LIMIT = 65_536

/**
 * Rebuilds the environment from the policy's list; nothing is inherited. `expand` says what
 * `$TMPDIR`, `~` and the like mean in values and dotenv paths. A value that holds a NUL is skipped.
 * Nobody is asked for anything: a variable that waits for the keychain stays among the `waiting`
 * until {@link withKeychain}.
 */
export const planEnvironment = (
  policy: EnvironmentPolicy,
  host: Host,
  own: OwnVariables,
  expand: (text: string) => string,
): BuiltEnvironment => {
  const chosen = new Map<string, Variable>()
  const unset: BuiltEnvironment['unset'][number][] = []
  const waiting: WaitingVariable[] = []
  const put = (variable: Variable): void => {
    if (!variable.value.includes('\0')) chosen.set(variable.name, variable)
  }
  const isDropped = (name: string): boolean =>
    isLoaderVariable(name) || policy.drop.some((drop) => matches(drop.value, name))
  for (const { value: pattern, origin } of policy.pass) {
    for (const [name, value] of Object.entries(host.env)) {
      if (value !== undefined && matches(pattern, name) && !isDropped(name))
        put({ name, value, source: 'env', origin })
    }
  }
  for (const [name, { value, origin }] of policy.set)
    put({ name, value: expand(value), source: 'set', origin })
  for (const [name, { value: tried, origin }] of policy.from) {
    const { items, found } = firstOf(name, tried, host, expand)
    if (items.length > 0) waiting.push({ name, items, otherwise: found, tried, origin })
    else if (found) put({ name, ...found, origin })
    else if (!chosen.has(name)) unset.push({ name, tried, origin })
  }
  return withOwn(
    {
      variables: [...chosen.values()],
      removed: Object.keys(host.env)
        .filter((name) => !chosen.has(name))
        .sort(),
      unset,
      waiting,
    },
    own,
  )
}

/** The same with what launcher sets itself, whatever the policy says of those names. */
export const withOwn = (environment: BuiltEnvironment, own: OwnVariables): BuiltEnvironment => {
  const variables = Object.entries(own)
    .filter(([, value]) => !value.includes('\0'))
    .map(([name, value]): Variable => ({ name, value, source: 'launcher', origin: OWN }))
  const isOwn = ({ name }: { readonly name: string }): boolean => Object.hasOwn(own, name)
  return {
    variables: [...environment.variables.filter((one) => !isOwn(one)), ...variables].sort(byName),
    removed: environment.removed.filter((name) => !Object.hasOwn(own, name)),
    unset: environment.unset,
    waiting: environment.waiting.filter((one) => !isOwn(one)),
  }
}

/**
 * The environment that an agent is started with: `read` says what the keychain holds of what waited
 * for it.
 */
export const withKeychain = (
  planned: BuiltEnvironment,
  read: (item: string) => string | undefined,
): BuiltEnvironment => {
  const chosen = new Map(planned.variables.map((variable) => [variable.name, variable]))
  const unset = [...planned.unset]
  for (const { name, items, otherwise, tried, origin } of planned.waiting) {
    const found = firstItem(items, read) ?? otherwise
    if (found) chosen.set(name, { name, ...found, origin })
    else if (!chosen.has(name)) unset.push({ name, tried, origin })
  }
  return {
    variables: [...chosen.values()].sort(byName),
    removed: planned.removed.filter((name) => !chosen.has(name)),
    unset,
    waiting: [],
  }
}

const firstItem = (
  items: readonly string[],
  read: (item: string) => string | undefined,
): Found | undefined => {
  for (const item of items) {
    const value = read(item)
    if (isValue(value)) return { value, source: `${KEYCHAIN}${item}` }
  }
  return undefined
}

const KEYCHAIN = 'keychain:'

const byName = (a: Variable, b: Variable): number => (a.name < b.name ? -1 : 1)

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name

/** What a variable is without the keychain, and the items of the keychain that come before that. */
const firstOf = (
  name: string,
  sources: readonly string[],
  host: Host,
  expand: (text: string) => string,
): { readonly items: readonly string[]; readonly found: Found | undefined } => {
  const items: string[] = []
  for (const source of sources) {
    if (source.startsWith(KEYCHAIN)) {
      if (host.platform === 'macos') items.push(source.slice(KEYCHAIN.length))
      continue
    }
    const value = valueFrom(name, source, host, expand)
    if (isValue(value)) return { items, found: { value, source } }
  }
  return { items, found: undefined }
}

const isValue = (value: string | undefined): value is string =>
  value !== undefined && value !== '' && !value.includes('\0')

const valueFrom = (
  name: string,
  source: string,
  host: Host,
  expand: (text: string) => string,
): string | undefined => {
  if (source === 'env') return host.env[name]
  if (source.startsWith('dotenv:')) return fromDotenv(name, expand(source.slice(7)), host)
  throw new LauncherError('E_ENVIRONMENT', `${source} is not a source of a variable`, {
    hint: 'env, dotenv:PATH and keychain:SERVICE/ACCOUNT are',
  })
}

const fromDotenv = (name: string, file: string, host: Host): string | undefined => {
  const content = host.read(file, DOTENV_LIMIT)
  if (!content.ok) return undefined
  const text = decodeText(content.bytes)
  return text === undefined ? undefined : parseEnv(text)[name]
}
