import { patternMatcher } from './path-patterns.ts'
import { splitBlanks, strip } from './python-text.ts'
import { expandHome, isRelativeTo, joinPaths, pureText } from './python-path.ts'
import { commandName, commandPolicy } from './shell-policies.ts'
import { shellWords } from './shell-words.ts'
import type { ToolConfig } from './tool-config.ts'
import type { GateWorld } from './types.ts'
import type { VibeSemantics } from './versions.ts'

/**
 * Words of these commands that name something outside the working directory, real paths; path
 * grants of the allowlist are taken off where this version has them. `fails` where Python fails at
 * one, and Vibe with it.
 */
export const outsidePaths = (
  commands: readonly string[],
  table: ToolConfig,
  semantics: VibeSemantics,
  world: GateWorld,
): readonly string[] | 'fails' => {
  const cwd = world.resolve(world.cwd)
  const found = commands
    .flatMap((command) => candidatesOf(command, semantics))
    .filter((word) => looksLikePath(word, semantics, world, cwd))
  const paths = found.map((word) =>
    placeOf(semantics.isPathStripped ? strip(word) : word, semantics, world, cwd),
  )
  if (paths.includes('fails')) return 'fails'
  const outside = paths.filter((path) => typeof path === 'string')
  if (!semantics.bash.hardened?.hasPathGrants) return outside
  const { grants } = patternMatcher(semantics, world, cwd)
  return outside.filter((path) => !table.allowlist.some((pattern) => grants(path, pattern)))
}

const candidatesOf = (command: string, { bash }: VibeSemantics): string[] => {
  const { hardened, pathCommands } = bash
  const words = bash.words === 'shell' ? shellWords(command) : splitBlanks(command)
  const [name = '', ...rest] = words
  const isPathCommand = pathCommands.includes(name)
  if (!hardened)
    return isPathCommand
      ? rest.filter((word) => !word.startsWith('-') && !(name === 'chmod' && word.startsWith('+')))
      : []
  const policy = commandPolicy(words, hardened)
  return [
    ...policy.optionPaths,
    ...(isPathCommand || policy.takesPaths
      ? operandsOf(rest, commandName(name, hardened.policies))
      : []),
  ]
}

const operandsOf = (words: readonly string[], command: string): string[] => {
  const end = words.indexOf('--')
  const before = end < 0 ? words : words.slice(0, end)
  const after = end < 0 ? [] : words.slice(end + 1).filter((word) => word !== '--')
  return [...before.filter((word) => !word.startsWith('-')), ...after].filter(
    (word) => !(command === 'chmod' && word.startsWith('+')),
  )
}

const looksLikePath = (
  word: string,
  { bash }: VibeSemantics,
  world: GateWorld,
  cwd: string,
): boolean =>
  /^[~.]/.test(word) ||
  word.includes('/') ||
  (bash.isBackslashPath && word.includes('\\')) ||
  (bash.hardened?.followsLinks === true && isLink(word, world, cwd))

const isLink = (word: string, world: GateWorld, cwd: string): boolean => {
  const path = joinPaths(cwd, word)
  return !word.includes('\0') && world.resolve(path) !== path
}

const STREAMS = /^\/dev\/(?:null|stdin|stdout|stderr|fd\/[0-9]+)\/*$/

/** Undefined for a place inside the working directory, or a stream. */
const placeOf = (
  word: string,
  { bash }: VibeSemantics,
  world: GateWorld,
  cwd: string,
): string | 'fails' | undefined => {
  if (word.includes('\0')) return 'fails'
  const expanded = expandHome(pureText(word), world)
  if (expanded === undefined) return 'fails'
  const path = world.resolve(joinPaths(cwd, expanded))
  const isStream = bash.hardened?.followsLinks === true && STREAMS.test(word)
  return isStream || isRelativeTo(path, cwd) ? undefined : path
}
