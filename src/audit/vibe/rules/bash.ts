import type { Case, Need } from '../../model.ts'
import { everyDoor } from '../../shared/doors.ts'
import { type Reach, reachOf } from '../../shared/programs.ts'
import { shown, stringsOf, tableOf, valueAt } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { defaultsOf } from '../semantics/defaults.ts'
import { isFrom, isTrue, type VibeRule, whenSetting } from './rule.ts'

const at = (key: string): string[] => ['tools', 'bash', key]

const listOf = (facts: VibeFacts, key: string): readonly string[] =>
  stringsOf(facts.get(...at(key)))

/** One case for each entry of a list of bash that somebody wrote. */
const entries = (
  facts: VibeFacts,
  key: string,
  judge: (entry: string) => string | undefined,
  isMended = true,
): Case[] =>
  !facts.isSet(...at(key))
    ? []
    : [...new Set([...listOf(facts, key), ...rawEntries(facts, key)])].flatMap((entry): Case[] => {
        const message = judge(entry)
        return message === undefined
          ? []
          : [
              {
                message: `${shown(entry)} in bash.${key} ${message}`,
                ...facts.mendItem(at(key), entry, isMended ? [] : undefined),
                ...proof(facts, entry),
              },
            ]
      })

/** Entries as the user's file has them, before Vibe's migrations. */
const rawEntries = (facts: VibeFacts, key: string): readonly string[] =>
  facts.causeOf(at(key)).file === facts.user.file
    ? stringsOf(valueAt(facts.user.values, at(key)))
    : []

/** A command of the corpus that begins like an entry and runs. */
const proof = (facts: VibeFacts, entry: string): { probe?: string } => {
  const found = facts.commandProbes.find(
    ({ subject, gate }) =>
      gate.verdict === 'RUNS' && (subject === entry || subject.startsWith(`${entry} `)),
  )
  return found ? { probe: found.id } : {}
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const INTERPRETERS = words(
  'python python2 python3 ipython node deno bun ruby perl php lua bash sh zsh fish dash ksh env xargs npx uvx bunx uv pipx make just npm pnpm yarn cargo go docker podman kubectl osascript open sudo doas su eval exec source . ssh awk vim vi emacs tmux screen nohup parallel watch',
)
const NETWORK = words(
  'curl wget nc ncat netcat socat scp sftp rsync ssh gh glab dig host nslookup ping telnet ftp aws gcloud az',
)
const GIT_NETWORK = words('push fetch clone pull ls-remote remote submodule')
const WRITERS = words(
  'tee sed gawk dd cp mv ln chmod chown install patch truncate rm rmdir mkdir touch tar unzip rsync',
)
const READERS = words(
  'cat head tail less more grep find sort od diff tree file date nl paste cut comm fold fmt join uniq wc stat',
)

const first = (entry: string): string => entry.split(' ')[0]!.replace(/^.*\//, '')

/**
 * What other rows say more of is left to them; Vibe itself asks about the options by which find
 * runs something.
 */
const reachOfEntry = (entry: string): Reach | undefined => {
  const name = first(entry)
  if (NETWORK.has(name) || WRITERS.has(name) || name === 'git' || name === 'find')
    return entry === 'git commit' ? 'project' : undefined
  return INTERPRETERS.has(name) && entry === name
    ? (reachOf([entry]) ?? 'anything')
    : reachOf(entry.replace(/ \*$/, '').split(' '))
}

/** Bash: V202 to V216. */
export const BASH: readonly VibeRule[] = [
  {
    id: 'V202',
    severity: 'high',
    what: 'a program that runs others on the allowlist of bash',
    why: 'It runs whatever the model writes after it, or what the model wrote into the project.',
    fix: 'Remove it.',
    find: (facts) =>
      (['anything', 'project'] as const).flatMap((reach) =>
        entries(facts, 'allowlist', (entry) =>
          reachOfEntry(entry) === reach
            ? reach === 'anything'
              ? 'runs any code'
              : 'runs code of the project, which the agent writes'
            : undefined,
        ).map((one) => (reach === 'anything' ? one : { ...one, severity: 'medium' as const })),
      ),
  },
  {
    id: 'V203',
    severity: 'high',
    what: 'a command that talks to the network on the allowlist of bash',
    why: 'It carries out what was read, and fetches what is run next.',
    fix: 'Remove it.',
    find: (facts) =>
      entries(facts, 'allowlist', (entry) =>
        NETWORK.has(first(entry)) ||
        (first(entry) === 'git' && GIT_NETWORK.has(entry.split(' ')[1] ?? ''))
          ? 'talks to any host'
          : undefined,
      ).map((one) => ({
        ...one,
        exposes: [{ kind: 'host', host: 'attacker.example' } satisfies Need],
      })),
  },
  {
    id: 'V204',
    severity: 'high',
    what: 'a command that writes on the allowlist of bash',
    why: 'It changes files that no denylist of the file tools protects.',
    fix: 'Remove it.',
    find: (facts) =>
      entries(facts, 'allowlist', (entry) =>
        WRITERS.has(first(entry)) && !NETWORK.has(first(entry)) ? 'writes any file' : undefined,
      ),
  },
  {
    id: 'V205',
    severity: 'low',
    what: 'a pattern among the commands of bash',
    why: 'Entries are the beginning of a command as text: `*` stands for itself, and an empty entry matches nothing.',
    fix: 'Remove it.',
    find: (facts) =>
      entries(facts, 'allowlist', (entry) =>
        entry === '' || (/[*?]/.test(entry) && !entry.endsWith(' *'))
          ? 'matches no command'
          : undefined,
      ),
  },
  {
    id: 'V206',
    severity: 'high',
    what: 'readers that run unasked under a gate that is known to be evaded',
    why: 'Until 2.25.4 the paths they read are not found behind quotes, variables, substitutions and redirections.',
    fix: 'Upgrade, or take them off the allowlist.',
    versions: '< 2.25.4',
    find: (facts) => {
      const readers = listOf(facts, 'allowlist').filter((entry) => READERS.has(first(entry)))
      const escape = facts.commandProbes.find(
        ({ gate, subject }) =>
          gate.verdict === 'RUNS' && /ssh/.test(subject) && READERS.has(first(subject)),
      )
      if (
        readers.length === 0 ||
        isFrom(facts, '2.25.4') ||
        facts.get(...at('permission')) === 'always'
      )
        return []
      return [
        {
          message: `${readers.slice(0, 4).join(', ')}${readers.length > 4 ? ` and ${readers.length - 4} more` : ''} read any file unasked`,
          cause: facts.causeOf(at('allowlist')),
          exposes: everyDoor(facts.world),
          ...(escape ? { probe: escape.id } : {}),
        },
      ]
    },
  },
  {
    id: 'V207',
    severity: 'medium',
    what: 'bash reads secrets of the project unasked',
    why: 'Denylists of read_file do not apply to bash: `cat .env` is a read-only command in the project.',
    fix: 'No setting closes this: hide the file in the kernel (`[protect] hidden`).',
    find: (facts) => {
      const runs = facts.commandProbes.filter(
        ({ cwd, gate, subject }) =>
          cwd === 'project' &&
          gate.verdict === 'RUNS' &&
          /^(?:cat|head|grep)\b.*(?:\.env|key\.pem)$/.test(subject),
      )
      // A file at a time: the kernel may hide one and not the other.
      const secrets = [...new Set(runs.map(({ subject }) => subject.split(/[ /]/).at(-1)))]
      return secrets.map((secret) => {
        const its = runs.filter(({ subject }) => subject.endsWith(secret ?? ''))
        return {
          message: `${its.map(({ subject }) => shown(subject)).join(', ')} ${its.length === 1 ? 'runs' : 'run'} unasked`,
          cause: facts.causeOf(at('allowlist')),
          probe: its[0]!.id,
          exposes: its.flatMap(({ needs }) => needs),
        }
      })
    },
  },
  {
    id: 'V208',
    severity: 'medium',
    what: 'an entry that allows more than it names',
    why: 'Options of git, find, tree and date write files and run programs.',
    fix: 'Name the subcommand: `git status`.',
    find: (facts) =>
      entries(facts, 'allowlist', (entry) =>
        /^(?:git|find|tree|date)$/.test(entry) && !defaultList(facts, 'allowlist').includes(entry)
          ? 'has options that write or execute'
          : undefined,
      ),
  },
  {
    id: 'V209',
    severity: 'medium',
    what: 'defaults of a denylist of bash are gone',
    why: 'They keep interactive programs from hanging the session.',
    fix: 'Restore them.',
    find: (facts) =>
      ['denylist', 'denylist_standalone'].flatMap((key): Case[] => {
        const missing = defaultList(facts, key).filter(
          (entry) => !listOf(facts, key).includes(entry),
        )
        if (!facts.isSet(...at(key)) || missing.length === 0) return []
        const cause = facts.causeOf(at(key))
        return [
          {
            message: `bash.${key} lacks ${missing.slice(0, 4).map(shown).join(', ')}${missing.length > 4 ? ` and ${missing.length - 4} more` : ''}`,
            cause,
            ...(cause.file.startsWith('<')
              ? {}
              : { edits: [{ op: 'append', path: at(key), values: missing }] }),
          },
        ]
      }),
  },
  {
    id: 'V210',
    severity: 'medium',
    what: 'a denylist entry of bash that matches no command',
    why: 'Entries are the beginning of a command as text; globs, regular expressions and a final ` *` are taken literally.',
    fix: 'Write the command as it is typed.',
    find: (facts) =>
      ['denylist', 'denylist_standalone'].flatMap((key) =>
        entries(facts, key, (entry) =>
          entry === '' || /[*?^$|]|^re:|\.\*/.test(entry)
            ? `does nothing${entry.endsWith(' *') ? `: ${shown(entry.slice(0, -2))} covers every argument` : ''}`
            : undefined,
        ),
      ),
  },
  {
    id: 'V211',
    severity: 'low',
    what: 'a denylist of bash that is meant to stop a program',
    why: '`/bin/rm`, `command rm`, `\\rm` and `env rm` are other texts: they ask only, or run where bash runs unasked.',
    fix: 'Rely on the kernel for what must not happen.',
    find: (facts) =>
      entries(
        facts,
        'denylist',
        (entry) =>
          /^(?:rm|curl|wget|ssh|scp|nc|dd|sudo|mkfs|chmod|chown|kill)\b/.test(entry)
            ? 'stops one spelling only'
            : undefined,
        false,
      ),
  },
  {
    id: 'V212',
    severity: 'medium',
    what: 'sensitive patterns of bash that do not work',
    why: 'They are compared with the first word of a command only; without sudo among them an allowlisted or always-run sudo is not asked about.',
    fix: 'Write single words, sudo among them.',
    find: (facts) => {
      const list = listOf(facts, 'sensitive_patterns')
      if (!facts.isSet(...at('sensitive_patterns'))) return []
      const cause = facts.causeOf(at('sensitive_patterns'))
      const lacking: Case[] = list.includes('sudo')
        ? []
        : [
            {
              message: 'bash.sensitive_patterns lacks sudo',
              cause,
              ...(cause.file.startsWith('<')
                ? {}
                : { edits: [{ op: 'append', path: at('sensitive_patterns'), values: ['sudo'] }] }),
            },
          ]
      return [
        ...lacking,
        ...entries(facts, 'sensitive_patterns', (entry) =>
          /[\s*?]/.test(entry) ? 'is never the first word of a command' : undefined,
        ),
      ]
    },
  },
  {
    id: 'V213',
    severity: 'medium',
    what: '`allow` or `deny` under tools.bash',
    why: 'These keys do not exist and are ignored; the documentation named them once.',
    fix: 'Call them allowlist and denylist.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }) =>
        ['allow', 'deny'].flatMap((key): Case[] => {
          const table = tableOf(valueAt(file.values, ['tools', 'bash']))
          if (!Object.hasOwn(table, key)) return []
          const values = stringsOf(table[key])
          return [
            {
              message: `tools.bash.${key} is ignored: the key is ${key}list`,
              cause: { file: file.file, path: at(key), layer },
              edits: [
                ...(key === 'deny'
                  ? [
                      {
                        op: 'append',
                        path: at('denylist'),
                        values: [
                          ...(facts.isSet(...at('denylist')) ? [] : defaultList(facts, 'denylist')),
                          ...values,
                        ],
                      } as const,
                    ]
                  : []),
                { op: 'remove', path: at(key) },
              ],
            },
          ]
        }),
      ),
  },
  {
    id: 'V215',
    severity: 'medium',
    what: 'answers that were kept',
    why: '"Always allow" adds entries that nobody looks at again.',
    fix: 'Remove what you do not recognise.',
    find: (facts) => [
      ...facts.patterns.flatMap(({ tool, list, pattern, path }): Case[] =>
        pattern.startsWith('vibe-path:')
          ? [
              {
                message: `${shown(pattern)} in ${tool.name}.${list} was granted in a session`,
                ...facts.mendItem(path, pattern, []),
              },
            ]
          : [],
      ),
      ...entries(facts, 'allowlist', (entry) =>
        entry.startsWith('vibe-path:') || entry.split(' ').length > 3
          ? 'was granted in a session'
          : undefined,
      ),
    ],
  },
  {
    id: 'V216',
    severity: 'medium',
    what: 'processes that outlive a turn',
    why: 'A shell that stays open carries state from an approved command to the next.',
    fix: 'Set it to false.',
    find: (facts) =>
      ['managed_shell_tools_enabled', 'enable_background_processes'].flatMap((key) =>
        whenSetting(facts, [key], isTrue, false),
      ),
  },
]

const defaultList = (facts: VibeFacts, key: string): readonly string[] =>
  stringsOf(valueAt(defaultsOf(facts.version.semantics), at(key)))
