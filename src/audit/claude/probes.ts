import type { AnsweredProbe, ProbeCwd } from '../model.ts'
import { answered, commandProbes, fileProbes } from '../probes/build.ts'
import type { Target } from '../probes/targets.ts'
import { additionalDirectories, type ClaudeFacts } from './facts.ts'
import { decideCommand, decideFile, type Gate } from './gate.ts'

/** Claude Code's own files: the login, and what decides its next run. */
const OWN: readonly Target[] = [
  { path: '~/.claude/.credentials.json', group: 'secret' },
  { path: '~/.claude/settings.json', group: 'persistence' },
  { path: './.claude/settings.json', group: 'persistence' },
  { path: './.mcp.json', group: 'persistence' },
]

const TOOLS = { read: 'Read', write: 'Write', edit: 'Edit' } as const

/**
 * Every probe that the documentation answers for this configuration. Grep is left out: rules reach
 * it on a best-effort basis.
 */
export const answerProbes = (facts: ClaudeFacts): AnsweredProbe[] => {
  const gates: Readonly<Record<ProbeCwd, Gate>> = {
    project: gateAt(facts, facts.world.project),
    home: gateAt(facts, facts.world.host.home),
  }
  return [
    ...answered(fileProbes(facts.world, TOOLS, OWN), ({ use, cwd, path }) =>
      decideFile(gates[cwd], TOOLS[use === 'write' || use === 'edit' ? use : 'read'], path),
    ),
    ...answered(commandProbes(facts.world, 'Bash'), ({ cwd, subject }) =>
      decideCommand(gates[cwd], subject),
    ),
  ]
}

const gateAt = (facts: ClaudeFacts, cwd: string): Gate => ({
  rules: facts.rules,
  start: facts.start,
  anchors: { home: facts.world.host.home, project: cwd, cwd },
  workDirectories: [cwd, ...additionalDirectories(facts)],
  resolve: facts.world.resolve,
  isSandboxed: facts.config.get('sandbox', 'enabled') === true,
})
