import { tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

const SHOWN = 8

/** A few lines after a run; nothing when all is well. */
export const afterText = (
  names: readonly { readonly path: string; readonly because: string }[],
  home: string,
): string => {
  if (names.length === 0) return ''
  const lines = names
    .slice(0, SHOWN)
    .map(({ path, because }) => `  ${tilde(path, home)} (${printable(because)})`)
  const more = names.length > SHOWN ? [`  and ${names.length - SHOWN} more`] : []
  return `launcher: look at these before you use git or an editor here; they are new:\n${[...lines, ...more].join('\n')}\n`
}
