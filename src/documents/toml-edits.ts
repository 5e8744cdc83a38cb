import type { ConfigValue, Edit, KeyPath } from './document.ts'
import { type Splice, newItems } from './edit.ts'
import { appendItems, replaceItem } from './list-edits.ts'
import { isList } from './node.ts'
import { indentAt, lineEnd, lineStart, newlineOf, pathKey } from './text.ts'
import type { TomlTable, TomlTree } from './toml.ts'

/** The replacements that one edit means in a TOML text, or why a person has to do it. */
export const tomlEdit = (tree: TomlTree, edit: Edit): readonly Splice[] | string => {
  const entry = tree.entries.get(pathKey(edit.path))
  switch (edit.op) {
    case 'set':
      if (entry?.value)
        return [{ ...entry.value.span, text: blockLiteral(edit.value, newlineOf(tree.text)) }]
      return entry ? `${edit.path.join('.')} is a table` : insert(tree, edit.path, edit.value)
    case 'append': {
      if (!entry) return insert(tree, edit.path, newItems(undefined, edit.values))
      if (entry.value?.kind !== 'list') return `${edit.path.join('.')} is not a list`
      const written = new Set(
        entry.value.items.map((item) => tree.text.slice(item.start, item.end)),
      )
      const items = edit.values
        .map(tomlLiteral)
        .filter((item) => !written.has(item) && !written.has(`'${item.slice(1, -1)}'`))
      return appendItems(tree.text, entry.value, items, '#')
    }
    case 'replace': {
      const list = tree.entries.get(pathKey(edit.path.slice(0, -1)))?.value
      return list?.kind === 'list'
        ? replaceItem(tree.text, list, Number(edit.path.at(-1)), edit.values.map(tomlLiteral), '#')
        : `${edit.path.join('.')} is not an item of a list`
    }
    case 'rename':
      return entry === undefined || entry.kind === 'implied'
        ? `${edit.path.join('.')} has no key of its own`
        : [{ ...entry.key, text: renamed(tree, edit.path, edit.name) }]
    case 'remove':
      return entry?.pair
        ? removePair(tree, edit.path, entry.pair)
        : `${edit.path.join('.')} is a table`
    default:
      return edit satisfies never
  }
}

/** The key as it is written, in a header from the top, in a pair from its table. */
const renamed = ({ tables }: TomlTree, path: KeyPath, name: string): string => {
  const pair = tables
    .flatMap(({ pairs }) => pairs)
    .find((one) => pathKey(one.path) === pathKey(path))
  return [...path.slice(pair?.prefix ?? 0, -1).map(String), name].map(tomlKey).join('.')
}

/** The whole line goes, its comment with it; in an inline table, the pair and a comma. */
const removePair = (
  tree: TomlTree,
  path: KeyPath,
  pair: { readonly start: number; readonly end: number },
): Splice[] | string => {
  const { text } = tree
  const start = lineStart(text, pair.start)
  const end = lineEnd(text, pair.end)
  const rest = text.slice(pair.end, end).trim()
  if (text.slice(start, pair.start).trim() !== '' || (rest !== '' && !rest.startsWith('#')))
    return `${path.join('.')} stands in an inline table`
  return [{ start, end: end + (text[end] === '\r' ? 2 : text[end] === '\n' ? 1 : 0), text: '' }]
}

/**
 * A key that is not there yet: after the last pair of its table, beside its dotted siblings, or in
 * a table of its own at the end.
 */
const insert = (tree: TomlTree, path: KeyPath, value: ConfigValue): Splice[] | string => {
  const parent = path.slice(0, -1)
  const name = path.at(-1)
  if (typeof name === 'number') return `${path.join('.')} is not there`
  const { text } = tree
  const newline = newlineOf(text)
  const pair = `${tomlKey(String(name))} = ${blockLiteral(value, newline)}`
  const inline = tree.entries.get(pathKey(parent))?.value
  if (inline?.kind === 'table') {
    const last = inline.members.at(-1)
    return [
      last
        ? { start: last.end, end: last.end, text: `, ${pair}` }
        : { start: inline.span.start, end: inline.span.end, text: `{ ${pair} }` },
    ]
  }
  if (inline) return `${parent.join('.')} is not a table`
  const table = tree.tables.find((one) => pathKey(one.path) === pathKey(parent))
  if (table && (parent.length > 0 || table.pairs.length > 0))
    return [afterLastPair(text, table, pair, newline)]
  if (table) return [beforeFirstHeader(tree, pair, newline)]
  const sibling = tree.tables
    .flatMap(({ pairs }) => pairs)
    .findLast(
      (one) =>
        one.path.length > path.length - 1 &&
        one.prefix < parent.length &&
        pathKey(one.path.slice(0, parent.length)) === pathKey(parent),
    )
  if (sibling) {
    const end = lineEnd(text, sibling.span.end)
    const dotted = [
      ...path.slice(sibling.prefix, -1).map((part) => tomlKey(String(part))),
      pair,
    ].join('.')
    return [{ start: end, end, text: `${newline}${indentAt(text, sibling.span.start)}${dotted}` }]
  }
  if (parent.some((part) => typeof part === 'number'))
    return `${parent.join('.')} has no table of its own`
  const gap =
    text === '' || text.endsWith(`${newline}${newline}`)
      ? ''
      : text.endsWith('\n')
        ? newline
        : `${newline}${newline}`
  return [
    {
      start: text.length,
      end: text.length,
      text: `${gap}[${parent.map((part) => tomlKey(String(part))).join('.')}]${newline}${pair}${newline}`,
    },
  ]
}

const afterLastPair = (text: string, table: TomlTable, pair: string, newline: string): Splice => {
  const last = table.pairs.at(-1)
  const end = lineEnd(text, last ? last.span.end : table.headerEnd)
  return {
    start: end,
    end,
    text: `${newline}${last ? indentAt(text, last.span.start) : ''}${pair}`,
  }
}

/** Comments right above a header belong to it. */
const beforeFirstHeader = (tree: TomlTree, pair: string, newline: string): Splice => {
  const { text } = tree
  const first = tree.tables[1]
  if (!first)
    return {
      start: text.length,
      end: text.length,
      text: `${text === '' || text.endsWith('\n') ? '' : newline}${pair}${newline}`,
    }
  let at = lineStart(text, first.span.start)
  while (at > 0 && /^[ \t]*#/.test(text.slice(lineStart(text, at - 1), at)))
    at = lineStart(text, at - 1)
  return { start: at, end: at, text: `${pair}${newline}${newline}` }
}

const tomlKey = (name: string): string =>
  /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)

/** A value as TOML writes it, on one line. */
export const tomlLiteral = (value: ConfigValue): string => {
  if (typeof value === 'string')
    return `"${value.replace(/["\\\u0000-\u001f\u007f]/g, escapeChar)}"`
  if (value instanceof Date) return value.toISOString()
  if (isList(value)) return `[${value.map(tomlLiteral).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${tomlKey(key)} = ${tomlLiteral(item)}`)
      .join(', ')} }`
  return String(value)
}

/** Longer lists are written one item a line. */
const MAX_LINE = 100

const blockLiteral = (value: ConfigValue, newline: string): string => {
  const line = tomlLiteral(value)
  return isList(value) && line.length > MAX_LINE
    ? `[${value.map((item) => `${newline}  ${tomlLiteral(item)},`).join('')}${newline}]`
    : line
}

const escapeChar = (char: string): string =>
  char === '"' || char === '\\'
    ? `\\${char}`
    : char === '\n'
      ? '\\n'
      : char === '\t'
        ? '\\t'
        : char === '\r'
          ? '\\r'
          : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
