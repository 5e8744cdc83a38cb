export interface Token {
  readonly kind: 'word' | 'punctuation' | 'string' | 'number' | 'regex'
  /** As written; for a string or a template without substitutions, its content. */
  readonly text: string
  readonly line: number
}

const SPACE = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^#![^\n]*/y
const WORD = /[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /\.?[0-9](?:[eE][+-]|[\w.])*/y
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const PUNCTUATION = /\?\.(?![0-9])|\.\.\.|=>|[\s\S]/y
/** From a backquote, or the end of a substitution, to the next substitution or the end. */
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y

/** Words that an operand follows, so that a slash after them begins a regular expression. */
const BEFORE_OPERAND = new Set(
  'await case delete do else extends in instanceof new of return throw typeof void yield'.split(
    ' ',
  ),
)

/**
 * Tokens of a TypeScript file without its comments: as much of the language as it takes to find
 * imports and names. What stands in a template's substitutions is code.
 */
export const tokenise = (source: string): Token[] => {
  const tokens: Token[] = []
  /** Open braces; true for one that a template's substitution opened. */
  const braces: boolean[] = []
  let at = 0
  let line = 1

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const text = pattern.exec(source)?.[0]
    if (text === undefined) return undefined
    at += text.length
    line += text.split('\n').length - 1
    return text
  }
  const template = (isStart: boolean): void => {
    const start = line
    const text = take(TEMPLATE)
    if (text === undefined) throw new Error(`line ${line}: a template has no end`)
    const isEnd = text.endsWith('`')
    if (!isEnd) braces.push(true)
    if (isStart && isEnd) tokens.push({ kind: 'string', text: text.slice(0, -1), line: start })
    else if (isStart || isEnd) tokens.push({ kind: 'punctuation', text: '`', line: start })
  }

  while (at < source.length) {
    if (take(SPACE) !== undefined) continue
    const start = line
    const push = (kind: Token['kind'], text: string): void =>
      void tokens.push({ kind, text, line: start })
    let text: string | undefined
    if ((text = take(WORD)) !== undefined) push('word', text)
    else if ((text = take(NUMBER)) !== undefined) push('number', text)
    else if ((text = take(STRING)) !== undefined) push('string', text.slice(1, -1))
    else if (source[at] === '/' && startsOperand(tokens) && (text = take(REGEX)) !== undefined)
      push('regex', text)
    else if ((text = take(PUNCTUATION)) !== undefined) {
      if (text === '`') template(true)
      else if (text === '}' && braces.pop() === true) template(false)
      else {
        if (text === '{') braces.push(false)
        push('punctuation', text)
      }
    }
  }
  return tokens
}

const startsOperand = (tokens: readonly Token[]): boolean => {
  const last = tokens.at(-1)
  if (!last) return true
  if (last.kind === 'word') return BEFORE_OPERAND.has(last.text)
  return last.kind === 'punctuation' && ![')', ']', '}', '`'].includes(last.text)
}
