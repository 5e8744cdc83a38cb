import { shortenHome } from '../machine/home.ts'
import { printable } from '../text/unsafe-text.ts'

/** A path as people read it: the home directory as `~`, safe to print. */
export const tilde = (path: string, home: string): string => printable(shortenHome(path, home))

/** Colours for a terminal; the identity elsewhere and under NO_COLOR (no-color.org). */
export interface Palette {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  yellow(text: string): string
  green(text: string): string
}

/** Chooses colours: only on a terminal, never with a non-empty NO_COLOR or with TERM=dumb. */
export const paletteFor = (
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Palette => {
  const isOn = isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const paint =
    (code: number) =>
    (text: string): string =>
      isOn ? `\u001b[${code}m${text}\u001b[0m` : text
  return { bold: paint(1), dim: paint(2), red: paint(31), yellow: paint(33), green: paint(32) }
}
