import type { GateAnswer } from '../../model.ts'
import { isStringList, isTable, own, type Table, valueAt } from '../../../documents/values.ts'
import type { EffectiveConfig } from './layers.ts'
import { nameMatches } from './tool-names.ts'
import type { VibeSemantics } from './versions.ts'

/** How Vibe writes permissions; any other spelling or type is an error. */
const PERMISSIONS = ['always', 'ask', 'never'] as const
export type Permission = (typeof PERMISSIONS)[number]

/** One tool's table after Vibe has checked it. */
export interface ToolConfig {
  readonly permission: Permission
  readonly allowlist: readonly string[]
  readonly denylist: readonly string[]
  readonly sensitive: readonly string[]
  readonly standalone: readonly string[]
  /** `outside_workdir`, the tool's own or the general one. */
  readonly isOutsideDenied: boolean
}

/** The table of a tool, or what makes Vibe refuse it: then every call of the tool fails. */
export const toolConfigOf = (
  config: EffectiveConfig,
  semantics: VibeSemantics,
  tool: string,
): ToolConfig | { readonly invalid: string } => {
  const found = valueAt(config.values, ['tools', tool])
  const table: Table = isTable(found) ? found : {}
  const permission = table['permission'] ?? 'ask'
  if (!isPermission(permission))
    return { invalid: `permission ${shown(permission)} is none of always, ask, never` }
  const lists = ['allowlist', 'denylist', 'sensitive_patterns', 'denylist_standalone'].map(
    (key) => [key, table[key] ?? []] as const,
  )
  const bad = lists.find(([key, value]) => !isStringList(value) && isRead(key, tool, semantics))
  if (bad) return { invalid: `${bad[0]} is no list of strings` }
  const [allowlist = [], denylist = [], sensitive = [], standalone = []] = lists.map(([, value]) =>
    isStringList(value) ? value : [],
  )
  const outside = table['outside_workdir'] ?? own(config.values, 'outside_workdir')
  return {
    permission,
    allowlist,
    denylist,
    sensitive,
    standalone,
    isOutsideDenied: semantics.hasOutsidePolicy && outside === 'deny',
  }
}

const isPermission = (value: unknown): value is Permission =>
  PERMISSIONS.some((permission) => permission === value)

/** Vibe checks the keys it has; others may hold anything. */
const isRead = (key: string, tool: string, semantics: VibeSemantics): boolean =>
  key === 'sensitive_patterns'
    ? semantics.sensitive !== 'none'
    : key === 'denylist_standalone'
      ? tool === 'bash'
      : true

const shown = (value: unknown): string => {
  if (typeof value !== 'string')
    return Array.isArray(value) ? '(a list)' : isTable(value) ? '(a table)' : String(value)
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

/**
 * True where no rule is asked: the bypass is on, and this version or configuration does not take it
 * away.
 */
export const isBypassing = (config: EffectiveConfig, semantics: VibeSemantics): boolean =>
  isOn(own(config.values, semantics.bypassKey)) &&
  !(semantics.hasBypassLock && own(config.values, 'enable_auto_approve') === false)

/** What pydantic takes for true. */
const isOn = (value: unknown): boolean =>
  value === true ||
  value === 1 ||
  (typeof value === 'string' && ['1', 'on', 't', 'true', 'y', 'yes'].includes(value.toLowerCase()))

/** Why a tool cannot be called at all, as an answer; undefined for one that is offered. */
export const refusalOf = (
  config: EffectiveConfig,
  semantics: VibeSemantics,
  tool: string,
): GateAnswer | undefined => {
  const disabled = own(config.values, 'disabled_tools')
  const enabled = enabledTools(config, semantics)
  const isNarrowed = enabled.length > 0
  if (isNarrowed && !nameMatches(tool, enabled))
    return { verdict: 'DENIED', because: `${tool} is not among enabled_tools` }
  if (
    Array.isArray(disabled) &&
    (semantics.isDisabledFinal || !isNarrowed) &&
    nameMatches(tool, disabled)
  )
    return { verdict: 'DENIED', because: `${tool} is among disabled_tools` }
  return undefined
}

/**
 * Where entries that `disabled_tools` covers are taken out of `enabled_tools`, an `enabled_tools`
 * that is left empty no longer narrows anything.
 */
const enabledTools = (
  config: EffectiveConfig,
  { takesDisabledOut }: VibeSemantics,
): readonly unknown[] => {
  const enabled = own(config.values, 'enabled_tools')
  const disabled = own(config.values, 'disabled_tools')
  if (!Array.isArray(enabled)) return []
  return takesDisabledOut && Array.isArray(disabled)
    ? enabled.filter((entry) => !(typeof entry === 'string' && nameMatches(entry, disabled)))
    : (enabled as unknown[])
}
