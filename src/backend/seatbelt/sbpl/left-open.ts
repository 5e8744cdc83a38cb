import { finding, type Finding } from './finding.ts'
import { isNamedOn, type Macos, NEWEST } from './macos.ts'
import { OPERATIONS } from './operations.ts'
import type { Rule } from './rules.ts'

/**
 * Operations with a built-in allow that a `(deny default)` profile does not name: they stay open.
 */
export function leftOpen(rules: readonly Rule[], macos: Macos = NEWEST): readonly Finding[] {
  const last = rules.findLast(
    ({ operations, filters }) => operations.includes('default') && filters.length === 0,
  )
  if (last?.action !== 'deny') return []
  const named = new Set(rules.flatMap(({ operations }) => operations))
  return Object.entries(OPERATIONS).flatMap(([operation, { builtin }]) => {
    if (builtin !== 'allow' || named.has(operation) || !isNamedOn(operation, macos)) return []
    const severity = DANGEROUS.has(operation) ? 'warning' : 'notice'
    return [
      finding(
        last,
        severity,
        'left-open',
        `${operation} stays allowed: (deny default) does not cover it; write (deny ${operation})`,
      ),
    ]
  })
}

/** Those through which something gets out or in. */
export const DANGEROUS: ReadonlySet<string> = new Set([
  // A link or clone of an unreadable file in a writable directory opens it; a graft is a mount.
  'file-graft',
  'file-link',
  'file-clone',
  'file-map-executable',
  'fs-snapshot-mount',
  'process-info*',
  'nvram*',
  'iokit-get-properties',
])
