import type { Host } from '../../machine/host.ts'
import { bad, type Check, ok, warn } from '../check.ts'
import { probeSeatbelt } from './support.ts'

/** Whether Seatbelt enforces here, and whether its refusals can be heard. */
export const machineChecks = (host: Host): Check[] => {
  const support = probeSeatbelt(host)
  return [
    support.ok ? ok('sandbox-exec', 'works') : bad('sandbox-exec', support.reason, support.hint),
    host.run('/usr/bin/log', ['show', '--last', '1s', '--style', 'ndjson'], 10_000) === undefined
      ? warn(
          'system log',
          'cannot be read',
          'denials of a run cannot be told: use an administrator\u2019s account',
        )
      : ok('system log', 'can be read'),
  ]
}
