import { toAbsolutePath } from '../../machine/paths.ts'
import { problemWith } from './command.ts'
import {
  findings,
  isAgents,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'

/**
 * `exec "/path/to/program" "$@"`, with `-a NAME` or settings of variables before it, as makeWrapper
 * and Homebrew's environment scripts write it.
 */
const EXEC =
  /^[ \t]*(?:[A-Za-z_]\w*=(?:"[^"\n]*"|'[^'\n]*'|[^\s"';&|]*)[ \t]+)*exec[ \t]+(?:-a[ \t]+"\$0"[ \t]+)?(?:"(\/[^"$`\\\n]+)"|'(\/[^'\n]+)'|(\/[^\s"'$`\\;&|<>()*?[~]+))(?=[ \t\n]|$)/gm

/**
 * What a shell script starts in its own place, when it names it by an absolute path: a wrapper that
 * only prepares the environment. Undefined for any other script.
 */
export const execTarget = (text: string): string | undefined => {
  const found = new Set(
    [...text.matchAll(EXEC)].map((match) => match[1] ?? match[2] ?? match[3] ?? ''),
  )
  return found.size === 1 ? [...found][0] : undefined
}

const MAX_WRAPPERS = 3

/**
 * The program that a wrapper script starts, and what that needs; the wrapper is started all the
 * same, for the environment that it prepares.
 */
export const throughExec = (
  context: ResolveContext,
  script: Place,
  text: string,
  depth: number,
): Findings => {
  const named = isAgents(context, script.walked.real) ? undefined : execTarget(text)
  const file = named === undefined ? undefined : toAbsolutePath(named)
  // The kernel counts interpreters of interpreters, a shell counts nothing: deeper ones are left to
  // the run.
  if (
    depth > MAX_WRAPPERS ||
    file === undefined ||
    context.walk(file).real === script.walked.real ||
    problemWith(context, file) !== undefined
  )
    return findings('script')
  return context.examine(
    context,
    placeAt(context, file, script.chain, `which starts ${show(context, file)} in its place`),
    'executable',
    depth + 1,
  )
}
