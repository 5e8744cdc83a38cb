import { type Token, tokenise } from './tokens.ts'

export interface Import {
  /** What is imported from; undefined when it is computed. */
  readonly from: string | undefined
  /**
   * A type import leaves nothing behind at run time. `import { type A }` does (verbatimModuleSyntax
   * keeps the empty import), so it is a value import.
   */
  readonly kind: 'type' | 'value'
  readonly form: 'import' | 'export' | 'dynamic' | 'require'
  /** Names as exported there; `*` for all, `default` for the default. */
  readonly names: readonly string[]
  readonly line: number
}

/** Everything a file imports, in whatever spelling. */
export const importsOf = (source: string): Import[] => {
  const tokens = tokenise(source)
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || isProperty(tokens, index)) return []
    const found =
      token.text === 'import'
        ? importAt(tokens, index)
        : token.text === 'export'
          ? exportAt(tokens, index)
          : token.text === 'require'
            ? requireAt(tokens, index)
            : undefined
    return found ? [{ ...found, line: token.line }] : []
  })
}

type Found = Omit<Import, 'line'>

/** `a.import`, `{ import: 1 }` and `{ import }` are names like any other. */
const isProperty = (tokens: readonly Token[], index: number): boolean =>
  ['.', '?.'].includes(tokens[index - 1]?.text ?? '') ||
  (tokens[index + 1]?.kind === 'punctuation' &&
    [':', ',', '}'].includes(tokens[index + 1]?.text ?? ''))

const importAt = (tokens: readonly Token[], index: number): Found | undefined => {
  const next = tokens[index + 1]
  if (!next || isPunctuation(next, '.')) return undefined
  if (isPunctuation(next, '('))
    return {
      ...callAt(tokens, index, 'dynamic'),
      kind: isWord(tokens[index - 1], 'typeof') ? 'type' : 'value',
    }
  if (next.kind === 'string') return { from: next.text, kind: 'value', form: 'import', names: [] }
  const isType =
    isWord(next, 'type') &&
    !isWord(tokens[index + 2], 'from') &&
    !isPunctuation(tokens[index + 2], ',') &&
    !isPunctuation(tokens[index + 2], '=')
  const clause = clauseFrom(tokens, isType ? index + 2 : index + 1)
  return clause && { ...clause, kind: isType ? 'type' : 'value', form: 'import' }
}

const exportAt = (tokens: readonly Token[], index: number): Found | undefined => {
  const isType = isWord(tokens[index + 1], 'type')
  const start = isType ? index + 2 : index + 1
  if (!isPunctuation(tokens[start], '{') && !isPunctuation(tokens[start], '*')) return undefined
  const clause = clauseFrom(tokens, start)
  return clause && { ...clause, kind: isType ? 'type' : 'value', form: 'export' }
}

const requireAt = (tokens: readonly Token[], index: number): Found | undefined =>
  isPunctuation(tokens[index + 1], '(') ? callAt(tokens, index, 'require') : undefined

const callAt = (tokens: readonly Token[], index: number, form: Import['form']): Found => {
  const argument = tokens[index + 2]
  const isLiteral =
    argument?.kind === 'string' && [')', ','].includes(tokens[index + 3]?.text ?? '')
  return { from: isLiteral ? argument.text : undefined, kind: 'value', form, names: ['*'] }
}

/**
 * Reads `a, { b as c, type d } from 'x'` or `* as a from 'x'`; undefined for an export list without
 * `from`.
 */
const clauseFrom = (
  tokens: readonly Token[],
  start: number,
): Pick<Import, 'from' | 'names'> | undefined => {
  const names: string[] = []
  let inList = false
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index]
    const next = tokens[index + 1]
    if (!token || isPunctuation(token, ';') || isPunctuation(token, '(')) return undefined
    if (isPunctuation(token, '{')) inList = true
    else if (isPunctuation(token, '}')) {
      inList = false
      if (!isWord(next, 'from') && !isPunctuation(next, ',')) return undefined
    } else if (isPunctuation(token, '*')) {
      names.push('*')
      if (isWord(next, 'as')) index += 2
    } else if (inList) {
      if (isPunctuation(token, ',')) continue
      const isModifier =
        isWord(token, 'type') &&
        next !== undefined &&
        next.kind !== 'punctuation' &&
        next.text !== 'as'
      const name = isModifier ? next : token
      names.push(name.text)
      while (
        index + 1 < tokens.length &&
        !isPunctuation(tokens[index + 1], ',') &&
        !isPunctuation(tokens[index + 1], '}')
      )
        index += 1
    } else if (isWord(token, 'from') && next?.kind === 'string') return { from: next.text, names }
    else if (token.kind === 'word') names.push('default')
  }
  return undefined
}

const isWord = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'word' && token.text === text
const isPunctuation = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'punctuation' && token.text === text
