import type {
  ConfigValue,
  Edit,
  KeyPath,
  AuditDocument,
  DocumentProblem,
  Span,
} from './document.ts'
import { applyEdits, newItems, type Splice } from './edit.ts'
import { type JsonMember, type JsonNode, readJson } from './json-reader.ts'
import { appendItems, replaceItem } from './list-edits.ts'
import type { ListNode } from './node.ts'
import { indentAt, lineStart, newlineOf, positionsIn } from './text.ts'

/** JSON, or with `comments` JSONC, whose top is an object. */
export const parseJsonDocument = (text: string, file: string, comments: boolean): AuditDocument => {
  const position = positionsIn(text)
  const read = readJson(text, comments)
  const found: DocumentProblem[] = read.problems.map(({ kind, message, at }) => ({
    kind,
    message: kind === 'syntax' ? `is not valid JSON: ${message}` : message,
    position: position({ start: at, end: at }),
  }))
  const root = read.node?.kind === 'table' ? read.node : undefined
  const problems =
    read.node && !root
      ? [
          ...found,
          {
            kind: 'syntax' as const,
            message: 'is not a JSON object',
            position: position(read.node.span),
          },
        ]
      : found
  return {
    file,
    syntax: 'json',
    text,
    values: root?.value ?? {},
    problems,
    locate: (path) => {
      let span: Span = { start: 0, end: 0 }
      let node: JsonNode | undefined = root
      for (const part of path) {
        const next: { readonly span: Span; readonly node: JsonNode } | undefined =
          node && childOf(node, part)
        if (!next) return { position: position(span), isNearest: true }
        span = next.span
        node = next.node
      }
      return { position: position(span), isNearest: path.length === 0 }
    },
    edit: (edits) =>
      root && problems.length === 0
        ? applyEdits({ text, values: root.value }, edits, {
            parse: (next: string): AuditDocument => parseJsonDocument(next, file, comments),
            splice: (next: string, edit: Edit): readonly Splice[] | string =>
              jsonEdit(next, readJson(next, comments).node!, edit),
          })
        : { impossible: `the file ${problems[0]?.message ?? 'is empty'}` },
  }
}

const childOf = (
  node: JsonNode,
  part: string | number,
): { readonly span: Span; readonly node: JsonNode } | undefined => {
  if (node.kind === 'list') {
    const item = node.items[Number(part)]
    return item && { span: item.span, node: item }
  }
  return node.kind === 'table' ? node.members.findLast(({ name }) => name === part) : undefined
}

const nodeAt = (root: JsonNode, path: KeyPath): JsonNode | undefined =>
  path.reduce<JsonNode | undefined>((node, part) => node && childOf(node, part)?.node, root)

const asList = (node: JsonNode | undefined): ListNode | undefined =>
  node?.kind === 'list'
    ? { kind: 'list', span: node.span, items: node.items.map(({ span }) => span) }
    : undefined

const jsonEdit = (text: string, root: JsonNode, edit: Edit): readonly Splice[] | string => {
  const node = nodeAt(root, edit.path)
  const where = edit.path.join('.')
  switch (edit.op) {
    case 'set':
      return node
        ? [{ ...node.span, text: JSON.stringify(edit.value) }]
        : insert(text, root, edit.path, edit.value)
    case 'append': {
      if (!node) return insert(text, root, edit.path, newItems(undefined, edit.values))
      const list = asList(node)
      return list
        ? appendItems(
            text,
            list,
            newItems(node.value, edit.values).map((item) => JSON.stringify(item)),
            '//',
          )
        : `${where} is not a list`
    }
    case 'replace': {
      const list = asList(nodeAt(root, edit.path.slice(0, -1)))
      return list
        ? replaceItem(
            text,
            list,
            Number(edit.path.at(-1)),
            edit.values.map((item) => JSON.stringify(item)),
            '//',
          )
        : `${where} is not an item of a list`
    }
    case 'rename':
      return `${edit.path.join('.')} is renamed by hand`
    case 'remove': {
      const parent = nodeAt(root, edit.path.slice(0, -1))
      const index =
        parent?.kind === 'table'
          ? parent.members.findIndex(({ name }) => name === edit.path.at(-1))
          : -1
      return parent?.kind === 'table' && index >= 0
        ? removeMember(text, parent.members, index)
        : `${where} is not a key of an object`
    }
    default:
      return edit satisfies never
  }
}

/** With the comma after it, or for the last one the comma before. */
const removeMember = (text: string, members: readonly JsonMember[], index: number): Splice[] => {
  const { span } = members[index]!
  const next = members[index + 1]
  const before = members[index - 1]
  if (next) return [{ start: span.start, end: next.span.start, text: '' }]
  return [
    { start: before ? before.span.end : span.start, end: trailingComma(text, span.end), text: '' },
  ]
}

const trailingComma = (text: string, end: number): number =>
  end + (/^\s*,/.exec(text.slice(end))?.[0].length ?? 0)

/** A key that is not there: at the end of the deepest object that is. */
const insert = (
  text: string,
  root: JsonNode,
  path: KeyPath,
  value: ConfigValue,
): Splice[] | string => {
  let depth = path.length - 1
  while (depth > 0 && nodeAt(root, path.slice(0, depth)) === undefined) depth--
  const parent = nodeAt(root, path.slice(0, depth))
  const missing = path.slice(depth)
  if (parent?.kind !== 'table' || missing.some((part) => typeof part === 'number'))
    return `${path.slice(0, depth).join('.')} is not an object`
  const body = missing
    .slice(1)
    .reduceRight<ConfigValue>((inner, name) => ({ [String(name)]: inner }), value)
  const last = parent.members.at(-1)
  const isOwnLine =
    last !== undefined &&
    text.slice(lineStart(text, last.span.start), last.span.start).trim() === ''
  const pair = `${JSON.stringify(String(missing[0]))}: ${JSON.stringify(body)}`
  if (!last) return [{ ...parent.span, text: `{ ${pair} }` }]
  return [
    {
      start: last.span.end,
      end: last.span.end,
      text: isOwnLine
        ? `,${newlineOf(text)}${indentAt(text, last.span.start)}${pair}`
        : `, ${pair}`,
    },
  ]
}
