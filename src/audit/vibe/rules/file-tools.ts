import type { Case } from '../../model.ts'
import type { ConfigValue } from '../../../documents/document.ts'
import { readNeed } from '../../probes/build.ts'
import { shown, valueAt } from '../../../documents/values.ts'
import type { ToolFacts, VibeFacts } from '../facts.ts'
import { type Answered, leftOpen, probesOf, toolsFor } from './file-tool-cases.ts'
import { type VibeRule, whenSetting } from './rule.ts'

const setting = (
  facts: VibeFacts,
  tool: ToolFacts,
  key: string,
  isBad: (value: unknown) => boolean,
  good: ConfigValue,
): Case[] => whenSetting(facts, ['tools', tool.name, key], isBad, good)

const secretsAtHome = ({ group, subject, gate }: Answered): boolean =>
  group === 'secret' && subject.startsWith('~') && gate.verdict !== 'DENIED'

const BROAD: ReadonlySet<string> = new Set(['*', '**', '/*', '/**', '*/*', '**/*', '/'])

/** What the file tools may do: V101 to V123 but for the patterns' own. */
export const FILE_TOOL_RULES: readonly VibeRule[] = [
  {
    id: 'V101',
    severity: 'high',
    what: 'secrets that read_file may read',
    why: 'Reading is allowed by default; what no denylist entry matches is one question away, and none at all where the session starts in your home directory.',
    fix: 'Add the block to the denylist: each folder as `*/X` and `*/X/*`.',
    find: (facts) =>
      toolsFor(facts, 'read').flatMap((tool) =>
        leftOpen(facts, tool, probesOf(facts, tool).filter(secretsAtHome)),
      ),
  },
  {
    id: 'V102',
    severity: 'high',
    what: 'secrets that grep may search',
    why: 'grep prints what it finds, recursively, and is allowed by default; a denylist tests the folder where the search starts only.',
    fix: 'Add the block to the denylist, and set the permission to ask.',
    find: (facts) =>
      toolsFor(facts, 'grep').flatMap((tool) => {
        const open = probesOf(facts, tool).filter(secretsAtHome)
        return leftOpen(
          facts,
          tool,
          open,
          tool.permission === 'always'
            ? (facts.mend(['tools', tool.name, 'permission'], 'ask').edits ?? [])
            : [],
        )
      }),
  },
  {
    id: 'V103',
    severity: 'medium',
    what: 'files that are run later and may be written',
    why: 'Shell start-up files, git hooks, editor tasks and agent settings run outside of every gate the next time.',
    fix: 'Add the block to the denylists of the tools that write.',
    find: (facts) =>
      toolsFor(facts, 'write', 'edit').flatMap((tool) =>
        leftOpen(
          facts,
          tool,
          probesOf(facts, tool).filter(
            ({ gate, group }) => group === 'persistence' && gate.verdict !== 'DENIED',
          ),
        ),
      ),
  },
  {
    id: 'V112',
    severity: 'high',
    what: 'an allowlist that is too wide',
    why: 'A match runs unasked, outside of the project and for sensitive files, too.',
    fix: 'Narrow it to the folders that you mean.',
    find: (facts) =>
      facts.tools.flatMap((tool) =>
        tool.lists.allowlist.flatMap((pattern): Case[] => {
          const path = ['tools', tool.name, 'allowlist']
          if (!facts.isSet(...path)) return []
          const hits = probesOf(facts, tool).filter(
            ({ gate }) =>
              gate.verdict === 'RUNS' &&
              gate.entry?.list === 'allowlist' &&
              gate.entry.pattern === pattern,
          )
          const isBroad = BROAD.has(pattern) || pattern === `${facts.world.host.home}/*`
          if (!isBroad && hits.length === 0) return []
          return [
            {
              message: `${shown(pattern)} in ${tool.name}.allowlist lets ${hits[0]?.subject ?? 'everything'} run unasked`,
              ...facts.mendItem(path, pattern, undefined),
              ...(hits[0]
                ? {
                    probe: hits[0].id,
                    exposes: hits
                      .filter(({ cwd }) => cwd === 'project')
                      .flatMap(({ needs }) => needs),
                  }
                : {}),
            },
          ]
        }),
      ),
  },
  {
    id: 'V113',
    severity: 'medium',
    what: 'an allowlist whose depth depends on the version',
    why: 'From 2.25.8 an absolute `/dir/*` covers one level; before, `*` crosses every slash.',
    fix: 'Write each level that you mean, and none that you do not.',
    find: (facts) =>
      facts.tools.flatMap((tool) =>
        tool.lists.allowlist.flatMap((pattern): Case[] => {
          const path = ['tools', tool.name, 'allowlist']
          if (!/^\/[^*?[]+\/\*$/.test(pattern) || !facts.isSet(...path)) return []
          const reach = facts.version.semantics.isAllowlistSegmented
            ? 'covers one level only'
            : 'covers every level beneath'
          return [
            {
              message: `${shown(pattern)} in ${tool.name}.allowlist ${reach} in this version`,
              severity: facts.version.semantics.isAllowlistSegmented ? 'low' : 'medium',
              ...facts.mendItem(path, pattern, undefined),
            },
          ]
        }),
      ),
  },
  {
    id: 'V114',
    severity: 'medium',
    what: 'sensitive patterns without .env',
    why: 'They are what makes Vibe ask before an environment file in the project is read.',
    fix: 'Restore the defaults.',
    find: (facts) =>
      toolsFor(facts, 'read', 'write', 'edit', 'grep').flatMap((tool): Case[] => {
        const path = ['tools', tool.name, 'sensitive_patterns']
        if (
          !facts.isSet(...path) ||
          tool.lists.sensitive_patterns.some((pattern) => /(?:^|\/|\*)\.env/.test(pattern))
        )
          return []
        const mended = facts.mend(path, [...tool.lists.sensitive_patterns, '**/.env', '**/.env.*'])
        return [
          {
            message: `${tool.name}.sensitive_patterns is ${shown(tool.lists.sensitive_patterns)}: .env files are read unasked`,
            ...mended,
          },
        ]
      }),
  },
  {
    id: 'V117',
    severity: 'medium',
    what: '`never` with an allowlist',
    why: 'A match of the allowlist runs all the same.',
    fix: 'Empty the allowlist.',
    find: (facts) =>
      facts.tools.flatMap((tool) =>
        tool.permission === 'never' && tool.lists.allowlist.length > 0
          ? setting(facts, tool, 'allowlist', () => true, [])
          : [],
      ),
  },
  {
    id: 'V118',
    severity: 'medium',
    what: 'files are written unasked',
    why: 'In the project everything can be written, what the editor or git runs later included.',
    fix: 'Set the permission to ask.',
    find: (facts) =>
      toolsFor(facts, 'write', 'edit').flatMap((tool) =>
        facts.causeOf(['tools', tool.name, 'permission']).layer === 'agent-profile' &&
        facts.agent.name === 'accept-edits'
          ? []
          : setting(facts, tool, 'permission', (value) => value === 'always', 'ask'),
      ),
  },
  {
    id: 'V119',
    severity: 'high',
    what: 'the working directory holds your secrets',
    why: 'What lies in it needs no question: in your home directory ~/.ssh is part of the project.',
    fix: 'Start in the directory that you work on.',
    find: (facts) => {
      const { project, host } = facts.world
      const isAbove =
        host.home === project || host.home.startsWith(project === '/' ? '/' : `${project}/`)
      const added = facts.request.words.flatMap((word, index, words) =>
        word === '--add-dir' || word === '--workdir' ? (words[index + 1] ?? []) : [],
      )
      const wide = added.filter(
        (folder) => host.home === folder || host.home.startsWith(`${folder}/`) || folder === '/',
      )
      return [...(isAbove ? [project] : []), ...wide].map(
        (folder): Case => ({
          message: `${folder} holds your home directory`,
          cause: {
            file: folder === project ? '<working directory>' : '<command line>',
            layer: 'command line',
          },
          exposes: [readNeed(facts.world, '~/.ssh/id_rsa')],
        }),
      )
    },
  },
  {
    id: 'V120',
    severity: 'medium',
    what: 'a link in the project that leads out of it',
    why: 'bash does not look where a bare name leads: `cat link` runs unasked.',
    fix: 'Remove the link, or know where it leads.',
    find: (facts) =>
      facts.files.outwardLinks.map(
        ({ path, real }): Case => ({
          message: `${path} leads to ${real}`,
          cause: { file: path, layer: 'project' },
          exposes: [{ kind: 'path', operation: 'read', path: real }],
        }),
      ),
  },
  {
    id: 'V122',
    severity: 'medium',
    what: 'denylists that differ',
    why: 'What one tool is denied the other may do: the weakest wins.',
    fix: 'Give both the same list.',
    find: (facts) =>
      (
        [
          ['read', 'grep'],
          ['write', 'edit'],
        ] as const
      ).flatMap(([first, second]): Case[] => {
        const [a, b] = [toolsFor(facts, first)[0], toolsFor(facts, second)[0]]
        if (
          !a ||
          !b ||
          ![a, b].some(({ name }) => facts.isSet('tools', name, 'denylist')) ||
          (second === 'grep' && !facts.version.semantics.grepHasLists)
        )
          return []
        return (
          [
            [a, b],
            [b, a],
          ] as const
        ).flatMap(([weak, strong]): Case[] => {
          // What does nothing there is not wanted here.
          const broken = new Set(
            facts.patterns
              .filter(({ tool, diagnosis }) => tool === strong && diagnosis)
              .map(({ pattern }) => pattern),
          )
          const missing = strong.lists.denylist.filter(
            (pattern) => !weak.lists.denylist.includes(pattern) && !broken.has(pattern),
          )
          const path = ['tools', weak.name, 'denylist']
          const cause = facts.causeOf(path)
          return missing.length === 0
            ? []
            : [
                {
                  message: `${weak.name} is not denied ${missing.slice(0, 3).map(shown).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}, ${strong.name} is`,
                  cause,
                  ...(cause.file.startsWith('<')
                    ? {}
                    : {
                        edits: [
                          {
                            op: 'append',
                            path: cause.path ?? path,
                            values: facts.isSet(...path)
                              ? missing
                              : [...weak.lists.denylist, ...missing],
                          },
                        ],
                      }),
                },
              ]
        })
      }),
  },
  {
    id: 'V123',
    severity: 'low',
    what: 'exclusions of grep taken for protection',
    why: '`.vibeignore` and exclude_patterns filter what grep prints; no other tool looks at them.',
    fix: 'Use denylists.',
    find: (facts) => {
      const grep = toolsFor(facts, 'grep')[0]
      if (!grep) return []
      const path = ['tools', grep.name, 'exclude_patterns']
      const own = valueAt(facts.config.values, path)
      const secret =
        Array.isArray(own) && facts.isSet(...path)
          ? own.findIndex(
              (entry: unknown) =>
                typeof entry === 'string' &&
                /ssh|aws|gnupg|\.env|secret|credential|\.pem|token/i.test(entry),
            )
          : -1
      return secret < 0
        ? []
        : [
            {
              message: `${shown(valueAt(own, [secret]))} in ${grep.name}.exclude_patterns protects nothing`,
              cause: facts.causeOf([...path, secret]),
            },
          ]
    },
  },
]
