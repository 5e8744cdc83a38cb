/**
 * Columns that a text takes on a terminal: two for wide East Asian characters and emoji, none for
 * marks that combine with the letter before. The text must be printable: control characters and
 * colours count as if they were seen.
 */
export const columnsOf = (text: string): number => {
  if (NARROW.test(text)) return text.length
  let columns = 0
  for (const { segment } of segmenter().segment(text)) columns += widthOf(segment)
  return columns
}

/** The text with blanks up to so many columns; as it is where it takes more. */
export const padColumns = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)))

/** At most so many columns of a text, the last one an ellipsis where something was cut off. */
export const clipColumns = (text: string, columns: number): string => {
  if (columnsOf(text) <= columns) return text
  let [kept, left] = ['', Math.max(0, columns - 1)]
  for (const { segment } of segmenter().segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    kept += segment
  }
  return `${kept}…`
}

/**
 * Words in rows of at most so many columns: the first begins after `label`, the others below its
 * end.
 */
export const rowsOf = (label: string, words: readonly string[], columns: number): string[] => {
  const indent = ' '.repeat(columnsOf(label))
  const rows: string[] = []
  let row = label
  for (const word of words) {
    const isFresh = row === label || row === indent
    if (!isFresh && columnsOf(row) + 1 + columnsOf(word) > columns) {
      rows.push(row)
      row = indent
    }
    row += row.endsWith(' ') ? word : ` ${word}`
  }
  return [...rows, row]
}

/** Printable ASCII and Latin, of which every character takes one column: almost every text. */
const NARROW = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e]*$/

/** What is one character to a reader: a letter with its marks, an emoji with its modifiers. */
const widthOf = (segment: string): number => {
  if (/^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(segment)) return 0
  if (WIDE.test(segment) || EMOJI.test(segment)) return 2
  return 1
}

/** A character that is drawn as an emoji by itself, or is told to be one by U+FE0F. */
const EMOJI = /^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u

/**
 * East_Asian_Width W and F (UAX #11) but for emoji, by block; what is not assigned in a block of
 * ideographs counts as wide there.
 */
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u

let known: Intl.Segmenter | undefined
/** Made when the first text needs it. */
const segmenter = (): Intl.Segmenter =>
  (known ??= new Intl.Segmenter('en', { granularity: 'grapheme' }))
