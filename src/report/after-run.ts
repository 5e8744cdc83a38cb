import type { Denial } from '../explain/denials/model.ts'
import { tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** What is worth a line when the agent has ended. */
export interface Aftermath {
  readonly code: number
  /** Most likely cause first. */
  readonly denials: readonly Denial[]
  /** Hosts that the proxy refused, with how often, most first. */
  readonly refused: readonly { readonly host: string; readonly count: number }[]
  /** What was said of connections to the proxy that were too many. */
  readonly crowd?: string | undefined
  readonly home: string
}

const HOSTS = 3

/**
 * At most four lines: what was refused, why, and what to type for more. Nothing when the run went
 * well, or nothing refused can have mattered.
 */
export const afterRunText = ({ code, denials, refused, crowd, home }: Aftermath): string => {
  const mattering = code === 0 ? [] : denials.filter((denial) => denial.wouldWork !== false)
  const [first] = mattering
  const hosts = refused.map(
    ({ host, count }) => `${printable(host)}${count > 1 ? ` (${count} times)` : ''}`,
  )
  return [
    ...(first
      ? [
          `launcher: the sandbox refused ${printable(first.operation)} of ${tilde(first.path, home)} (${printable(first.program)}): ${printable(first.because ?? 'the policy denies it').replaceAll(home, '~')}`,
        ]
      : []),
    ...(first
      ? [
          `  ${mattering.length > 1 ? `${mattering.length - 1} more; ` : ''}launcher explain shows what to change`,
        ]
      : []),
    ...(hosts.length > 0
      ? [
          `launcher: refused ${hosts.slice(0, HOSTS).join(', ')}${hosts.length > HOSTS ? ` and ${hosts.length - HOSTS} more hosts` : ''}: launcher net log`,
        ]
      : []),
    ...(crowd === undefined ? [] : [`launcher: ${printable(crowd)}: launcher net log`]),
  ]
    .map((line) => `${line}\n`)
    .join('')
}
