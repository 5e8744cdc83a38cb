import type { Command } from 'commander'

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

/** Adds them to the command. */
export const addAuditFlags = (command: Command): Command =>
  command
    .option(
      '--format <name>',
      'vibe, claude, codex or opencode, where neither path nor content tells',
    )
    .option('--agent-version <version>', 'the version of the agent, instead of the installed one')
    .option('--all', 'every finding, every probe, every source')
    .option('--explain <id>', 'what one check means')
    .option(
      '--fix',
      'show the changes that mend what can be mended; with --write at the end, make them',
    )
    .option(
      '--fail-on <severity>',
      'exit with 1 from this severity on: critical, high, medium (default), low, info',
    )
    .option('--sarif', 'SARIF 2.1.0 on standard output')
    .option('--json', 'one JSON document on standard output')
