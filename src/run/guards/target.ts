import { LauncherError } from '../../errors.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import { compilePolicy } from '../../policy/decide.ts'
import { describeChain, firstUnreadable } from '../../resolve/target.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { ReadyStart } from './policy.ts'

/**
 * What the agent would die of, before it dies: the first part that cannot be read, and every
 * program of the chain that cannot, to the interpreter, which is what people look for.
 */
export const blockedTarget = ({ prepared }: ReadyStart): LauncherError | undefined => {
  const { target, resolved } = prepared.resolution
  if (!target) return undefined
  const decider = compilePolicy(resolved)
  const canRead = (path: AbsolutePath): boolean => decider.decide('read', path).allowed
  const first = firstUnreadable(target, canRead)
  if (!first) return undefined
  const closed = target.executables.filter((part) => !canRead(part.path.real))
  const last = target.executables.at(-1) ?? first
  const named = [...new Set([first, ...closed].map((part) => `its ${part.role} ${part.path.real}`))]
  const { because } = decider.decide('read', first.path.real)
  return new LauncherError(
    'E_TARGET_BLOCKED',
    `${target.command} cannot start: ${named.join(' and ')} cannot be read inside: ${because}\n${last.chain.join('\n')}\nso its ${last.role} is ${last.path.real}`,
    {
      exit: 126,
      hint: `Take that entry away, or grant what is missing: --read ${shellWord(first.path.real)}`,
    },
  )
}

/**
 * The agent's own interpreter must not be its work: the next run, and the host, would run what it
 * wrote.
 */
export const rewritableTarget = ({ prepared }: ReadyStart): LauncherError | undefined => {
  const { target, resolved } = prepared.resolution
  if (!target) return undefined
  const decider = compilePolicy(resolved)
  const part = target.executables.find(
    ({ role, path }) => role !== 'executable' && decider.decide('write', path.real).allowed,
  )
  return part
    ? new LauncherError(
        'E_TARGET_BLOCKED',
        `the agent could rewrite its own ${part.role} ${part.path.real}\n${describeChain(target).join('\n')}`,
        {
          exit: 126,
          hint: 'install the agent outside the project, or run from another directory',
        },
      )
    : undefined
}
