import { LauncherError } from '../errors.ts'
import type { Launch } from './types.ts'

/**
 * Becomes the agent (execve): nothing of launcher is left, so nobody watches mounts, collects
 * denials or cleans up but the reaper. Only where Node has `process.execve` (22.15 and newer); it
 * is not imitated.
 */
export const becomeAgent = (launch: Launch): never => {
  const [file, ...args] = launch.argv
  const execve: unknown = Reflect.get(process, 'execve')
  if (typeof execve !== 'function' || file === undefined) {
    throw new LauncherError(
      'E_UNSUPPORTED',
      `--exec needs Node 22.15 or newer, this is ${process.version}`,
      {
        hint: 'leave out --exec: launcher then stays as a thin parent',
      },
    )
  }
  Reflect.apply(execve, process, [file, [file, ...args], { ...launch.environment }])
  throw new LauncherError('E_BACKEND', `cannot become ${file}`)
}
