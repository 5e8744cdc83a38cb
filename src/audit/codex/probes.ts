import type { AbsolutePath } from '../../machine/paths.ts'
import type { AnsweredProbe, ProbeCwd } from '../model.ts'
import { answered, commandProbes, fileProbes } from '../probes/build.ts'
import type { Target } from '../probes/targets.ts'
import { pathOf } from '../shared/doors.ts'
import type { CodexFacts } from './facts.ts'
import { decideCommand, decidePatch, decideRead, type Gate } from './gate.ts'

/** Codex’s own files: the login, and what decides its next run. */
const OWN: readonly Target[] = [
  { path: '~/.codex/auth.json', group: 'secret' },
  { path: '~/.codex/config.toml', group: 'persistence' },
  { path: './.codex/config.toml', group: 'persistence' },
  { path: './AGENTS.md', group: 'persistence' },
]

/**
 * Every probe that documentation and source answer for this configuration. Files of rules change
 * the answers to commands: with some of them commands are left out.
 */
export const answerProbes = (facts: CodexFacts): AnsweredProbe[] => {
  const gates: Readonly<Record<ProbeCwd, Gate>> = {
    project: gateAt(facts, facts.world.project),
    home: gateAt(facts, facts.world.host.home),
  }
  const commands = facts.ruleFiles.length > 0 ? [] : commandProbes(facts.world, 'shell')
  return [
    ...answered(
      fileProbes(facts.world, { read: 'cat', write: 'apply_patch' }, OWN),
      ({ use, cwd, needs }) =>
        use === 'read' ? decideRead(gates[cwd]) : needs[0] && decidePatch(gates[cwd], needs[0]),
    ),
    ...answered(commands, ({ cwd, subject, needs }) => decideCommand(gates[cwd], subject, needs)),
  ]
}

const gateAt = ({ approval, sandbox, config, world }: CodexFacts, cwd: AbsolutePath): Gate => {
  const own = (key: string): unknown => config.get('sandbox_workspace_write', key)
  const temporary = [
    ...(own('exclude_slash_tmp') === true ? [] : ['/tmp']),
    ...(own('exclude_tmpdir_env_var') === true || !world.env['TMPDIR']
      ? []
      : [world.env['TMPDIR']]),
  ]
  const roots = [
    cwd,
    ...config.items('sandbox_workspace_write', 'writable_roots').map(({ text }) => text),
    ...temporary,
  ]
  return {
    approval,
    sandbox,
    hasNetwork: own('network_access') === true,
    writableRoots: roots
      .flatMap((root) => pathOf(world, root, cwd) ?? [])
      .map((root) => world.walk(root).real),
  }
}
