import { type LeftOpen, type Need, needOf, type Prelude, type PreludeRule } from './prelude.ts'
import type { Node } from './sbpl/reader.ts'

/**
 * The rules of a prelude file by the reader of the language, each with the heading and the comment
 * above it. Called when launcher is built: a start pays for no parser, and the generator shares no
 * code with the reader that its programs are checked by, which is handed in.
 * @throws Error with the line of what a prelude may not hold, SbplError for what is not the
 * language.
 */
export const readPrelude = (text: string, read: (text: string) => readonly Node[]): Prelude => {
  if (!/^[\n -~]*$/.test(text)) throw new Error('holds something else than printable ASCII')
  const lines = text.split('\n')
  const forms = read(text)
  const [version, first] = forms
  if (wordsOf(version).join(' ') !== 'version 1' || wordsOf(first).join(' ') !== 'deny default')
    throw new Error('(version 1) and (deny default) must come first')
  return {
    frame: { version: version?.line ?? 0, default: first?.line ?? 0 },
    rules: forms.slice(2).map((form) => ruleOf(form, lines)),
    leftOpen: leftOpenIn(lines),
  }
}

/** `;;; NEED, NEED: TOPIC`; what follows {@link LEFT_OPEN} is a list in comments, and no rules. */
const HEADING = /^;;; ([a-z, -]+): (.+)$/
const LEFT_OPEN = ';;; left open'

const ruleOf = (form: Node, lines: readonly string[]): PreludeRule => {
  const { line } = form
  const ifDefined = guardOf(form)
  const rule = ifDefined === undefined ? form : itemsOf(form)[2]
  const [action, ...rest] = itemsOf(rule)
  if (action?.kind !== 'symbol' || (action.value !== 'allow' && action.value !== 'deny'))
    throw failure(line, 'is no rule')
  const operations = rest.flatMap((node) => (node.kind === 'symbol' ? [node.value] : []))
  const filters = rest.filter((node) => node.kind !== 'symbol').map(printNode)
  const isQuiet = filters.includes(QUIET)
  return {
    line,
    ...headingOf(line, lines),
    why: commentOf(line, lines),
    action: action.value,
    operations,
    filters: filters.filter((text) => text !== QUIET),
    ...(isQuiet && { isQuiet }),
    ...(ifDefined !== undefined && { ifDefined }),
  }
}

const QUIET = '(with no-report)'

/** NAME of `(if (defined? 'NAME) RULE)`. */
const guardOf = (form: Node): string | undefined => {
  const [head, test, rule, ...more] = itemsOf(form)
  if (head?.kind !== 'symbol' || head.value !== 'if') return undefined
  const quoted = itemsOf(test)[1]
  const name = itemsOf(quoted)[1]
  if (wordsOf(test)[0] !== 'defined?' || name?.kind !== 'symbol' || !rule || more.length > 0)
    throw failure(form.line, "is no rule behind (defined? 'NAME)")
  return name.value
}

const headingOf = (
  line: number,
  lines: readonly string[],
): Pick<PreludeRule, 'needs' | 'topic'> => {
  const heading = lines.slice(0, line - 1).findLast((text) => text.startsWith(';;;'))
  const [, words = '', topic] = HEADING.exec(heading ?? '') ?? []
  if (topic === undefined) throw failure(line, 'has no heading (;;; NEED: TOPIC)')
  const needs = words.split(', ').map((word): Need => {
    const need = needOf(word)
    if (need === undefined) throw failure(line, `stands under an unknown need: ${word}`)
    return need
  })
  return { topic, needs }
}

/** The lines of comment right above a rule, as one. */
const commentOf = (line: number, lines: readonly string[]): string => {
  const above = lines.slice(0, line - 1)
  const begin = above.findLastIndex((text) => !/^; /.test(text)) + 1
  if (begin === above.length) throw failure(line, 'has no comment above it that says why')
  return above
    .slice(begin)
    .map((text) => text.slice(2).trim())
    .join(' ')
}

/** `; OPERATION: reason` each; a line that begins with more than one space goes on. */
const leftOpenIn = (lines: readonly string[]): LeftOpen[] => {
  const begin = lines.indexOf(LEFT_OPEN)
  const list: { operation: string; why: string }[] = []
  for (const [index, text] of begin < 0 ? [] : lines.slice(begin + 1).entries()) {
    const entry = /^; ([a-z*-]+): (.+)$/.exec(text)
    const last = list.at(-1)
    if (entry?.[1] !== undefined) list.push({ operation: entry[1], why: entry[2] ?? '' })
    else if (/^; {2,}\S/.test(text) && last !== undefined) last.why += ` ${text.slice(1).trim()}`
    else if (text !== '') throw failure(begin + index + 2, 'is no operation that is left open')
  }
  return list
}

const itemsOf = (node: Node | undefined): readonly Node[] =>
  node?.kind === 'list' ? node.items : []

const wordsOf = (node: Node | undefined): string[] =>
  itemsOf(node).map((item) => (item.kind === 'list' ? '()' : String(item.value)))

/** A filter as text on one line; regular expressions stay raw strings. */
const printNode = (node: Node): string => {
  if (node.kind !== 'list')
    return node.kind === 'string' ? JSON.stringify(node.value) : String(node.value)
  const isRegex = /regex$/.test(wordsOf(node)[0] ?? '')
  return `(${node.items
    .map((item) => (isRegex && item.kind === 'string' ? `#"${item.value}"` : printNode(item)))
    .join(' ')})`
}

const failure = (line: number, what: string): Error => new Error(`line ${line} ${what}`)
