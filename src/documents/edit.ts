import { isDeepStrictEqual } from 'node:util'
import type { ConfigValue, Edit, KeyPath, AuditDocument, Span } from './document.ts'
import { isTable } from './values.ts'
import { isList } from './node.ts'
import { setOwn } from './text.ts'

/** One replacement in a text. */
export interface Splice extends Span {
  readonly text: string
}

/** How one syntax does it. `splice` says why when it cannot. */
export interface Editor {
  parse(text: string): AuditDocument
  splice(text: string, edit: Edit): readonly Splice[] | string
}

type Table = { readonly [key: string]: ConfigValue }

/**
 * Applies edits one after the other. The result must parse to exactly what the edits mean, or
 * nothing is changed.
 */
export const applyEdits = (
  document: { readonly text: string; readonly values: Table },
  edits: readonly Edit[],
  editor: Editor,
): ReturnType<AuditDocument['edit']> => {
  let { text } = document
  let values: ConfigValue = document.values
  for (const edit of inOrder(edits)) {
    const expected: ConfigValue = meaning(values, edit.path, edit)
    if (isDeepStrictEqual(expected, values)) continue
    const splices = editor.splice(text, edit)
    if (typeof splices === 'string') return { impossible: splices }
    text = [...splices]
      .sort((a, b) => b.start - a.start)
      .reduce(
        (all, splice) => `${all.slice(0, splice.start)}${splice.text}${all.slice(splice.end)}`,
        text,
      )
    const parsed = editor.parse(text)
    if (parsed.problems.length > 0 || !isDeepStrictEqual(parsed.values, expected))
      return { impossible: `${describe(edit)} cannot be written here without touching other lines` }
    values = expected
  }
  return { text }
}

const describe = ({ path }: Edit): string => path.join('.')

/**
 * Names come first: what follows speaks of the new ones. Items are replaced from the last to the
 * first, so that no index moves; lists grow after that. One edit for each place.
 */
const inOrder = (edits: readonly Edit[]): Edit[] => {
  const unique = edits.filter(
    (edit, index) => edits.findIndex((other) => sameTarget(edit, other)) === index,
  )
  const last = (edit: Edit): number => Number(edit.path.at(-1))
  return [
    ...unique.filter(({ op }) => op === 'rename'),
    ...unique.filter(({ op }) => op === 'set'),
    ...unique.filter(({ op }) => op === 'replace').sort((a, b) => last(b) - last(a)),
    ...unique.filter(({ op }) => op === 'append'),
    ...unique.filter(({ op }) => op === 'remove').sort((a, b) => last(b) - last(a)),
  ]
}

const sameTarget = (a: Edit, b: Edit): boolean =>
  a.op === b.op &&
  isDeepStrictEqual(a.path, b.path) &&
  (a.op !== 'append' || isDeepStrictEqual(a, b))

/** The values after an edit: what the new text must say. */
const meaning = (value: ConfigValue | undefined, path: KeyPath, edit: Edit): ConfigValue => {
  const [name, ...rest] = path
  if (name === undefined) return atEnd(value, edit)
  if (typeof name === 'number') {
    const list = isList(value) ? [...value] : []
    if (rest.length === 0 && edit.op === 'replace') list.splice(name, 1, ...edit.values)
    else if (rest.length === 0 && edit.op === 'remove') list.splice(name, 1)
    else list[name] = meaning(list[name], rest, edit)
    return list
  }
  const table: { [key: string]: ConfigValue } = {}
  const old = isTable(value) ? value : {}
  if (edit.op === 'rename' && rest.length === 0) {
    for (const key of Object.keys(old)) setOwn(table, key === name ? edit.name : key, old[key]!)
    return table
  }
  for (const key of Object.keys(old))
    if (!(edit.op === 'remove' && rest.length === 0 && key === name)) setOwn(table, key, old[key]!)
  if (edit.op === 'remove' && (rest.length === 0 || !Object.hasOwn(old, name))) return table
  setOwn(table, name, meaning(Object.hasOwn(old, name) ? old[name] : undefined, rest, edit))
  return table
}

const atEnd = (value: ConfigValue | undefined, edit: Edit): ConfigValue => {
  switch (edit.op) {
    case 'set':
      return edit.value
    case 'append':
      return [...(isList(value) ? value : []), ...newItems(value, edit.values)]
    case 'remove':
    case 'rename':
    case 'replace':
      return value ?? {}
    default:
      return edit satisfies never
  }
}

/** Of `values`, those that are not in the list yet. */
export const newItems = (
  list: ConfigValue | undefined,
  values: readonly ConfigValue[],
): ConfigValue[] =>
  values.filter((value) => !(isList(list) && list.some((item) => isDeepStrictEqual(item, value))))
