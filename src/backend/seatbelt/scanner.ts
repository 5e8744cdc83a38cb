/** A list of the profile's outermost level, as words. */
export interface Form {
  /** One-based line it begins on. */
  readonly line: number
  /** Its words: parentheses, names and whole strings, in order. */
  readonly words: readonly string[]
}

/**
 * Splits profile text into its outermost forms. It knows comments, strings and raw strings and
 * nothing of the language: it is there to check the generator's text without sharing a line with
 * the generator or the evaluator.
 * @returns the forms, or what is wrong with the text.
 */
export const scanForms = (text: string): readonly Form[] | string => {
  const forms: Form[] = []
  let words: string[] = []
  let depth = 0
  let line = 1
  let begun = 1
  for (const match of text.matchAll(TOKEN)) {
    const word = match[0]
    if (word === '"') return `line ${line}: a string is not closed`
    if (word !== '\n' && !word.startsWith(';')) {
      if (depth === 0) begun = line
      words.push(word)
      if (word === '(') depth += 1
      if (word === ')' && --depth < 0) return `line ${line}: a parenthesis too many`
      if (depth === 0) {
        if (words[0] !== '(') return `line ${line}: text outside a list`
        forms.push({ line: begun, words })
        words = []
      }
    }
    line += word.split('\n').length - 1
  }
  return depth === 0 ? forms : `line ${begun}: a list is not closed`
}

const TOKEN = /\n|;[^\n]*|#"[^"]*"|"(?:[^"\\]|\\[\s\S])*"|"|[()]|[^\s()";]+/g
