import type { Splice } from './edit.ts'
import type { ListNode } from './node.ts'
import { indentAt, lineEnd, lineStart, newlineOf } from './text.ts'

/** Begins a comment to the end of the line: `#` in TOML, `//` in JSON. */
export type CommentMark = '#' | '//'

/** Adds items (as written) at the end of a list, in the style it has: one a line, or all on one. */
export const appendItems = (
  text: string,
  list: ListNode,
  items: readonly string[],
  mark: CommentMark,
): Splice[] => {
  const last = list.items.at(-1)
  if (last === undefined) {
    const inside = text.slice(list.span.start + 1, list.span.end - 1)
    // A comment in an empty list stays where it is.
    const at = list.span.start + 1
    return inside.trim() === ''
      ? [{ start: at, end: list.span.end - 1, text: items.join(', ') }]
      : [{ start: at, end: at, text: ` ${items.join(', ')}` }]
  }
  const comma = commaAfter(text, last.end, mark)
  const end = lineEnd(text, comma === undefined ? last.end : comma + 1)
  if (!isOnePerLine(text, list) || end >= list.span.end) {
    return comma === undefined
      ? [{ start: last.end, end: last.end, text: items.map((item) => `, ${item}`).join('') }]
      : [
          {
            start: comma + 1,
            end: comma + 1,
            text: ` ${items.join(', ')}${mark === '#' ? ',' : ''}`,
          },
        ]
  }
  const indent = indentAt(text, last.start)
  const joined = items.map((item) => `${newlineOf(text)}${indent}${item}`).join(',')
  const added: Splice = { start: end, end, text: `${joined}${comma === undefined ? '' : ','}` }
  return comma === undefined
    ? end === last.end
      ? [{ ...added, text: `,${joined}` }]
      : [{ start: last.end, end: last.end, text: ',' }, added]
    : [added]
}

/** Puts other items (as written), or none, in the place of one. */
export const replaceItem = (
  text: string,
  list: ListNode,
  index: number,
  items: readonly string[],
  mark: CommentMark,
): Splice[] => {
  const item = list.items[index]!
  if (items.length > 0) {
    const between = isOnePerLine(text, list)
      ? `,${newlineOf(text)}${indentAt(text, item.start)}`
      : ', '
    return [{ ...item, text: items.join(between) }]
  }
  const start = lineStart(text, item.start)
  const comma = commaAfter(text, item.end, mark)
  const end = lineEnd(text, comma === undefined ? item.end : comma + 1)
  const rest = text.slice(comma === undefined ? item.end : comma + 1, end).trim()
  if (
    text.slice(start, item.start).trim() === '' &&
    (rest === '' || rest.startsWith(mark)) &&
    (comma !== undefined || mark === '#')
  ) {
    return [{ start, end: end + (text[end] === '\r' ? 2 : text[end] === '\n' ? 1 : 0), text: '' }]
  }
  const next = list.items[index + 1]
  const before = list.items[index - 1]
  if (next) return [{ start: item.start, end: next.start, text: '' }]
  return [
    before
      ? { start: before.end, end: item.end, text: '' }
      : { start: item.start, end: comma === undefined ? item.end : comma + 1, text: '' },
  ]
}

/** True when the last item begins its line: then each has its own. */
const isOnePerLine = (text: string, list: ListNode): boolean => {
  const last = list.items.at(-1)!
  return text.slice(lineStart(text, last.start), last.start).trim() === ''
}

/** Offset of the comma that follows a value, comments and line ends between them skipped. */
const commaAfter = (text: string, from: number, mark: CommentMark): number | undefined => {
  for (let at = from; at < text.length; at++) {
    if (text[at] === ',') return at
    if (text.startsWith(mark, at)) at = lineEnd(text, at)
    else if (mark === '//' && text.startsWith('/*', at))
      at = Math.max(at, text.indexOf('*/', at) + 1)
    else if (!/\s/.test(text[at]!)) return undefined
  }
  return undefined
}
