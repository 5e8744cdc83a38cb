import type { LauncherError } from '../errors.ts'
import { printable } from '../text/unsafe-text.ts'

/** One paragraph: what, why, and the next step. */
export const errorText = (error: LauncherError): string => {
  const where = error.at === undefined ? '' : `${printable(error.at)}: `
  const cause =
    error.cause instanceof Error && error.cause.message !== ''
      ? ` (${printable(error.cause.message.split('\n')[0] ?? '')})`
      : ''
  const hint =
    error.hint === undefined ? '' : `\n  ${error.hint.split('\n').map(printable).join('\n  ')}`
  return `launcher: ${where}${error.message.split('\n').map(printable).join('\n  ')}${cause}${hint}\n`
}

/** The same for programs. */
export const errorJson = (error: LauncherError): string =>
  `${JSON.stringify({ version: 1, kind: 'error', code: error.code, message: error.message, at: error.at ?? null, hint: error.hint ?? null })}\n`
