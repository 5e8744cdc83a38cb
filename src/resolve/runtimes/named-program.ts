import { LauncherError } from '../../errors.ts'
import { nameOf, parentOf } from '../../machine/paths.ts'
import { isReachedByAgent, show, type Place, type ResolveContext } from './context.ts'
import { isSystem } from './native.ts'
import { hasLibrary } from './python-base.ts'
import { isPythonName, venvRoot } from './python-venv.ts'

/**
 * The context in which the program that a script names is looked at. A script that an earlier run
 * could have written starts what the user has on PATH, what the system has, and a Python
 * installation; any other place it would open by its own word, with the package around it. Throws
 * E_TARGET_BLOCKED there.
 */
export const contextOfNamed = (
  context: ResolveContext,
  script: Place,
  program: Place,
): ResolveContext => {
  if (!isReachedByAgent(context, script) || isReachedByAgent(context, program)) return context
  if (isOnPath(context, program) || isSystem(context, program.walked.real))
    return { ...context, isAgentsChoice: false }
  if (isInstalledPython(context, program)) return { ...context, isAgentsChoice: true }
  throw new LauncherError(
    'E_TARGET_BLOCKED',
    `${show(context, program.file)} is not opened because ${show(context, script.file)} names it: the agent can change that file, and the program is not on your PATH (${program.chain.join(', ')})`,
    { hint: 'Name the program yourself, before the script, or put its directory on PATH.' },
  )
}

const isOnPath = (context: ResolveContext, program: Place): boolean => {
  const directory = context.walk(parentOf(program.file)).real
  return context.searchPath.some((one) => context.walk(one).real === directory)
}

/**
 * An interpreter beside its standard library. An environment of something else brings packages, and
 * sources that those are links to.
 */
const isInstalledPython = (context: ResolveContext, program: Place): boolean =>
  isPythonName(nameOf(program.walked.real)) &&
  hasLibrary(context, program) &&
  venvRoot(context, program.file) === undefined
