import { reachedLoaderVariable } from '../policy/loader-variables.ts'

/** Why a path of a profile is refused; undefined when it is fine. */
export const pathProblem = (path: string): string | undefined => {
  if (path === '') return 'is an empty path'
  if (hasControl(path)) return 'holds a control character'
  if (!STARTS_WELL.test(path)) {
    return path.startsWith('~')
      ? 'names another user: a path starts with `/`, `~/` or `$VAR`'
      : 'must start with `/`, `~/` or `$VAR`'
  }
  if (path.split('/').includes('..')) return 'holds `..`: name the place itself'
  return new TextEncoder().encode(path).length > MAX_PATH
    ? 'is longer than any path can be'
    : undefined
}

/** A path without wildcards: what is made, lifted, connected to. */
export const plainPathProblem = (path: string): string | undefined =>
  pathProblem(path) ??
  (/[*?[\]]/.test(path) ? 'holds a wildcard, which has no meaning here' : undefined)

/** A plain path of a file: what is made with content. */
export const filePathProblem = (path: string): string | undefined =>
  plainPathProblem(path) ??
  (/\/\.?$/.test(path) ? 'ends like a directory, and only a file has content' : undefined)

/** Why a name of `[environment]` is refused; `isPattern` allows one trailing `*`. */
export const variableProblem = (name: string, isPattern: boolean): string | undefined => {
  if (name === '*') return 'would pass everything: name what is needed'
  if (!(isPattern ? /^[A-Za-z_][A-Za-z0-9_]*\*?$/ : /^[A-Za-z_][A-Za-z0-9_]*$/).test(name)) {
    return isPattern
      ? 'is not a variable name (with `*` only at its end)'
      : 'is not a variable name'
  }
  const reached = reachedLoaderVariable(name)
  if (reached === undefined) return undefined
  return reached === name
    ? 'decides what code a loader or an interpreter loads, and never passes'
    : `reaches \`${reached}\`, which decides what code is loaded`
}

/** Why a value of a variable is refused. */
export const variableValueProblem = (value: string): string | undefined =>
  value.includes('\0') ? 'holds a NUL' : undefined

/**
 * Why the place of a cache is refused: a name (folders within it allowed) in the project's own
 * cache, or a path.
 */
export const cacheProblem = (place: string): string | undefined => {
  if (/^[/~$]/.test(place)) return plainPathProblem(place)
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,3}$/.test(place)
    ? undefined
    : 'is neither a name (a folder of the project\u2019s own cache) nor a path'
}

/** Why a source of `[environment.from]` is refused. */
export const sourceProblem = (source: string): string | undefined => {
  if (source === 'env') return undefined
  if (source.startsWith('dotenv:')) {
    const problem = plainPathProblem(source.slice(7))
    return problem === undefined ? undefined : `names a file that ${problem}`
  }
  if (/^keychain:[^/\p{Cc}]+\/[^/\p{Cc}]+$/u.test(source)) return undefined
  return 'is none of `env`, `dotenv:PATH`, `keychain:SERVICE/ACCOUNT`'
}

/** Why the name of a profile is refused: words with at most one slash. */
export const profileNameProblem = (name: string): string | undefined =>
  /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/.test(name)
    ? undefined
    : 'is not the name of a profile'

/** Why a command is refused: a bare word, or a path. */
export const commandProblem = (command: string): string | undefined =>
  command === '' || hasControl(command) || /\s/.test(command)
    ? 'is not one word'
    : command.includes('/')
      ? plainPathProblem(command)
      : undefined

const hasControl = (text: string): boolean =>
  /[\p{Cc}\u2028\u2029\ufeff]/u.test(text) || /\p{Cs}/u.test(text)

const STARTS_WELL = /^(\/|~$|~\/|\$[A-Za-z_][A-Za-z0-9_]*(\/|$))/
/** PATH_MAX on both systems is 1024 or 4096; the larger one. */
const MAX_PATH = 4096
