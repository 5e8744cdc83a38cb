import type { Case, ConfigValue, KeyPath, Need, Rule } from '../../model.ts'
import { readNeed, writeNeed } from '../../probes/build.ts'
import { TARGETS } from '../../probes/targets.ts'
import type { VibeFacts } from '../facts.ts'
import { compareReleases, releaseOf } from '../semantics/version-order.ts'

/** A row of Vibe's catalogue. */
export type VibeRule = Rule<VibeFacts>

/** True from that version on; an unknown version counts as the one whose rules are used. */
export const isFrom = ({ version }: VibeFacts, first: string): boolean => compareReleases(version.semantics.release, releaseOf(first) ?? [0, 0, 0]) >= 0

/** The key that switches every check off, from 2.9.0 on. */
export const BYPASS = 'bypass_tool_permissions'

/** The name of the agent that asks. */
export const askingAgent = (facts: VibeFacts): string => (isFrom(facts, '2.24.1') ? 'ask' : 'default')

/** What pydantic takes for true. */
export const isTrue = (value: unknown): boolean => value === true || value === 1 || (typeof value === 'string' && /^(?:true|1|yes|on|t|y)$/i.test(value))

/** A value as a message shows it. */
export const shown = (value: unknown): string => (value === undefined ? 'not set' : (JSON.stringify(value) ?? String(value)))

/** One case when a setting in force is bad, with the change that mends it. A key that this version does not know is never bad. */
export const whenSetting = (facts: VibeFacts, path: KeyPath, isBad: (value: unknown) => boolean, good: ConfigValue, more: Omit<Partial<Case>, 'cause' | 'edits'> = {}): Case[] => {
  const key = path.map(String)
  if (!isKnownKey(facts, key[0]!)) return []
  const value = facts.get(...key)
  if (!isBad(value)) return []
  const message = facts.isSet(...key) ? `${key.join('.')} is ${shown(value)}` : `${key.join('.')} is not set, and ${shown(value)} is the default`
  return [{ message, ...facts.mend(path, good), ...more }]
}

/** True when this version reads a top-level key. */
export const isKnownKey = ({ version }: VibeFacts, key: string): boolean => version.semantics.keys.includes(key)

/** Reading what is secret in the home directory, and writing what is run later: all that a gate that is off lets through. */
export const everyDoor = ({ world }: VibeFacts): Need[] =>
  TARGETS.filter(({ platform, path }) => path.startsWith('~') && (platform ?? world.host.platform) === world.host.platform).map(({ group, path }) => (group === 'secret' ? readNeed(world, path) : writeNeed(world, path)))

/** Host of a URL; undefined when it is none. */
export const hostOf = (url: unknown): string | undefined => {
  if (typeof url !== 'string') return undefined
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '')
  } catch {
    return undefined
  }
}

/** True for this machine under any of its names. */
export const isLoopback = (host: string | undefined): boolean => host !== undefined && /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|::1|0\.0\.0\.0)$/.test(host)

/** Reaching a host: one need, or none when there is no host. */
export const hostNeed = (host: string | undefined): Need[] => (host === undefined || isLoopback(host) ? [] : [{ kind: 'host', host }])
