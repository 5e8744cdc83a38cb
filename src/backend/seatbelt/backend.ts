import { LauncherError } from '../../errors.ts'
import type { ResolvedPolicy } from '../../policy/model.ts'
import type { Backend, OpenedFeature, Program, ProgramView } from '../backend.ts'
import { machineChecks } from './checks.ts'
import { openLogCollector } from './collector.ts'
import { FEATURES, featureOf } from './prelude.ts'
import { compileSeatbelt, type SeatbeltProgram } from './program.ts'
import { providedPaths } from './provided.ts'
import { startSeatbelt } from './start.ts'
import { probeSeatbelt } from './support.ts'

/** A program that says how it looks. */
export type ProfileProgram = Program & SeatbeltProgram

/** A profile of the macOS kernel, given to sandbox-exec. */
export const SEATBELT: Backend<ProfileProgram> = {
  name: 'seatbelt',
  label: 'Seatbelt (macOS kernel)',
  platform: 'macos',
  hasOwnLoopback: false,
  provided: providedPaths,
  opens: (policy) => openedBy(policy),
  probe: (host) => {
    const support = probeSeatbelt(host)
    if (support.ok) return {}
    throw new LauncherError(support.nested ? 'E_NESTED' : 'E_BACKEND', support.reason, {
      hint: support.hint,
    })
  },
  compile: (policy, { runId, tty, proxyPort }) => {
    const terminal = tty()
    const program = compileSeatbelt(policy, {
      runId,
      ...(terminal === undefined ? {} : { tty: terminal }),
      ...(proxyPort === undefined ? {} : { proxyPort }),
    })
    return { backend: 'seatbelt', ...program, placeholders: [], view: () => viewOf(program) }
  },
  openCollector: openLogCollector,
  start: startSeatbelt,
  checks: machineChecks,
}

/** Only here a feature is a service that is opened; elsewhere it means nothing. */
const openedBy = ({ features }: ResolvedPolicy): OpenedFeature[] =>
  features.flatMap(({ value, origin }) => {
    const feature = featureOf(value)
    return feature === undefined ? [] : [{ name: feature, ...FEATURES[feature], origin }]
  })

const viewOf = ({ profile, params, origins }: SeatbeltProgram): ProgramView => ({
  comment: ';',
  text: profile,
  steps: params.map(({ name, value }) => ({ words: [`; -D ${name}=${value}`] })),
  json: { profile, params, origins },
})
