import type { AuditRequest } from '../dialect.ts'
import { isOlder } from '../shared/version.ts'
import type { ClaudeLoaded } from './load.ts'

/**
 * Permission modes (code.claude.com/docs/en/permission-modes); `manual` is another word for
 * `default`.
 */
export const MODES = [
  'default',
  'acceptEdits',
  'plan',
  'auto',
  'dontAsk',
  'bypassPermissions',
] as const
type Mode = (typeof MODES)[number]

/** The mode a session starts in; `unknown` where it depends on the plan of the account. */
export interface StartMode {
  readonly mode: Mode | 'unknown'
  /** Clause: what decides it. */
  readonly because: string
}

/** From this version on sessions of some plans start in `auto` when nothing says otherwise. */
const AUTO_SINCE = [2, 1, 228] as const

/**
 * The first layer that says it decides, the strongest first; a project cannot turn on `auto` or
 * `bypassPermissions`.
 */
export const startMode = (
  { config, version }: Pick<ClaudeLoaded, 'config' | 'version'>,
  { words }: Pick<AuditRequest, 'words'>,
): StartMode => {
  const said = config.all('permissions', 'defaultMode').at(-1)
  const value = said?.value === 'manual' ? 'default' : MODES.find((mode) => mode === said?.value)
  const isOfProject = said?.layer.name === 'project' || said?.layer.name === 'local'
  if (value === 'bypassPermissions') {
    if (
      config
        .all('permissions', 'disableBypassPermissionsMode')
        .some(({ value: setting }) => setting === 'disable')
    )
      return { mode: 'default', because: 'disableBypassPermissionsMode is set' }
    if (isOfProject)
      return { mode: 'default', because: 'a project cannot turn on bypassPermissions' }
  }
  if (value !== undefined && !(value === 'auto' && isOfProject))
    return { mode: value, because: `${said?.layer.name ?? ''} says ${value}` }
  const isManual =
    isOlder(version.value, AUTO_SINCE) === true ||
    isAutoOff(config) ||
    words.some((word) => word === '-p' || word === '--print')
  return isManual
    ? { mode: 'default', because: 'nothing says otherwise' }
    : { mode: 'unknown', because: 'nothing says it, and some plans start in auto' }
}

/** True when any layer turns `auto` off. */
export const isAutoOff = (config: ClaudeLoaded['config']): boolean =>
  [...config.all('disableAutoMode'), ...config.all('permissions', 'disableAutoMode')].some(
    ({ value }) => value === 'disable',
  )
