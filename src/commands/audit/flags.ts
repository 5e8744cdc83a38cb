import { FORMATS, SEVERITIES } from '../../audit/model.ts'
import type { FlagRow } from '../row.ts'

/** Flags of `audit` besides those about the policy. */
export interface AuditFlags {
  readonly format?: string
  readonly agentVersion?: string
  readonly all?: boolean
  readonly explain?: string
  readonly sarif?: boolean
  readonly failOn?: string
  readonly fix?: boolean
  /** True for `--write` without a path; with one it is a grant, as everywhere. */
  readonly write?: true
}

/** The same as rows. */
export const AUDIT_FLAGS: readonly FlagRow[] = [
  {
    flag: '--format <name>',
    text: 'vibe, claude, codex or opencode, where neither path nor content tells',
    completes: FORMATS,
  },
  {
    flag: '--agent-version <version>',
    text: 'the version of the agent, instead of the installed one',
  },
  { flag: '--all', text: 'every finding, every probe, every source' },
  { flag: '--explain <id>', text: 'what one check means' },
  {
    flag: '--fix',
    text: 'show the changes that mend what can be mended; with --write at the end, make them',
  },
  {
    flag: '--fail-on <severity>',
    text: 'exit with 1 from this severity on: critical, high, medium (default), low, info',
    completes: SEVERITIES,
  },
  { flag: '--sarif', text: 'SARIF 2.1.0 on standard output' },
  { flag: '--json', text: 'one JSON document on standard output' },
]
