import { type AST, ParseError, parseTOML } from 'toml-eslint-parser'
import type { ConfigValue, KeyPath, AuditDocument, DocumentProblem, Span } from './document.ts'
import { isTable } from './values.ts'
import { applyEdits } from './edit.ts'
import { isList, type ListNode, type ValueNode } from './node.ts'
import { pathKey, positionsIn, setOwn } from './text.ts'
import { tomlEdit } from './toml-edits.ts'
import { tomlLimit } from './toml-limits.ts'

/** What stands at a key path of a TOML text. */
interface TomlEntry {
  /**
   * The key (with the part before it in a dotted key), the item of a list, or the key of a header.
   */
  readonly key: Span
  /** `key = value`, where it is a pair. */
  readonly pair?: Span
  /**
   * `header`: a table with its own `[header]`; `inline`: a pair or an item. `implied`: a part of a
   * longer key.
   */
  readonly kind: 'header' | 'inline' | 'implied'
  readonly value?: ValueNode
}

/** A table with what is written directly in it. */
export interface TomlTable {
  readonly path: KeyPath
  readonly span: Span
  /** End of the header's `]`; 0 for the top. */
  readonly headerEnd: number
  readonly pairs: readonly {
    readonly path: KeyPath
    readonly prefix: number
    readonly span: Span
  }[]
}

/** Everything an edit of a TOML text must know. */
export interface TomlTree {
  readonly text: string
  readonly entries: ReadonlyMap<string, TomlEntry>
  readonly tables: readonly TomlTable[]
}

/** TOML 1.0, as Python's tomllib reads it: a byte order mark is an error. */
export const parseTomlDocument = (text: string, file: string): AuditDocument => {
  const position = positionsIn(text)
  const empty = (problem: DocumentProblem): AuditDocument => ({
    file,
    syntax: 'toml',
    text,
    values: {},
    problems: [problem],
    locate: () => ({ position: problem.position, isNearest: true }),
    edit: () => ({ impossible: `the file ${problem.message}` }),
  })
  const limit = tomlLimit(text)
  if (limit)
    return empty({
      kind: 'limit',
      message: limit.message,
      position: position({ start: limit.at, end: limit.at }),
    })
  let program: AST.TOMLProgram
  try {
    program = parseTOML(text, { tomlVersion: '1.0' })
  } catch (error) {
    const at = error instanceof ParseError ? error.index : 0
    const message = error instanceof ParseError ? error.message : 'it could not be parsed'
    const mark = text.startsWith('\ufeff')
      ? 'it begins with a byte order mark'
      : message.charAt(0).toLowerCase() + message.slice(1)
    return empty({
      kind: 'syntax',
      message: `is not valid TOML: ${mark}`,
      position: position({ start: at, end: at }),
    })
  }
  const { tree, values } = read(program, text)
  return {
    file,
    syntax: 'toml',
    text,
    values,
    problems: [],
    locate: (path) => {
      for (let length = path.length; length > 0; length--) {
        const entry = tree.entries.get(pathKey(path.slice(0, length)))
        if (entry)
          return { position: position(entry.pair ?? entry.key), isNearest: length < path.length }
      }
      return { position: position({ start: 0, end: 0 }), isNearest: true }
    },
    edit: (edits) =>
      applyEdits({ text, values }, edits, {
        parse: (next) => parseTomlDocument(next, file),
        splice: (next, edit) => tomlEdit(treeOf(next), edit),
      }),
  }
}

const treeOf = (text: string): TomlTree => read(parseTOML(text, { tomlVersion: '1.0' }), text).tree

type Table = { [key: string]: ConfigValue }

const read = (
  program: AST.TOMLProgram,
  text: string,
): { readonly tree: TomlTree; readonly values: Table } => {
  const entries = new Map<string, TomlEntry>()
  const tables: TomlTable[] = []
  const values: Table = {}
  const top = program.body[0]

  const imply = (path: KeyPath, key: Span): void => {
    if (!entries.has(pathKey(path))) entries.set(pathKey(path), { key, kind: 'implied' })
  }
  const readPairs = (
    pairs: readonly AST.TOMLKeyValue[],
    prefix: KeyPath,
    into: Table,
  ): TomlTable['pairs'] =>
    pairs.map((pair) => {
      const names = namesOf(pair.key)
      const path = [...prefix, ...names]
      let table = into
      for (const [index, name] of names.slice(0, -1).entries()) {
        imply([...prefix, ...names.slice(0, index + 1)], spanOf(pair.key))
        table = stepInto(table, name)
      }
      const value = readValue(pair.value, path)
      setOwn(table, names.at(-1)!, value.value)
      entries.set(pathKey(path), {
        key: spanOf(pair.key),
        pair: spanOf(pair),
        kind: 'inline',
        value: value.node,
      })
      return { path, prefix: prefix.length, span: spanOf(pair) }
    })
  const readValue = (
    node: AST.TOMLContentNode,
    path: KeyPath,
  ): { readonly value: ConfigValue; readonly node: ValueNode } => {
    if (node.type === 'TOMLValue')
      return {
        value:
          node.kind === 'integer' && !Number.isSafeInteger(node.value) ? node.bigint : node.value,
        node: { kind: 'scalar', span: spanOf(node) },
      }
    if (node.type === 'TOMLArray') {
      const items = node.elements.map((element, index) => {
        const item = readValue(element, [...path, index])
        entries.set(pathKey([...path, index]), {
          key: spanOf(element),
          kind: 'inline',
          value: item.node,
        })
        return item
      })
      const list: ListNode = {
        kind: 'list',
        span: spanOf(node),
        items: items.map((item) => item.node.span),
      }
      return { value: items.map((item) => item.value), node: list }
    }
    const table: Table = {}
    const pairs = readPairs(node.body, path, table)
    return {
      value: table,
      node: { kind: 'table', span: spanOf(node), members: pairs.map(({ span }) => span) },
    }
  }

  const topPairs = top.body.filter((node) => node.type === 'TOMLKeyValue')
  tables.push({
    path: [],
    span: { start: 0, end: topPairs.at(-1)?.range[1] ?? 0 },
    headerEnd: 0,
    pairs: readPairs(topPairs, [], values),
  })
  for (const node of top.body) {
    if (node.type !== 'TOMLTable') continue
    const path = node.resolvedKey
    let table = values
    for (const [index, part] of path.entries()) {
      const here = path.slice(0, index + 1)
      if (index < path.length - 1) imply(here, spanOf(node.key))
      if (typeof part === 'string')
        table = typeof path[index + 1] === 'number' ? table : stepInto(table, part)
      else table = stepIntoItem(table, String(path[index - 1]), part)
    }
    entries.set(pathKey(path), { key: spanOf(node.key), kind: 'header' })
    tables.push({
      path,
      span: spanOf(node),
      headerEnd:
        text.indexOf('\n', node.key.range[1]) < 0
          ? text.length
          : text.indexOf(']', node.key.range[1]) + (node.kind === 'array' ? 2 : 1),
      pairs: readPairs(node.body, path, table),
    })
  }
  return { tree: { text, entries, tables }, values }
}

const spanOf = ({ range }: { readonly range: readonly [number, number] }): Span => ({
  start: range[0],
  end: range[1],
})

const namesOf = (key: AST.TOMLKey): string[] =>
  key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))

const own = (table: Table, name: string): ConfigValue | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

const stepInto = (table: Table, name: string): Table => {
  const there = own(table, name)
  if (isTable(there)) return there
  const made: Table = {}
  setOwn(table, name, made)
  return made
}

/** `[[name]]` makes an item, `[name.child]` is of the last one. */
const stepIntoItem = (table: Table, name: string, index: number): Table => {
  const there = own(table, name)
  const list = (isList(there) ? there : []) as ConfigValue[]
  if (!isList(there)) setOwn(table, name, list)
  const item = list[index]
  if (isTable(item)) return item
  const made: Table = {}
  list[index] = made
  return made
}
