import { written } from '../../../machine/physical.ts'
import { isWithin, join } from '../../../machine/paths.ts'
import type { Case } from '../../model.ts'
import { redacted } from '../../secrets.ts'
import type { ConfigFile } from '../../shared/config-file.ts'
import { writing } from '../../shared/doors.ts'
import { shown, stringsOf, type Table, tablesOf } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { defaultsOf } from '../semantics/defaults.ts'
import { isKnownKey, type VibeRule } from './rule.ts'

interface Hook {
  readonly hook: Table
  readonly file: ConfigFile
  readonly index: number
}

const hooksOf = (facts: VibeFacts): Hook[] =>
  facts.hooks.flatMap((file) =>
    tablesOf(file.values['hooks']).map((hook, index) => ({ hook, file, index })),
  )

/** What runs or decides beside the tools, but for servers: V409 to V415. */
export const EXECUTION: readonly VibeRule[] = [
  {
    id: 'V409',
    severity: 'high',
    what: 'tools, skills or agents from a place that the agent writes',
    why: 'It edits what it is given the next time.',
    fix: 'Move them out of the project.',
    find: (facts) =>
      ['tool_paths', 'skill_paths', 'agent_paths'].flatMap((key) =>
        stringsOf(facts.get(key)).flatMap((path, index): Case[] => {
          const { host, project, walk } = facts.world
          const place = written(walk, { home: host.home, cwd: project }, path)
          if (place === undefined) return []
          const { real } = walk(place)
          const isOpen = isWithin(real, project) || ((host.stat(real)?.mode ?? 0) & 0o002) !== 0
          return isOpen
            ? [
                {
                  message: `${path} in ${key} ${isWithin(real, project) ? 'lies in the project' : 'can be written by everybody'}`,
                  cause: facts.causeOf([key, index]),
                  exposes: [writing(real)],
                },
              ]
            : []
        }),
      ),
  },
  {
    id: 'V410',
    severity: 'high',
    what: 'hooks',
    why: 'Shell commands that no gate sees; pre_tool runs before the permission is asked for and may change the arguments.',
    fix: 'Review each of them.',
    find: (facts) =>
      facts.hooks
        .filter(({ values }) => tablesOf(values['hooks']).length > 0)
        .map(
          (file): Case => ({
            message: tablesOf(file.values['hooks'])
              .slice(0, 4)
              .map(
                ({ type, command }) => `${String(type)}: ${redacted(String(command)).slice(0, 80)}`,
              )
              .join('; '),
            cause: { file: file.file, path: ['hooks', 0], layer: file.layer },
          }),
        ),
  },
  {
    id: 'V411',
    severity: 'medium',
    what: 'a guard that fails open',
    why: 'Without `strict = true` a hook that fails or takes too long lets the call through.',
    fix: 'Set `strict = true`.',
    find: (facts) =>
      hooksOf(facts).flatMap(({ hook, file, index }): Case[] =>
        /^(?:pre_tool|before_tool)$/.test(String(hook['type'])) && hook['strict'] !== true
          ? [
              {
                message: `${shown(hook['name'] ?? index)} is not strict`,
                cause: { file: file.file, path: ['hooks', index, 'strict'], layer: file.layer },
                edits: [{ op: 'set', path: ['hooks', index, 'strict'], value: true }],
              },
            ]
          : [],
      ),
  },
  {
    id: 'V412',
    severity: 'medium',
    what: 'a hook whose program is looked up',
    why: 'Whoever can write to a directory of PATH, or to the project, decides what runs.',
    fix: 'Name its absolute path.',
    find: (facts) =>
      hooksOf(facts).flatMap(({ hook, file, index }): Case[] =>
        typeof hook['command'] === 'string' && !/^\s*["']?\//.test(hook['command'])
          ? [
              {
                message: `${shown(hook['name'] ?? index)} runs ${hook['command'].split(/\s+/)[0] ?? ''} by name`,
                cause: { file: file.file, path: ['hooks', index, 'command'], layer: file.layer },
              },
            ]
          : [],
      ),
  },
  {
    id: 'V413',
    severity: 'medium',
    what: 'a prompt from a file',
    why: 'Who can write the file gives the agent its instructions.',
    fix: 'Keep it where the agent cannot write.',
    find: (facts) =>
      ['system_prompt_id', 'compaction_prompt_id', 'title_prompt_id'].flatMap((key): Case[] => {
        const value = facts.get(key)
        const usual = defaultsOf(facts.version.semantics)[key]
        if (
          !facts.isSet(key) ||
          typeof value !== 'string' ||
          value === usual ||
          BUILT_IN.has(value)
        )
          return []
        const file = join(facts.folder, `prompts/${value.replaceAll('/', '')}.md`)
        return [
          {
            message: `${key} is ${shown(value)}`,
            cause: facts.causeOf([key]),
            exposes: [writing(facts.world.walk(file).real)],
          },
        ]
      }),
  },
  {
    id: 'V414',
    severity: 'medium',
    what: 'instructions that the agent could write for its next run',
    why: 'AGENTS.md, skills and prompts are read at the next start.',
    fix: 'Let the kernel keep them read-only: `[protect] read_only`.',
    find: (facts) =>
      facts.files.files.flatMap(({ role, path, walked, stat }): Case[] =>
        ['AGENTS.md', 'skills', 'prompts', 'agents'].includes(role) && stat !== undefined
          ? [
              {
                message: `${path} is read at every start`,
                cause: { file: path, layer: 'user' },
                exposes: [writing(walked.real)],
              },
            ]
          : [],
      ),
  },
  {
    id: 'V415',
    severity: 'low',
    what: 'agents that start agents',
    why: 'A subagent works under a profile of its own.',
    fix: 'Trim tools.task.allowlist to explore.',
    find: (facts) => {
      const list = stringsOf(facts.get('tools', 'task', 'allowlist'))
      const more = list.filter((name) => name !== 'explore')
      return more.length > 0 && isKnownKey(facts, 'tools')
        ? [
            {
              message: `${more.map(shown).join(', ')} may be started unasked`,
              ...facts.mend(
                ['tools', 'task', 'allowlist'],
                list.filter((name) => name === 'explore'),
              ),
            },
          ]
        : []
    },
  },
]

const BUILT_IN: ReadonlySet<string> = new Set([
  'cli',
  'tests',
  'lean',
  'explore',
  'minimal',
  'compact',
  'title',
  '',
])
