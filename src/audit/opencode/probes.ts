import type { AnsweredProbe, ProbeCwd } from '../model.ts'
import { answered, commandProbes, fileProbes } from '../probes/build.ts'
import type { Target } from '../probes/targets.ts'
import type { OpenCodeFacts } from './facts.ts'
import { decideCommand, decideFile, type Gate } from './gate.ts'

/** OpenCode’s own files: the login, and what decides its next run. */
const OWN: readonly Target[] = [
  { path: '~/.local/share/opencode/auth.json', group: 'secret' },
  { path: '~/.config/opencode/opencode.json', group: 'persistence' },
  {
    path: '~/.config/opencode/plugin/a.js',
    group: 'persistence',
    folder: '~/.config/opencode/plugin',
  },
  { path: './opencode.json', group: 'persistence' },
  { path: './.opencode/plugin/a.js', group: 'persistence', folder: './.opencode/plugin' },
]

const TOOLS = {
  read: 'read',
  grep: 'grep',
  'grep parent': 'grep',
  write: 'write',
  edit: 'edit',
} as const

/**
 * Every probe that documentation and source answer for this configuration. An agent that a markdown
 * file defines has permissions that are not read here: then none.
 */
export const answerProbes = (facts: OpenCodeFacts): AnsweredProbe[] => {
  if (isFromMarkdown(facts)) return []
  const gates: Readonly<Record<ProbeCwd, Gate>> = {
    project: gateAt(facts, 'project'),
    home: gateAt(facts, 'home'),
  }
  return [
    ...answered(fileProbes(facts.world, TOOLS, OWN), ({ use, cwd, path }) =>
      decideFile(gates[cwd], use, path),
    ),
    ...answered(commandProbes(facts.world, 'bash'), ({ cwd, subject }) =>
      decideCommand(gates[cwd], subject),
    ),
  ]
}

const isFromMarkdown = ({ agent, folders, world: { host } }: OpenCodeFacts): boolean =>
  /^[\w-]+$/.test(agent) &&
  folders.some(({ folder }) =>
    ['agent', 'agents', 'mode', 'modes'].some(
      (name) => host.lstat(`${folder}/${name}/${agent}.md`) !== undefined,
    ),
  )

const gateAt = ({ rulings, isAuto, world, worktree }: OpenCodeFacts, cwd: ProbeCwd): Gate => ({
  rulings,
  isAuto,
  cwd: cwd === 'home' ? world.host.home : world.project,
  worktree: cwd === 'home' ? undefined : worktree,
  resolve: world.resolve,
})
