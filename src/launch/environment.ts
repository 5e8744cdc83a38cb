import { parseEnv } from 'node:util'
import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import type { EnvironmentPolicy, Origin } from '../policy/model.ts'

/** One variable of the agent's environment: its value and where value and permission come from. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** `env`, `set`, `dotenv:…`, `keychain:…`, `launcher`. */
  readonly source: string
  readonly origin: Origin
}

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
export interface WaitingVariable {
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

/** What the words of a policy mean here. */
export interface EnvironmentWords {
  /** `$TMPDIR`, `~` and the like in `set` values and dotenv paths, as this machine's. */
  expand(text: string): string
  /** A variable that a loader or interpreter takes code from: no pattern lets it through. */
  isForbidden(name: string): boolean
}

const OWN: Origin = { strength: 'builtin', file: 'launcher', key: 'environment' }
const DOTENV_LIMIT = 65_536

/**
 * Rebuilds the environment from the policy's list; nothing is inherited. A value that holds a NUL is skipped. Nobody is
 * asked for anything: a variable that waits for the keychain stays among the `waiting` until {@link withKeychain}.
 */
export const planEnvironment = (
  policy: EnvironmentPolicy,
  host: Host,
  own: OwnVariables,
  words: EnvironmentWords,
): BuiltEnvironment => {
  const { expand, isForbidden } = words
  const chosen = new Map<string, Variable>()
  const unset: BuiltEnvironment['unset'][number][] = []
  const waiting: WaitingVariable[] = []
  const put = (variable: Variable): void => {
    if (!variable.value.includes('\0')) chosen.set(variable.name, variable)
  }
  const isDropped = (name: string): boolean =>
    isForbidden(name) || policy.drop.some((drop) => matches(drop.value, name))
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
  for (const [name, value] of Object.entries(own))
    put({ name, value, source: 'launcher', origin: OWN })
  return {
    variables: sorted(chosen),
    removed: Object.keys(host.env)
      .filter((name) => !chosen.has(name))
      .sort(),
    unset,
    waiting: waiting.filter(({ name }) => own[name] === undefined),
  }
}

/** Reads items of the keychain, each once. */
export interface Keychain {
  /** Undefined where there is none, or where the user said no. */
  read(item: string): string | undefined
}

/** The keychain of this machine, as one start asks it; what it said is kept for as long as that start looks again. */
export const openKeychain = (host: Host): Keychain => {
  const known = new Map<string, string | undefined>()
  return {
    read: (item) => {
      if (!known.has(item)) known.set(item, fromKeychain(item, host))
      return known.get(item)
    },
  }
}

/** The environment that an agent is started with: what waited is read now. This may bring up a question on the screen. */
export const withKeychain = (planned: BuiltEnvironment, keychain: Keychain): BuiltEnvironment => {
  const chosen = new Map(planned.variables.map((variable) => [variable.name, variable]))
  const unset = [...planned.unset]
  for (const { name, items, otherwise, tried, origin } of planned.waiting) {
    const found = firstItem(items, keychain) ?? otherwise
    if (found) chosen.set(name, { name, ...found, origin })
    else if (!chosen.has(name)) unset.push({ name, tried, origin })
  }
  return {
    variables: sorted(chosen),
    removed: planned.removed.filter((name) => !chosen.has(name)),
    unset,
    waiting: [],
  }
}

const firstItem = (items: readonly string[], keychain: Keychain): Found | undefined => {
  for (const item of items) {
    const value = keychain.read(item)
    if (isValue(value)) return { value, source: `${KEYCHAIN}${item}` }
  }
  return undefined
}

const KEYCHAIN = 'keychain:'

const sorted = (chosen: ReadonlyMap<string, Variable>): Variable[] =>
  [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1))

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

/** Read by the parent through Apple's own tool; the item's value never appears in an argument. */
const fromKeychain = (item: string, host: Host): string | undefined => {
  const slash = item.lastIndexOf('/')
  const [service, account] = [item.slice(0, slash), item.slice(slash + 1)]
  return host
    .run('/usr/bin/security', ['find-generic-password', '-s', service, '-a', account, '-w'], 30_000)
    ?.replace(/\n$/, '')
}
