import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { Notice, Origin } from '../policy/model.ts'
import { absolute, type AbsolutePath, toAbsolutePath } from '../machine/paths.ts'
import { closest } from '../text/closest.ts'
import { projectCache } from './own.ts'
import { readVariables, VARIABLE_DEFAULTS } from './variables.ts'

/** Turns the text of a profile into absolute paths; links are not followed here. */
export interface Expander {
  /** The place that the text means; throws E_PATH. */
  path(text: string, origin: Origin): AbsolutePath
  /** The same, and the old place where programs may still look when a variable moved it. */
  all(text: string, origin: Origin): readonly AbsolutePath[]
  /** Both the moved and the written place: a protection holds wherever the thing may be. */
  every(text: string, origin: Origin): readonly AbsolutePath[]
  readonly notices: readonly Notice[]
}

export interface ExpandContext {
  readonly project: AbsolutePath
  /** The run's private temporary directory; `explain` has none and shows a place of that form. */
  readonly tmp?: AbsolutePath | undefined
}

/** Shown for `$TMPDIR` when there is no run. */
export const placeholderTmp = (host: Host): AbsolutePath =>
  absolute(host.platform === 'macos' ? '/private/tmp/launcher-RUN' : '/tmp/launcher-RUN')

/** An expander for one machine and one project. */
export const createExpander = (host: Host, context: ExpandContext): Expander => {
  const variables = readVariables(host)
  const valueOf = (name: string): AbsolutePath | undefined => {
    if (name === 'PROJECT') return context.project
    if (name === 'TMPDIR') return context.tmp ?? placeholderTmp(host)
    if (name === 'CACHE') return projectCache(host, context.project)
    return variables.get(name)
  }
  const places = (
    text: string,
    origin: Origin,
  ): { readonly path: AbsolutePath; readonly old?: AbsolutePath; readonly keepsOld: boolean } => {
    const rest = beneathHome(text)
    if (rest !== undefined) {
      const old = checked(`${host.home}/${rest}`, text, origin)
      const moved = old === host.home ? undefined : variables.moved(old.slice(host.home.length + 1))
      return moved
        ? { path: moved.path, old, keepsOld: moved.keepsOld }
        : { path: old, keepsOld: false }
    }
    const variable =
      text[0] !== '$' ? null : /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})(?:\/(.*))?$/s.exec(text)
    if (!variable) return { path: checked(text, text, origin), keepsOld: false }
    const name = variable[1] ?? variable[2]!
    const value = valueOf(name)
    if (value === undefined) throw unknownVariable(name, text, origin)
    return { path: checked(`${value}/${variable[3] ?? ''}`, text, origin), keepsOld: false }
  }
  return {
    notices: variables.notices,
    path: (text, origin) => places(text, origin).path,
    all: (text, origin) => {
      const { path, old, keepsOld } = places(text, origin)
      return old && keepsOld ? [path, old] : [path]
    },
    every: (text, origin) => {
      const { path, old } = places(text, origin)
      return old ? [path, old] : [path]
    },
  }
}

const HOMES: readonly string[] = ['~', '$HOME', '${HOME}']

/**
 * What follows home in a text that begins with it. A policy holds hundreds of these: no regular
 * expression.
 */
const beneathHome = (text: string): string | undefined => {
  if (text[0] !== '~' && text[0] !== '$') return undefined
  for (const home of HOMES) {
    if (text.startsWith(home) && (text.length === home.length || text[home.length] === '/'))
      return text.slice(home.length + 1)
  }
  return undefined
}

const checked = (path: string, text: string, origin: Origin): AbsolutePath => {
  const absolute = toAbsolutePath(path)
  if (absolute !== undefined) return absolute
  const reason = path.includes('\0')
    ? 'holds a NUL'
    : path.startsWith('/')
      ? 'holds `..`'
      : 'is not absolute'
  throw new LauncherError('E_PATH', `${JSON.stringify(text)} ${reason}`, {
    ...atOf(origin),
    hint: 'start it with /, ~ or a variable, and name the place itself',
  })
}

const unknownVariable = (name: string, text: string, origin: Origin): LauncherError => {
  const close = closest(name, [
    'CACHE',
    'HOME',
    'PROJECT',
    'TMPDIR',
    ...Object.keys(VARIABLE_DEFAULTS),
  ])
  return new LauncherError('E_PATH', `unknown variable $${name} in ${JSON.stringify(text)}`, {
    ...atOf(origin),
    hint: close
      ? `did you mean $${close}?`
      : 'use /, ~, $HOME, $PROJECT, $TMPDIR, $CACHE or an XDG variable',
  })
}

/** `at` of an error, as far as the origin knows it. */
export const atOf = (origin: Origin): { readonly at: string } => ({
  at: origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`,
})
