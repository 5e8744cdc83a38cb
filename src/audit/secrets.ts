/** Beginnings of keys that providers hand out, and long runs of letters and digits. */
const SECRET_VALUE =
  /^(?:sk-\S{8,}|(?:ghp_|gho_|github_pat_|glpat-|xox[abp]-|AKIA)\S+|Bearer\s+\S{12,}|[A-Za-z0-9_-]{32,})$/
const SECRET_NAME = /key|token|secret|password|authorization/i

/** What a file may say instead of a secret: `$X`, `${X}`, `{{X}}`, `{env:X}`, `{file:x}`. */
const REFERENCE = /^(?:Bearer\s+)?(?:\$|\{\{|\{(?:env|file):)/
const HARMLESS = /^(?:true|false|\d+)$/

/**
 * True for a value that looks like a secret by itself, or by the name it is given to; a reference
 * is none.
 */
export const isLiteralSecret = (name: string, value: unknown): boolean =>
  typeof value === 'string' &&
  !REFERENCE.test(value) &&
  (SECRET_VALUE.test(value) ||
    (SECRET_NAME.test(name) && value.length >= 8 && !HARMLESS.test(value)))

/**
 * A text without what may be a secret: words that look like one, what follows `key=` or `--key`,
 * and a user's part of a URL.
 */
export const redacted = (text: string): string =>
  redactedWords(text.replace(LOGIN, '//…@').split(' ')).join(' ')

/** The same for the words of a command line. */
export const redactedWords = (words: readonly string[]): string[] =>
  words.map((word, index) => {
    if (
      SECRET_VALUE.test(word) ||
      (SECRET_FLAG.test(words[index - 1] ?? '') && !word.startsWith('-'))
    )
      return '…'
    return word
      .replace(LOGIN, '//…@')
      .replace(/((?:key|token|secret|password)[\w-]*[=:]).+/i, '$1…')
  })

const LOGIN = /\/\/[^/@\s"']*@/g
const SECRET_FLAG = /^--?[\w-]*(?:key|token|secret|password|authorization)$/i

/**
 * A line of a configuration without the quoted values that may be secrets. References and names of
 * variables stay.
 */
export const redactedLine = (line: string): string => masked(line.replace(LOGIN, '//…@'))

const masked = (line: string): string =>
  line.replace(QUOTED, (whole, quote: string, value: string, end: string, at: number) =>
    isSecretAt(line, at, value) ? `${quote}…${end}` : whole,
  )

// An unclosed quote takes the rest of the line: so that every character is looked at once.
const QUOTED = /(["'])((?:\\.|(?!\1)[^\\])*\\?)(\1|$)/g
const NAME = /([\w.-]{1,100})["']?\s{0,20}[=:]\s{0,20}$/
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

const isSecretAt = (line: string, at: number, value: string): boolean => {
  if (isLiteralSecret('', value)) return true
  const name = NAME.exec(line.slice(Math.max(0, at - 150), at))?.[1] ?? ''
  return name !== '' && !VARIABLE.test(value) && isLiteralSecret(name, value)
}
