import { loopbackPort, patternText, readPattern } from '../policy/host-pattern.ts'
import type { Sourced } from '../policy/model.ts'

/** Where the entries of a list of hosts lead. */
export interface HostEntries {
  /** Those that the proxy serves, each in its one spelling. */
  readonly hosts: readonly Sourced<string>[]
  /** Ports of this machine's loopback: clients go there by themselves, past the proxy. */
  readonly loopback: readonly Sourced<number>[]
}

/**
 * Entries that were checked before (`hostProblem`), told apart; one that is not understood stays as
 * it is written.
 */
export const hostEntries = (written: readonly Sourced<string>[]): HostEntries => {
  const hosts: Sourced<string>[] = []
  const loopback: Sourced<number>[] = []
  for (const { value, origin } of written) {
    const reading = readPattern(value)
    const port = reading.ok ? loopbackPort(reading.pattern) : undefined
    if (port !== undefined) loopback.push({ value: port, origin })
    else hosts.push({ value: reading.ok ? patternText(reading.pattern) : value, origin })
  }
  return { hosts, loopback }
}
