import { replaceUnsafe } from '../text/unsafe-text.ts'

/** Text from outside (paths, values, messages of programs) in a form that is safe to print: unsafe characters are shown as escapes. */
export const printable = (text: string): string =>
  replaceUnsafe(text, (char) => {
    if (char === '\n') return '\\n'
    if (char === '\t') return '\\t'
    const code = char.charCodeAt(0)
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })

/** A path as people read it: the home directory as `~`, safe to print. */
export const tilde = (path: string, home: string): string =>
  printable(
    path === home
      ? '~'
      : home !== '/' && path.startsWith(`${home}/`)
        ? `~${path.slice(home.length)}`
        : path,
  )

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

/** Words in rows of at most `width` columns, each row indented; the first row begins after `label`. */
export const listRows = (label: string, words: readonly string[], width: number): string[] => {
  const rows: string[] = []
  let row = label
  for (const [index, word] of words.entries()) {
    const piece = index === words.length - 1 ? word : `${word},`
    if (row.trim() !== '' && row.length + 1 + piece.length > width && row.length > label.length) {
      rows.push(row)
      row = ' '.repeat(label.length)
    }
    row += row.endsWith(' ') ? piece : ` ${piece}`
  }
  rows.push(row)
  return rows
}
