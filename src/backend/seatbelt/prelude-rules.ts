import { LauncherError } from '../../errors.ts'
import type { Origin, ResolvedPolicy } from '../../policy/model.ts'
import { FEATURES, LEFT_ALLOWED, type Need, PRELUDE, type PreludeLine } from './prelude.ts'
import type { Rule } from './rule.ts'

/** A line of the profile: a comment of our own, or a rule. */
export type Line = { readonly comment: string } | Rule

/** The prelude's lines that this policy needs, each under its reason. */
export const preludeLines = (policy: ResolvedPolicy, tty: string | undefined): Line[] => {
  const needs = needsOf(policy, tty)
  const lines: Line[] = []
  for (const section of PRELUDE) {
    const chosen = section.lines.filter((line) => line.needs.some((need) => needs.has(need)))
    if (chosen.length === 0) continue
    lines.push({ comment: `; ${section.name}` })
    for (const line of chosen)
      lines.push({ comment: `;   ${line.why}` }, ruleOf(section.name, line))
  }
  lines.push(
    { comment: '; left allowed' },
    ...LEFT_ALLOWED.map(({ operation, why }) => ({ comment: `;   ${operation}: ${why}` })),
  )
  return lines
}

/** What the policy switches on. An unknown feature is an error: a misspelt one would be missing in silence. */
export const needsOf = (policy: ResolvedPolicy, tty: string | undefined): ReadonlySet<Need> => {
  const needs = new Set<Need>(['always'])
  if (tty !== undefined) needs.add('tty')
  const { mode, loopback, listen } = policy.network
  if (mode.value !== 'none') needs.add('network')
  if (mode.value !== 'none' || loopback.length > 0 || listen.length > 0) needs.add('ip')
  // With a proxy, names are resolved by the proxy: asking for names here would be a way out.
  if (mode.value === 'host') needs.add('dns')
  for (const { value, origin } of policy.features) {
    const feature = FEATURES.find((known) => known === value)
    if (feature === undefined) {
      throw new LauncherError('E_UNSUPPORTED', `the Seatbelt backend knows no feature '${value}'`, {
        hint: `it knows ${FEATURES.join(', ')}`,
        at: origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`,
      })
    }
    needs.add(feature)
  }
  return needs
}

const ruleOf = (section: string, line: PreludeLine): Rule => {
  const origin: Origin = {
    strength: 'builtin',
    file: 'seatbelt prelude',
    key: section,
    because: line.why,
  }
  return {
    action: line.action,
    operations: line.operations,
    filters: line.filters.map((text) => ({ kind: 'fixed', text })),
    origin,
    ...(line.isQuiet === undefined ? {} : { isQuiet: line.isQuiet }),
    ...(line.ifDefined === undefined ? {} : { ifDefined: line.ifDefined }),
  }
}
