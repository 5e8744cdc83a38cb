import { parse } from 'smol-toml'
import { tomlLiteral } from '../documents/toml-edits.ts'
import { LauncherError } from '../errors.ts'
import { SCHEMA } from './model.ts'
import { checkProfile } from './parse.ts'
import { scanToml } from './scan.ts'
import { pathKey } from '../documents/text.ts'

/**
 * One thing to add to a profile: an item of the list `key`, or the value of a key that is not there
 * yet.
 */
export interface Addition {
  /** As in a header: `filesystem`, `environment.from`. */
  readonly table: string
  readonly key: string
  readonly value: string | readonly string[]
  readonly isItem: boolean
  /** Becomes the comment beside it. */
  readonly reason: string
}

/**
 * The text of a profile with additions, everything else as it was: comments, order, spacing.
 * Without a text, a new profile. Throws E_PROFILE when the outcome would be no profile, or would
 * say anything else than before besides the additions.
 */
export const amendProfile = (
  text: string | undefined,
  additions: readonly Addition[],
  file: string,
): string => {
  const before = text ?? `schema = ${SCHEMA}\n`
  const after = withAdditions(before, additions)
  const checked = checkProfile(after, file, 'user')
  if ('errors' in checked)
    throw new LauncherError('E_PROFILE', `the patch cannot be put into ${file} as it is written`, {
      hint: 'add the lines yourself',
      cause: checked.errors[0],
    })
  const parsed: unknown = parse(after)
  // Text is only put in, never taken out: what a line could do wrong is to land where it says
  // nothing.
  if (!additions.every((addition) => isSaid(parsed, addition)))
    throw new LauncherError('E_PROFILE', `the patch does not fit into ${file} as it is written`, {
      hint: 'add the lines yourself',
    })
  return after
}

const isSaid = (parsed: unknown, { table, key, value, isItem }: Addition): boolean => {
  const found = [...table.split('.'), key].reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    parsed,
  )
  return isItem
    ? Array.isArray(found) && found.includes(value)
    : JSON.stringify(found) === JSON.stringify(value)
}

/** The additions as a profile of their own would have them. */
export const additionsText = (additions: readonly Addition[]): string =>
  withAdditions('', additions).trimStart()

interface Group {
  readonly table: string
  readonly key: string
  readonly items: readonly Addition[]
}

const groupsOf = (additions: readonly Addition[]): Group[] => {
  const groups = new Map<string, Addition[]>()
  for (const addition of additions) {
    const id = `${addition.table}\0${addition.key}`
    groups.set(id, [...(groups.get(id) ?? []), addition])
  }
  return [...groups.values()].map((items) => ({
    table: items[0]!.table,
    key: items[0]!.key,
    items,
  }))
}

/**
 * First the tables that are not there yet, at the end; then the groups, the last one first, so that
 * they stand in their order.
 */
const withAdditions = (text: string, additions: readonly Addition[]): string => {
  const groups = groupsOf(additions)
  const tables = new Set(
    groups
      .filter((group) => listOffset(text, group) === undefined && headerLine(text, group.table) < 0)
      .map(({ table }) => table),
  )
  const whole = [...tables].reduce(
    (all, table) => `${all}${all === '' || all.endsWith('\n') ? '' : '\n'}\n[${table}]\n`,
    text,
  )
  return groups.reduceRight(withGroup, whole)
}

/** Puts a group behind the bracket that opens its list, else below its table's header. */
const withGroup = (text: string, group: Group): string => {
  const at = listOffset(text, group)
  if (at !== undefined)
    return `${text.slice(0, at)}\n${itemsText(group.items)}${followedBy(text.slice(at))}${text.slice(at)}`
  const header = headerLine(text, group.table) + 1
  const lines = text.split('\n')
  return [...lines.slice(0, header), entryText(group), ...lines.slice(header)].join('\n')
}

/** Where the first item of the group's list would stand, if there is such a list. */
const listOffset = (text: string, { table, key, items }: Group): number | undefined => {
  const list = items[0]?.isItem
    ? scanToml(text).places.get(pathKey([...table.split('.'), key]))
    : undefined
  if (!list) return undefined
  const start = text
    .split('\n')
    .slice(0, list.line - 1)
    .reduce((sum, line) => sum + line.length + 1, list.column - 1)
  const opening = /^[^=\n]*=[ \t]*\[/.exec(text.slice(start))
  return opening ? start + opening[0].length : undefined
}

const headerLine = (text: string, table: string): number =>
  text.split('\n').findIndex((line) => line.replaceAll(/\s/g, '').startsWith(`[${table}]`))

/** What stands between the items and the rest of the list: the rest begins on a line of its own. */
const followedBy = (rest: string): string =>
  /^[ \t]*\r?\n/.test(rest) ? '' : rest.startsWith(']') ? '\n' : '\n  '

const entryText = ({ key, items }: Group): string => {
  const [first] = items
  return first!.isItem
    ? `${key} = [\n${itemsText(items)}\n]`
    : `${key} = ${tomlLiteral(first!.value)} # ${commentText(first!.reason)}`
}

const itemsText = (items: readonly Addition[]): string =>
  items.map(({ value, reason }) => `  ${tomlLiteral(value)}, # ${commentText(reason)}`).join('\n')

/** One line, nothing in it that hides. */
const commentText = (reason: string): string => reason.replace(/[^\x20-\x7e]/g, '?')
