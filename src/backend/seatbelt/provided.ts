import { PRELUDE } from '../../../profiles/seatbelt/prelude.sb'
import { absolute } from '../../machine/paths.ts'
import type { Grant, StatGrant } from '../../policy/model.ts'
import { PRELUDE_FILE, type PreludeRule } from './prelude.ts'

/** Paths that the prelude opens to every program, as entries of a policy. */
export interface ProvidedPaths {
  readonly grants: readonly Grant[]
  readonly stats: readonly StatGrant[]
}

/**
 * What the prelude says of paths, read from its own rules, so that `decide()` and `explain` know it
 * and no second list has to be kept. The generator leaves these entries out: the prelude is in the
 * program as it stands.
 */
export const providedPaths = (): ProvidedPaths => {
  const grants: Grant[] = []
  const stats: StatGrant[] = []
  for (const rule of PRELUDE.rules) {
    if (rule.action !== 'allow' || !rule.needs.includes('always')) continue
    const access = accessOf(rule.operations)
    if (access === undefined) continue
    for (const filter of rule.filters) {
      const [, form, text] = PATH.exec(filter) ?? []
      if (text === undefined) continue
      const path = absolute(text)
      const entry = { path, origin: originOf(rule), provider: 'prelude' as const }
      if (access === 'stat') stats.push(entry)
      else
        grants.push({
          ...entry,
          access,
          kind: form === 'subpath' ? 'directory' : 'file',
          requested: path,
        })
    }
  }
  return { grants, stats }
}

const PATH = /^\((literal|subpath) "(\/[^"\\]*)"\)$/

const accessOf = (operations: readonly string[]): 'stat' | 'read' | 'write' | undefined => {
  const reads = operations.includes('file-read*') || operations.includes('file-read-data')
  if (reads) return operations.includes('file-write-data') ? 'write' : 'read'
  return operations.includes('file-read-metadata') ? 'stat' : undefined
}

/** Where a rule of the prelude stands, and why. */
export const originOf = (rule: PreludeRule): Grant['origin'] => ({
  strength: 'builtin',
  file: PRELUDE_FILE,
  line: rule.line,
  key: rule.topic,
  because: rule.why,
})
