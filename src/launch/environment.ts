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
}

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
 * Rebuilds the environment from the policy's list; nothing is inherited. A value that holds a NUL, or a keychain item that cannot be read, is skipped with its name in `unset`.
 */
export const buildEnvironment = (
  policy: EnvironmentPolicy,
  host: Host,
  own: OwnVariables,
  words: EnvironmentWords,
): BuiltEnvironment => {
  const { expand, isForbidden } = words
  const chosen = new Map<string, Variable>()
  const unset: BuiltEnvironment['unset'][number][] = []
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
  for (const [name, { value: sources, origin }] of policy.from) {
    const found = firstOf(name, sources, host, expand)
    if (found) put({ name, ...found, origin })
    else if (!chosen.has(name)) unset.push({ name, tried: sources, origin })
  }
  for (const [name, value] of Object.entries(own))
    put({ name, value, source: 'launcher', origin: OWN })
  const removed = Object.keys(host.env).filter((name) => !chosen.has(name))
  return {
    variables: [...chosen.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    removed: removed.sort(),
    unset,
  }
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name

const firstOf = (
  name: string,
  sources: readonly string[],
  host: Host,
  expand: (text: string) => string,
): { value: string; source: string } | undefined => {
  for (const source of sources) {
    const value = valueFrom(name, source, host, expand)
    if (value !== undefined && value !== '') return { value, source }
  }
  return undefined
}

const valueFrom = (
  name: string,
  source: string,
  host: Host,
  expand: (text: string) => string,
): string | undefined => {
  if (source === 'env') return host.env[name]
  if (source.startsWith('dotenv:')) return fromDotenv(name, expand(source.slice(7)), host)
  if (source.startsWith('keychain:')) return fromKeychain(source.slice(9), host)
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
  if (host.platform !== 'macos') return undefined
  const slash = item.lastIndexOf('/')
  const [service, account] = [item.slice(0, slash), item.slice(slash + 1)]
  return host
    .run('/usr/bin/security', ['find-generic-password', '-s', service, '-a', account, '-w'], 30_000)
    ?.replace(/\n$/, '')
}
