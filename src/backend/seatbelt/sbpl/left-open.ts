import { finding, type Finding } from './finding.ts'
import { OPERATIONS } from './operations.ts'
import type { Rule } from './rules.ts'

/** Operations with a built-in allow that a `(deny default)` profile does not name: they stay open. */
export function leftOpen(rules: readonly Rule[]): readonly Finding[] {
  const last = rules.findLast(
    ({ operations, filters }) => operations.includes('default') && filters.length === 0,
  )
  if (last?.action !== 'deny') return []
  const named = new Set(rules.flatMap(({ operations }) => operations))
  return Object.entries(OPERATIONS).flatMap(([operation, { builtin }]) => {
    if (builtin !== 'allow' || named.has(operation)) return []
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

// A hard link or clone of a read-denied file in a writable directory, another process's arguments, firmware variables.
const DANGEROUS = new Set([
  'file-link',
  'file-clone',
  'file-map-executable',
  'process-info*',
  'nvram*',
  'iokit-get-properties',
])
