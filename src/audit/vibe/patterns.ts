import { type AbsolutePath, isAbsolutePath } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { KeyPath } from '../../documents/document.ts'
import { valueAt } from '../../documents/values.ts'
import { LISTS, type ListName, type ToolFacts, type VibeFacts } from './facts.ts'
import { fnmatch } from './semantics/fnmatch.ts'

/**
 * What is wrong with a pattern: the row of the catalogue, a clause, and patterns that do what was
 * meant (none: a person must say).
 */
export interface Diagnosis {
  readonly rule: 'V104' | 'V105' | 'V106' | 'V107' | 'V108' | 'V109' | 'V110' | 'V111'
  readonly reason: string
  readonly better: readonly string[]
}

/** An entry of a list of a file tool, as it stands in a file. */
export interface DiagnosedPattern {
  readonly tool: ToolFacts
  readonly list: ListName
  readonly pattern: string
  /** Key of the list. */
  readonly path: KeyPath
  readonly diagnosis: Diagnosis | undefined
}

/**
 * Entries of one list that are looked at: each is compared with all others. The gate's answers take
 * every entry into account.
 */
export const MAX_DIAGNOSED = 400

/** Every entry that is not a default, up to {@link MAX_DIAGNOSED} of a list. */
export const diagnosePatterns = (facts: VibeFacts): DiagnosedPattern[] =>
  facts.tools.flatMap((tool) =>
    LISTS.flatMap((list) => {
      const path = ['tools', tool.name, list]
      const written = valueAt(facts.config.values, path)
      if (!facts.isSet(...path) || !Array.isArray(written)) return []
      return written.slice(0, MAX_DIAGNOSED).flatMap((pattern: unknown) =>
        typeof pattern === 'string'
          ? [
              {
                tool,
                list,
                pattern,
                path,
                diagnosis: diagnose(
                  pattern,
                  list,
                  tool.lists[list].slice(0, MAX_DIAGNOSED),
                  facts.world,
                ),
              },
            ]
          : [],
      )
    }),
  )

/**
 * The first thing that is wrong with a pattern. Sensitive patterns are matched from the right and
 * follow other rules.
 */
const diagnose = (
  pattern: string,
  list: ListName,
  others: readonly string[],
  world: AuditWorld,
): Diagnosis | undefined => {
  if (pattern === '' || pattern.startsWith('vibe-path:')) return undefined
  const isDeny = list === 'denylist'
  if (list === 'sensitive_patterns')
    return (
      unsupported(pattern) ?? (isExpanding(pattern) ? expanding(pattern, isDeny, world) : undefined)
    )
  return (
    unsupported(pattern) ??
    (isExpanding(pattern) ? expanding(pattern, isDeny, world) : undefined) ??
    relative(pattern, world) ??
    linked(pattern, world) ??
    misspelt(pattern, world) ??
    brackets(pattern, world) ??
    (isDeny ? (bareFolder(pattern, others, world) ?? withoutRoot(pattern, others)) : undefined)
  )
}

const isExpanding = (pattern: string): boolean =>
  pattern.startsWith('~') || /\$(?:\{|[A-Za-z_])/.test(pattern)

const unsupported = (pattern: string): Diagnosis | undefined => {
  if (pattern.startsWith('re:'))
    return {
      rule: 'V110',
      reason: 're: means something for names of tools only, a file pattern takes it for text',
      better: [],
    }
  if (pattern.startsWith('!'))
    return { rule: 'V110', reason: 'a leading ! negates nothing', better: [] }
  if (pattern.includes('\\'))
    return { rule: 'V110', reason: 'a backslash escapes nothing', better: [] }
  const expanded = expandBraces(pattern)
  if (expanded?.length === 1) return undefined
  return {
    rule: 'V110',
    reason: 'braces are not expanded',
    better: isExpanding(pattern) ? [] : (expanded ?? []),
  }
}

/**
 * `a{b,c}d` as a shell would have it, without nesting: at most {@link MAX_EXPANDED} patterns;
 * undefined when there would be more.
 */
const expandBraces = (pattern: string): string[] | undefined => {
  let expanded = [pattern]
  for (let rounds = 0; rounds < MAX_EXPANDED; rounds++) {
    const next = expanded.flatMap(expandFirst)
    if (next.length === expanded.length) return expanded
    if (next.length > MAX_EXPANDED) return undefined
    expanded = next
  }
  return expanded
}

const MAX_EXPANDED = 16

const expandFirst = (pattern: string): string[] => {
  const group = /\{([^{}]*,[^{}]*)\}/.exec(pattern)
  if (!group) return [pattern]
  return group[1]!
    .split(',')
    .map(
      (part) =>
        `${pattern.slice(0, group.index)}${part}${pattern.slice(group.index + group[0].length)}`,
    )
}

const expanding = (pattern: string, isDeny: boolean, world: AuditWorld): Diagnosis => {
  const rest = /^(?:~|\$HOME|\$\{HOME\})(?:\/(.*))?$/s.exec(pattern)
  const reason = pattern.startsWith('~')
    ? 'Vibe never expands ~ in patterns'
    : 'Vibe never expands variables in patterns'
  return { rule: 'V104', reason, better: rest ? anchored(rest[1] ?? '', isDeny, world) : [] }
}

const relative = (pattern: string, world: AuditWorld): Diagnosis | undefined =>
  /^[/*?[]/.test(pattern)
    ? undefined
    : {
        rule: 'V107',
        reason: 'it is compared with the whole absolute path, which never begins like this',
        better: anchored(pattern.replace(/^(?:\.\/)+/, ''), true, world),
      }

/**
 * A path below the home directory as patterns that cover it and what lies in it. A denylist may
 * cover it anywhere; an allowlist must not grow.
 */
const anchored = (rest: string, anywhere: boolean, { host }: AuditWorld): string[] => {
  const base = rest.replace(/(?:\/\*{1,2}|\/)+$/, '')
  if (base === '' || base === '*' || base === '**') return [`${host.home}/*`]
  const start = anywhere ? '*' : host.home
  const isFile = host.stat(`${host.home}/${base}`)?.type === 'file'
  return isFile || /[*?[]/.test(base.slice(base.lastIndexOf('/') + 1))
    ? [`${start}/${base}`]
    : [`${start}/${base}`, `${start}/${base}/*`]
}

/** Names of macOS that are links; resolution never leaves them in a path. */
const MAC_LINKS = /^\/(?:tmp|var|etc)(?=\/|$)/

const linked = (pattern: string, { host, walk }: AuditWorld): Diagnosis | undefined => {
  if (host.platform === 'macos' && MAC_LINKS.test(pattern))
    return {
      rule: 'V108',
      reason: 'on macOS this is a link into /private, and the path is resolved first',
      better: [`/private${pattern}`],
    }
  const { folder, rest } = literalPart(pattern)
  if (folder === undefined) return undefined
  const { hops, real, status } = walk(folder)
  const first = hops[0]
  return first && status === 'exists'
    ? {
        rule: 'V108',
        reason: `${first.path} is a link to ${first.target}, and the path is resolved first`,
        better: [`${real}${rest}`],
      }
    : undefined
}

/** The part of an absolute pattern that holds no wildcard, and what follows. */
const literalPart = (
  pattern: string,
): { readonly folder: AbsolutePath | undefined; readonly rest: string } => {
  const wild = pattern.search(/[*?[]/)
  const end = wild < 0 ? pattern.replace(/\/+$/, '').length : pattern.lastIndexOf('/', wild)
  const folder = pattern.slice(0, end)
  return {
    folder: folder !== '/' && isAbsolutePath(folder) ? folder : undefined,
    rest: pattern.slice(end),
  }
}

/** A name on the way that differs from the one on disk by case only. */
const misspelt = (pattern: string, { host }: AuditWorld): Diagnosis | undefined => {
  const { folder, rest } = literalPart(pattern)
  if (folder === undefined) return undefined
  let here = ''
  for (const name of folder.slice(1).split('/')) {
    const names = host.list(here === '' ? '/' : here)?.map((entry) => entry.name) ?? []
    const stored = names.includes(name)
      ? undefined
      : names.find((one) => one.toLowerCase() === name.toLowerCase())
    if (stored !== undefined)
      return {
        rule: 'V109',
        reason: `on disk it is called ${stored}, and case counts`,
        better: [`${here}/${stored}${folder.slice(here.length + 1 + name.length)}${rest}`],
      }
    here = `${here}/${name}`
  }
  return undefined
}

const brackets = (pattern: string, { host }: AuditWorld): Diagnosis | undefined => {
  const escaped = pattern.replaceAll('[', '[[]')
  for (let at = pattern.indexOf('['), close = 0; at >= 0; at = pattern.indexOf('[', close)) {
    close = pattern.indexOf(']', pattern[at + 1] === '!' ? at + 3 : at + 2)
    if (close < 0)
      return {
        rule: 'V111',
        reason: 'the [ is never closed, so that it stands for itself',
        better: [escaped],
      }
    const range = /([^-])-([^-\]])/.exec(pattern.slice(at + 1, close))
    if (range && range[1]! > range[2]!)
      return { rule: 'V111', reason: `the range ${range[0]} is empty`, better: [] }
    const literal = pattern.slice(
      0,
      pattern.indexOf('/', close) < 0 ? undefined : pattern.indexOf('/', close),
    )
    if (/^\/[^*?]*$/.test(literal) && host.lstat(literal) !== undefined)
      return {
        rule: 'V111',
        reason: `${literal} exists, and the pattern takes its brackets for a choice of characters`,
        better: [escaped],
      }
  }
  return undefined
}

/** A path that the pattern would match: each wildcard an `x`. */
const sampleOf = (pattern: string): string => {
  const sample = pattern.replaceAll(/\*+/g, 'x').replaceAll('?', 'x')
  return sample.startsWith('/') ? sample : `/${sample}`
}

const bareFolder = (
  pattern: string,
  others: readonly string[],
  { host }: AuditWorld,
): Diagnosis | undefined => {
  const base = pattern.replace(/\/+$/, '')
  if (
    /[*?\]]$/.test(base) ||
    base === '' ||
    others.some((other) => fnmatch(`${sampleOf(base)}/x`, other))
  )
    return undefined
  const onDisk = /[*?[]/.test(base) ? undefined : host.stat(base)?.type
  const isFolder =
    base !== pattern || (onDisk === undefined ? KNOWN_FOLDERS.test(base) : onDisk === 'directory')
  if (!isFolder) return undefined
  const reason =
    base === pattern
      ? 'it matches the directory itself and nothing in it'
      : 'a path never ends in a slash'
  return {
    rule: 'V105',
    reason,
    better: [...(others.includes(base) && base !== pattern ? [] : [base]), `${base}/*`],
  }
}

/** Directories of secrets that need not exist for the pattern to be about them. */
const KNOWN_FOLDERS =
  /\/(?:\.ssh|\.aws|\.gnupg|\.azure|\.kube|\.docker|\.config|\.password-store|\.terraform\.d|gcloud|gh|op|Keychains|Library|secrets|hooks|\.vscode)$/

const withoutRoot = (pattern: string, others: readonly string[]): Diagnosis | undefined => {
  const base = /^(.*[^/*])\/\*{1,2}$/s.exec(pattern)?.[1]
  if (base === undefined || others.some((other) => fnmatch(sampleOf(base), other))) return undefined
  return {
    rule: 'V106',
    reason: `${base} itself is not covered: a search that starts there is not refused`,
    better: [base, pattern],
  }
}
