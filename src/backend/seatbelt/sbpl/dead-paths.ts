import { excerpt, type Position } from './error.ts'
import { finding, type Finding } from './finding.ts'
import type { Node } from './reader.ts'
import type { Filter, Rule } from './rules.ts'

/**
 * Path filters that can never match, because the kernel compares the resolved path and nothing
 * normalises the filter's.
 */
export function deadPaths(forms: readonly Node[], rules: readonly Rule[]): readonly Finding[] {
  const places = new Map<string, Position[]>()
  for (const form of forms) collectStrings(form, places)
  const seen = new Set<string>()
  return rules.flatMap((rule) =>
    rule.filters.flatMap(leaves).flatMap((filter) => {
      const text = filter.kind === 'regex' ? filter.source : filter.value
      const reason = filter.kind === 'regex' ? deadRegex(filter.source) : deadText(filter)
      const isHarmless =
        isWithinFirmlink(text) && rule.operations.every((name) => BY_SPELLING.includes(name))
      const at =
        places
          .get(text)
          ?.find(
            ({ line, column }) => line > rule.line || (line === rule.line && column >= rule.column),
          ) ?? rule
      const key = `${at.line}:${at.column} ${text}`
      if (reason === undefined || isHarmless || seen.has(key)) return []
      seen.add(key)
      const effect =
        rule.action === 'deny' ? 'this deny protects nothing' : 'this allow opens nothing'
      return [
        finding(
          at,
          'warning',
          'dead-path',
          `${JSON.stringify(excerpt(text))} never matches (${effect}): ${reason}`,
        ),
      ]
    }),
  )
}

type PathFilter = Extract<Filter, { kind: 'text' | 'regex' }>

function leaves(filter: Filter): readonly PathFilter[] {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return filter.filters.flatMap(leaves)
    case 'not':
      return leaves(filter.filter)
    case 'text':
    case 'regex':
      return filter.name === 'path' ? [filter] : []
    default:
      return []
  }
}

function deadText({ match, value }: Extract<Filter, { kind: 'text' }>): string | undefined {
  if (!value.startsWith('/')) return 'it is not absolute'
  if (value.includes('//')) return 'paths have no `//`'
  if (match !== 'prefix' && value.length > 1 && value.endsWith('/'))
    return 'paths have no trailing slash'
  const components = value.split('/')
  // The last component of a prefix may be the beginning of a longer name.
  if (
    (match === 'prefix' ? components.slice(0, -1) : components).some(
      (name) => name === '.' || name === '..',
    )
  )
    return '`.` and `..` are not resolved in filters'
  if (isWithinFirmlink(value))
    return 'the kernel names what lies on the data volume by its short path: leave out /System/Volumes/Data'
  const [, first = '', ...rest] = components
  // The literal link itself is fine: it is what reading the link asks for.
  const isLink = LINKS.includes(first) && (rest.length > 0 || match === 'subpath')
  return isLink ? `/${first} is a symbolic link: write /private/${first}` : undefined
}

function deadRegex(source: string): string | undefined {
  const first = /^\^\/(tmp|var|etc)\//.exec(source)?.[1]
  return first === undefined ? undefined : `/${first} is a symbolic link: write /private/${first}`
}

function collectStrings(node: Node, places: Map<string, Position[]>): void {
  if (node.kind === 'list') for (const item of node.items) collectStrings(item, places)
  if (node.kind !== 'string') return
  const known = places.get(node.value)
  if (known === undefined) places.set(node.value, [node])
  // A string that stands in thousands of rules is placed by its rule instead.
  else if (known.length < 100) known.push(node)
}

const isWithinFirmlink = (path: string): boolean => path.startsWith('/System/Volumes/Data/')

/**
 * Operations for which a dead path is harmless or no dead path: existence is asked by the spelling
 * of the caller.
 */
const BY_SPELLING = ['file-read-metadata', 'file-test-existence']

const LINKS: readonly string[] = ['tmp', 'var', 'etc']
