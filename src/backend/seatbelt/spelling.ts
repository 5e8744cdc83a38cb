import { foldName } from '../../policy/fold.ts'
import { type AbsolutePath, components } from '../../policy/paths.ts'

/**
 * Regex text (printable ASCII only) for every spelling of a name that the file system may take for it: case, Unicode form, and
 * single characters that fold to ASCII (the Kelvin sign for k, the long s, sharp s for ss, ligatures, full width).
 * Whatever is not ASCII is written as "one or more bytes outside printable ASCII", since a regex sees bytes: a name that differs
 * from a protected one only in which such characters stand there is denied too. It errs on that side only.
 */
export const spellingsOf = (name: string): string => {
  const chars = [...foldName(name)]
  let text = ''
  for (let i = 0; i < chars.length; ) {
    const short = SHORTER_THAN_THEIR_FOLD.find((string) => chars.slice(i, i + string.length).join('') === string)
    if (short === undefined) {
      text += isMark(chars[i + 1]) ? markedSpelling(chars[i]!) : charSpelling(chars[i]!)
      i += 1
      while (isMark(chars[i])) i += 1
    } else {
      text += `(${[...short].map(charSpelling).join('')}|${FOREIGN}+)`
      i += short.length
    }
  }
  return text
}

/** Regex text for one character of a folded name. */
export const charSpelling = (char: string): string => {
  if (!isPrintable(char)) return `${FOREIGN}+`
  const upper = char.toUpperCase()
  return `(${upper === char ? quote(char) : `[${char}${upper}]`}|${FOREIGN}+)`
}

/** Regex text for exactly this path; each byte that cannot stand in ASCII text is any such byte, so pair it with a `subpath` of the same path. */
export const exactText = (path: AbsolutePath): string =>
  components(path)
    .map((name) => `/${[...Buffer.from(name)].map((byte) => (byte >= 0x20 && byte <= 0x7e ? quote(String.fromCharCode(byte)) : FOREIGN)).join('')}`)
    .join('')

/** True when {@link exactText} matches this path and no other. */
export const isExact = (path: AbsolutePath): boolean => [...path].every(isPrintable)

/** One byte that is not printable ASCII: part of a UTF-8 sequence, or a control character. */
export const FOREIGN = '[^ -~]'

/** Strings that one character of fewer bytes folds to (a roman numeral, a unit): the per-character text cannot stretch that far. A test keeps the list complete. */
export const SHORTER_THAN_THEIR_FOLD: readonly string[] = [
  'viii', 'kcal', 'a.m.', 'p.m.',
  '(10)', '(11)', '(12)', '(13)', '(14)', '(15)', '(16)', '(17)', '(18)', '(19)', '(20)',
]

/** A class for what is special to the engine, but for the signs that are special inside a class. */
const quote = (char: string): string => (/[\\^[\]]/.test(char) ? `\\${char}` : /[.$()|*+?{}]/.test(char) ? `[${char}]` : char)

/** A letter with marks is written as the letter and marks, or as one composed character. */
const markedSpelling = (char: string): string =>
  isPrintable(char) ? `(${char.toUpperCase() === char ? quote(char) : `[${char}${char.toUpperCase()}]`}${FOREIGN}+|${FOREIGN}+)` : `${FOREIGN}+`

const isPrintable = (char: string): boolean => char >= ' ' && char <= '~' && char.length === 1

const isMark = (char: string | undefined): boolean => char !== undefined && /\p{M}/u.test(char)
