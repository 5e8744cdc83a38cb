import type { Case, Rule } from '../../model.ts'
import type { ConfigValue, KeyPath } from '../../../documents/document.ts'
import { shown } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { compareReleases, releaseOf } from '../semantics/version-order.ts'

/** A row of Vibe's catalogue. */
export type VibeRule = Rule<VibeFacts>

/** True from that version on; an unknown version counts as the one whose rules are used. */
export const isFrom = ({ version }: VibeFacts, first: string): boolean =>
  compareReleases(version.semantics.release, releaseOf(first) ?? [0, 0, 0]) >= 0

/** The key that switches every check off, from 2.9.0 on. */
export const BYPASS = 'bypass_tool_permissions'

/** The name of the agent that asks. */
export const askingAgent = (facts: VibeFacts): string =>
  isFrom(facts, '2.24.1') ? 'ask' : 'default'

/** What pydantic takes for true. */
export const isTrue = (value: unknown): boolean =>
  value === true ||
  value === 1 ||
  (typeof value === 'string' && /^(?:true|1|yes|on|t|y)$/i.test(value))

/**
 * One case when a setting in force is bad, with the change that mends it. A key that this version
 * does not know is never bad.
 */
export const whenSetting = (
  facts: VibeFacts,
  path: KeyPath,
  isBad: (value: unknown) => boolean,
  good: ConfigValue,
  more: Omit<Partial<Case>, 'cause' | 'edits'> = {},
): Case[] => {
  const key = path.map(String)
  if (!isKnownKey(facts, key[0]!)) return []
  const value = facts.get(...key)
  if (!isBad(value)) return []
  const message = facts.isSet(...key)
    ? `${key.join('.')} is ${shown(value)}`
    : `${key.join('.')} is not set, and ${shown(value)} is the default`
  return [{ message, ...facts.mend(path, good), ...more }]
}

/** True when this version reads a top-level key. */
export const isKnownKey = ({ version }: VibeFacts, key: string): boolean =>
  version.semantics.keys.includes(key)
