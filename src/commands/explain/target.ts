import { LauncherError } from '../../errors.ts'
import { screenOf } from '../../machine/real/screen.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Notice } from '../../policy/model.ts'
import type { Request } from '../../policy/request.ts'
import { targetJson, targetText } from '../../report/target.ts'
import { envelope } from '../../report/json.ts'
import { paletteFor } from '../../report/text.ts'
import { quarantineNotices } from '../../resolve/quarantine.ts'
import type { Resolution, Target } from '../../resolve/types.ts'
import type { CommandContext } from '../context.ts'
import { look } from '../../run/prepare.ts'

/**
 * `launcher explain target NAME|PATH`: the chain from a profile's or any command's name to all that
 * it needs to start. 1 when something of it could not be read inside.
 */
export const explainTarget = async (
  value: string,
  request: Request,
  context: CommandContext,
): Promise<number> => {
  const { host, builtins } = context
  const isProfile = builtins.profiles.has(`agents/${value}`)
  const asked: Request = isProfile
    ? { ...request, name: value }
    : { ...request, words: [value, ...request.words] }
  // To explain a profile its agent need not be installed; to explain its target it must.
  const prepared = await look(asked, context, 'run')
  const { resolution } = prepared
  if (!resolution.target)
    throw new LauncherError('E_USAGE', `the profile ${value} names no command`, {
      hint: 'launcher explain target COMMAND',
    })
  const decider = compilePolicy(resolution.resolved)
  const unreadable = [...resolution.target.executables, ...resolution.target.reads].filter(
    (part) => !decider.decide('read', part.path.real).allowed,
  )
  const notices = [
    ...resolution.target.notices,
    ...writableParts(resolution, resolution.target),
    ...quarantineNotices(resolution.target, host),
  ]
  const explained = {
    command: value,
    target: resolution.target,
    home: host.home,
    unreadable,
    notices,
    decider,
  }
  if (context.json) context.out(envelope('explain-target', targetJson(explained)))
  else context.out(targetText(explained, paletteFor(screenOf(1).isTerminal, host.env)))
  return unreadable.length > 0 ? 1 : 0
}

/** What the agent could rewrite of its own code: the next run, and the host, would run that. */
const writableParts = ({ resolved }: Resolution, target: Target): Notice[] => {
  const decider = compilePolicy(resolved)
  return [...target.executables, ...target.reads]
    .filter((part) => decider.decide('write', part.path.real).allowed)
    .map((part) => ({
      level: 'warning',
      code: 'target-writable',
      message: `the agent could change ${part.path.real}, its own ${part.role}`,
    }))
}
