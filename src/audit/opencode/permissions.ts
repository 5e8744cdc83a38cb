import { setOwn } from '../../documents/text.ts'
import { matchesStars } from '../shared/stars.ts'
import { isTable, type Table, tableOf } from '../../documents/values.ts'
import { type Action, ACTIONS } from './keys.ts'
import type { OpenCodeLoaded } from './load.ts'

/**
 * One rule: the last that matches both the name and the pattern decides
 * (packages/opencode/src/permission, evaluate).
 */
export interface Ruling {
  readonly permission: string
  readonly pattern: string
  readonly action: Action
}

/** What holds before anybody says something (packages/opencode/src/agent/agent.ts). */
const DEFAULTS: Table = {
  '*': 'allow',
  doom_loop: 'ask',
  external_directory: { '*': 'ask' },
  read: { '*': 'allow', '*.env': 'ask', '*.env.*': 'ask', '*.env.example': 'allow' },
}
const PLAN: Table = { edit: { '*': 'deny' } }

/** More rules than anybody has; the gate looks at the last ones, which decide. */
const MAX_RULINGS = 2000

/** Rules of the agent that a session starts with, in their order. */
export const rulingsOf = ({ config }: OpenCodeLoaded, agent: string, home: string): Ruling[] => {
  const user = [
    ...config.all('tools').map(({ value }) => fromTools(value)),
    ...config.all('permission').map(({ value }) => normal(value)),
  ].reduce(merged, {})
  const own = config
    .all('agent', agent, 'permission')
    .map(({ value }) => normal(value))
    .reduce(merged, {})
  return [DEFAULTS, ...(agent === 'plan' ? [PLAN] : []), user, own]
    .flatMap((table) => flat(table, home))
    .slice(-MAX_RULINGS)
}

/** `"allow"` alone stands for every permission. */
const normal = (value: unknown): Table =>
  typeof value === 'string' ? { '*': value } : tableOf(value)

/** The older key: a tool is on or off, and every way to edit is one permission. */
const fromTools = (value: unknown): Table => {
  const table: { [key: string]: unknown } = {}
  for (const [tool, isOn] of Object.entries(tableOf(value)))
    setOwn(
      table,
      /^(?:edit|multiedit|patch|write)$/.test(tool) ? 'edit' : tool,
      isOn ? 'allow' : 'deny',
    )
  return table
}

/** Deep, as layers are merged: a key keeps the place that it had first. */
const merged = (under: Table, over: Table): Table => {
  const table: { [key: string]: unknown } = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(under, key) ? under[key] : undefined
    setOwn(table, key, isTable(before) && isTable(value) ? merged(before, value) : value)
  }
  return table
}

const flat = (table: Table, home: string): Ruling[] =>
  Object.entries(table).flatMap(([permission, value]): Ruling[] =>
    isTable(value)
      ? Object.entries(value).flatMap(([pattern, action]) =>
          ruling(permission, expanded(pattern, home), action),
        )
      : ruling(permission, '*', value),
  )

const ruling = (permission: string, pattern: string, value: unknown): Ruling[] => {
  const action = ACTIONS.find((one) => one === value)
  return action ? [{ permission, pattern, action }] : []
}

/** `~` and `$HOME` at the beginning stand for the home directory. */
const expanded = (pattern: string, home: string): string =>
  pattern === '~' || pattern.startsWith('~/')
    ? `${home}${pattern.slice(1)}`
    : pattern.startsWith('$HOME')
      ? `${home}${pattern.slice(5)}`
      : pattern

/**
 * `*` for any characters, slashes too; `?` for one; a blank and a star at the end are optional
 * (opencode.ai/docs/permissions, wildcards).
 */
export const matchesWildcard = (pattern: string, text: string): boolean =>
  matchesStars(pattern, text, '?') ||
  (pattern.endsWith(' *') && matchesStars(pattern.slice(0, -2), text, '?'))

/** The rule that decides; without one OpenCode asks. */
export const decide = (rulings: readonly Ruling[], permission: string, subject: string): Ruling =>
  rulings.findLast(
    (one) => matchesWildcard(one.permission, permission) && matchesWildcard(one.pattern, subject),
  ) ?? { permission, pattern: '*', action: 'ask' }
