import { LauncherError } from '../../errors.ts'
import type { Origin, ResolvedPolicy } from '../../policy/model.ts'
import { PRELUDE } from '../../../profiles/seatbelt/prelude.sb'
import { FEATURES, featureOf, type Need, PRELUDE_FILE, type PreludeRule } from './prelude.ts'
import { originOf } from './provided.ts'
import type { Rule } from './rule.ts'

/** A line of the profile: a comment of our own, or a rule. */
export type Line = { readonly comment: string } | Rule

/** The prelude's rules that this policy needs, each under its heading and reason. */
export const preludeLines = (policy: ResolvedPolicy, tty: string | undefined): Line[] => {
  const needs = needsOf(policy, tty)
  const lines: Line[] = []
  let heading = ''
  for (const rule of PRELUDE.rules) {
    if (!rule.needs.some((need) => needs.has(need))) continue
    const next = `; ${rule.topic} (${rule.needs.join(', ')})`
    if (next !== heading) lines.push({ comment: next })
    heading = next
    lines.push({ comment: `;   ${rule.why}` }, ruleOf(rule))
  }
  lines.push(
    { comment: '; left open' },
    ...PRELUDE.leftOpen.map(({ operation, why }) => ({ comment: `;   ${operation}: ${why}` })),
  )
  return lines
}

/** Origins of `(version 1)` and `(deny default)`, in this order. */
export const frameOrigins = (): readonly Origin[] =>
  [PRELUDE.frame.version, PRELUDE.frame.default].map((line) => ({
    strength: 'builtin',
    file: PRELUDE_FILE,
    line,
    key: 'frame',
    because: 'everything that is not granted is denied',
  }))

/**
 * What the policy switches on. An unknown feature is an error: a misspelt one would be missing in
 * silence.
 */
const needsOf = (policy: ResolvedPolicy, tty: string | undefined): ReadonlySet<Need> => {
  const needs = new Set<Need>(['always'])
  if (tty !== undefined) needs.add('tty')
  const { mode, loopback, listen } = policy.network
  if (mode.value !== 'none') needs.add('network')
  if (mode.value !== 'none' || loopback.length > 0 || listen.length > 0) needs.add('ip')
  // With a proxy, names are resolved by the proxy: asking for names here would be a way out.
  if (mode.value === 'host') needs.add('dns')
  for (const { value, origin } of policy.features) {
    const feature = featureOf(value)
    if (feature === undefined) {
      throw new LauncherError('E_UNSUPPORTED', `the Seatbelt backend knows no feature '${value}'`, {
        hint: `it knows ${Object.keys(FEATURES).join(', ')}`,
        at: origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`,
      })
    }
    needs.add(feature)
  }
  return needs
}

const ruleOf = (rule: PreludeRule): Rule => ({
  action: rule.action,
  operations: rule.operations,
  filters: rule.filters.map((text) => ({ kind: 'fixed', text })),
  origin: originOf(rule),
  ...(rule.isQuiet && { isQuiet: true }),
  ...(rule.ifDefined !== undefined && { ifDefined: rule.ifDefined }),
})
