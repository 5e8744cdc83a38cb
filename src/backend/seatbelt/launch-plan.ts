import { LauncherError } from '../../errors.ts'
import { argumentBytes, MAX_ARGUMENT_BYTES } from './limits.ts'
import type { SeatbeltProgram } from './program.ts'
import { SANDBOX_EXEC } from './support.ts'

/**
 * The argument vector that starts a program under its profile: no shell, and nothing of the program
 * in the profile's text.
 */
export const seatbeltArgv = (
  program: SeatbeltProgram,
  profileFile: string,
  argv: readonly string[],
): string[] => {
  const whole = [
    SANDBOX_EXEC,
    '-f',
    profileFile,
    ...program.params.flatMap(({ name, value }) => ['-D', `${name}=${value}`]),
    '--',
    ...argv,
  ]
  const bytes = whole.reduce((sum, argument) => sum + argumentBytes(argument), 0)
  if (bytes > MAX_ARGUMENT_BYTES) {
    throw new LauncherError(
      'E_LIMIT',
      `the command line takes ${bytes} bytes and macOS takes ${MAX_ARGUMENT_BYTES}`,
      {
        hint: 'pass long input in a file, or grant and protect directories instead of many files',
      },
    )
  }
  return whole
}
