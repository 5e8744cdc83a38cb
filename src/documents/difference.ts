import { isDeepStrictEqual } from 'node:util'
import type { ConfigValue, Edit, KeyPath } from './document.ts'
import { isList } from './node.ts'
import { isTable } from './values.ts'

/** The edits that make one table of another, as deep in it as they can be. */
export const difference = (
  before: ConfigValue | undefined,
  after: ConfigValue,
  path: KeyPath = [],
): readonly Edit[] => {
  if (isDeepStrictEqual(before, after)) return []
  if (isPlainTable(before) && isPlainTable(after)) return ofTables(before, after, path)
  if (isList(before) && isList(after)) return ofLists(before, after, path)
  return [{ op: 'set', path, value: after }]
}

const isPlainTable = (value: unknown): value is Table => isTable(value)

type Table = { readonly [key: string]: ConfigValue }

const ofTables = (before: Table, after: Table, path: KeyPath): readonly Edit[] => {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  const renamed = new Map<string, string>()
  for (const [key, value] of Object.entries(after)) {
    const old = gone.find(
      (name) =>
        !renamed.has(name) && isSameTable(before[name]!, value) && !Object.hasOwn(before, key),
    )
    if (old !== undefined) renamed.set(old, key)
  }
  return [
    ...[...renamed].map(([old, name]): Edit => ({ op: 'rename', path: [...path, old], name })),
    ...gone
      .filter((key) => !renamed.has(key))
      .map((key): Edit => ({ op: 'remove', path: [...path, key] })),
    ...Object.entries(after).flatMap(([key, value]) => {
      const old = [...renamed].find(([, name]) => name === key)?.[0] ?? key
      return difference(Object.hasOwn(before, old) ? before[old] : undefined, value, [...path, key])
    }),
  ]
}

/** A table that went and one that came are one that was renamed, when nothing was added to it. */
const isSameTable = (before: ConfigValue, after: ConfigValue): boolean =>
  isPlainTable(before) &&
  isPlainTable(after) &&
  Object.entries(after).every(
    ([key, value]) => Object.hasOwn(before, key) && isDeepStrictEqual(before[key], value),
  )

const includes = (list: readonly ConfigValue[], item: ConfigValue): boolean =>
  list.some((one) => isDeepStrictEqual(one, item))

/**
 * Lists of tables of one length are compared item by item; in others items are removed or added,
 * where that is all.
 */
const ofLists = (
  before: readonly ConfigValue[],
  after: readonly ConfigValue[],
  path: KeyPath,
): readonly Edit[] => {
  if (before.length === after.length && [...before, ...after].every(isTable))
    return after.flatMap((item, index) => difference(before[index], item, [...path, index]))
  const gone = before.flatMap((old, index) => (includes(after, old) ? [] : [index]))
  const kept = before.filter((_, index) => !gone.includes(index))
  if (kept.length === 0 || !isDeepStrictEqual(kept, after.slice(0, kept.length)))
    return [{ op: 'set', path, value: after }]
  const added = after.slice(kept.length)
  // Appending leaves out what is there already.
  if (added.some((item, index) => includes(before, item) || includes(added.slice(index + 1), item)))
    return [{ op: 'set', path, value: after }]
  return [
    ...gone.map((index): Edit => ({ op: 'replace', path: [...path, index], values: [] })),
    ...(added.length > 0 ? [{ op: 'append' as const, path, values: added }] : []),
  ]
}
