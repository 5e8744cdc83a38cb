import type { Case, Cause } from '../../model.ts'
import type { Edit } from '../../../documents/document.ts'
import { everyDoor, hostNeed, persistenceDoors, secretDoors } from '../../shared/doors.ts'
import { isTable, shown, tableOf } from '../../../documents/values.ts'
import type { OpenCodeFacts } from '../facts.ts'
import { ACTIONS, PERMISSIONS } from '../keys.ts'
import { decide, matchesWildcard, type Ruling } from '../permissions.ts'
import type { OpenCodeRule } from './rule.ts'

const actionOf = (
  { rulings, isAuto }: OpenCodeFacts,
  permission: string,
  subject: string,
): Ruling['action'] => {
  const { action } = decide(rulings, permission, subject)
  return isAuto && action === 'ask' ? 'allow' : action
}

/**
 * Where a permission is said, and a change that makes it ask; none where a word or an agent says it
 * for all.
 */
const asks = (
  { config }: OpenCodeFacts,
  permission: string,
): { readonly cause: Cause; readonly edits?: readonly Edit[] } => {
  const whole = config.all('permission').at(-1)
  if (whole && !isTable(whole.value))
    return { cause: { file: whole.layer.file, path: ['permission'], layer: whole.layer.name } }
  const written = config.get('permission', permission)
  return isTable(written)
    ? { cause: config.causeOf(['permission', permission]) }
    : config.mend(['permission', permission], 'ask')
}

const outside = (facts: OpenCodeFacts): Ruling['action'] =>
  actionOf(facts, 'external_directory', `${facts.world.host.home}/.ssh/*`)

/** A command that no pattern is about. */
const SOME_COMMAND = 'some-program --with arguments'

/** What runs without a question, and entries that do nothing: O101 to O112. */
export const PERMISSION_RULES: readonly OpenCodeRule[] = [
  {
    id: 'O101',
    severity: 'critical',
    what: 'nothing is asked',
    why: 'Commands run, and files outside of the project are read and written, without a question.',
    fix: 'Set permission.bash and permission.external_directory to ask.',
    find: (facts) =>
      actionOf(facts, 'bash', SOME_COMMAND) === 'allow' && outside(facts) === 'allow'
        ? [
            {
              message: 'bash and external_directory are allow',
              ...asks(facts, 'external_directory'),
              exposes: everyDoor(facts.world),
            },
          ]
        : [],
  },
  {
    id: 'O102',
    severity: 'high',
    what: 'commands run without a question',
    // agent.ts: everything is allow by default but what leaves the project, .env files and loops;
    // commands leave it unseen.
    why: 'A command can do whatever the user can; allow is the default.',
    fix: 'Set permission.bash to ask.',
    find: (facts) => {
      if (actionOf(facts, 'bash', SOME_COMMAND) !== 'allow') return []
      const probe = facts.probes.find(
        ({ group, gate, cwd }) =>
          group === 'command' && gate.verdict === 'RUNS' && cwd === 'project',
      )
      return [
        {
          message: facts.isAuto
            ? '--auto answers every question'
            : `permission.bash is ${shown(facts.config.get('permission', 'bash'))}`,
          ...asks(facts, 'bash'),
          exposes: everyDoor(facts.world),
          ...(probe ? { probe: probe.id } : {}),
        },
      ]
    },
  },
  {
    id: 'O103',
    severity: 'medium',
    what: 'files of the project are written without a question',
    why: 'Configuration that other programs run is among them; allow is the default.',
    fix: 'Set permission.edit to ask.',
    find: (facts) =>
      actionOf(facts, 'edit', 'package.json') === 'allow'
        ? [
            {
              message: `permission.edit is ${shown(facts.config.get('permission', 'edit'))}`,
              ...asks(facts, 'edit'),
            },
          ]
        : [],
  },
  {
    id: 'O104',
    severity: 'medium',
    what: 'pages are fetched without a question',
    why: 'A page can tell the agent what to do, and an address can carry data out; allow is the default.',
    fix: 'Set permission.webfetch to ask.',
    find: (facts) =>
      actionOf(facts, 'webfetch', 'https://attacker.example/') === 'allow'
        ? [
            {
              message: `permission.webfetch is ${shown(facts.config.get('permission', 'webfetch'))}`,
              ...asks(facts, 'webfetch'),
              exposes: hostNeed('attacker.example'),
            },
          ]
        : [],
  },
  {
    id: 'O105',
    severity: 'high',
    what: 'files outside of the project are open',
    why: 'Keys and start-up files of the home directory are among them.',
    fix: 'Set permission.external_directory to ask, and allow single directories.',
    find: (facts) =>
      outside(facts) === 'allow'
        ? [
            {
              message: facts.isAuto
                ? '--auto answers for external_directory'
                : `permission.external_directory is ${shown(facts.config.get('permission', 'external_directory'))}`,
              ...asks(facts, 'external_directory'),
              exposes: [...secretDoors(facts.world), ...persistenceDoors(facts.world)],
            },
          ]
        : [],
  },
  {
    id: 'O106',
    severity: 'low',
    what: 'a loop is not stopped',
    why: 'The same call over and over costs money, and wears out whoever watches.',
    fix: 'Set permission.doom_loop to ask.',
    find: (facts) =>
      actionOf(facts, 'doom_loop', 'bash') === 'allow' && !facts.isAuto
        ? [{ message: 'permission.doom_loop is allow', ...asks(facts, 'doom_loop') }]
        : [],
  },
  {
    id: 'O107',
    severity: 'high',
    what: 'a pattern that a later one takes back',
    // opencode.ai/docs/permissions: the last rule that matches wins; the general ones come first.
    why: 'The last pattern that matches decides: a general one at the end undoes what stands before it.',
    fix: 'Put the general pattern first.',
    find: ({ config }) =>
      config.all('permission').flatMap(({ layer, value }) =>
        Object.entries(tableOf(value)).flatMap(([permission, patterns]) =>
          shadowed(patterns).map(
            ({ pattern, by, action, other }): Case => ({
              message: `permission.${permission} ${JSON.stringify(pattern)} (${action}) does nothing: ${JSON.stringify(by)} (${other}) comes after it`,
              cause: {
                file: layer.file,
                path: ['permission', permission, pattern],
                layer: layer.name,
              },
              ...(action === 'allow' ? { severity: 'low' as const } : {}),
            }),
          ),
        ),
      ),
  },
  {
    id: 'O108',
    severity: 'low',
    what: 'a command that is denied by its text',
    why: 'The same program under another path, behind another one or in a script is another text: such an entry stops slips, not attacks.',
    fix: 'Ask for all commands, and allow single ones.',
    find: (facts) =>
      facts.config.all('permission', 'bash').flatMap(({ layer, value }): Case[] => {
        const denied = Object.entries(tableOf(value)).flatMap(([pattern, action]) =>
          action !== 'allow' && pattern !== '*' ? [pattern] : [],
        )
        const [first] = denied
        return first === undefined || actionOf(facts, 'bash', SOME_COMMAND) !== 'allow'
          ? []
          : [
              {
                message: `${denied.slice(0, 3).join(', ')}${denied.length > 3 ? ' …' : ''} and every other command is allowed`,
                cause: { file: layer.file, path: ['permission', 'bash', first], layer: layer.name },
              },
            ]
      }),
  },
  {
    id: 'O109',
    severity: 'high',
    what: 'an action that does not exist',
    why: 'OpenCode refuses the whole configuration.',
    fix: 'Use allow, ask or deny.',
    find: ({ config }) =>
      config.all('permission').flatMap(({ layer, value }) =>
        wrongActions(value, ['permission']).map(
          ({ path, action }): Case => ({
            message: `${path.join('.')} is ${shown(action)}`,
            cause: { file: layer.file, path, layer: layer.name },
          }),
        ),
      ),
  },
  {
    id: 'O110',
    severity: 'medium',
    what: 'a permission that does not exist',
    // Any name is accepted, because tools of servers have names of their own: only what looks like
    // a slip is named.
    why: 'The entry matches no tool.',
    fix: 'Use the name that was meant.',
    find: ({ config, world }) =>
      config.all('permission').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value))
          .slice(0, 200)
          .flatMap((name): Case[] => {
            const near =
              PERMISSIONS.includes(name) || /[_*]/.test(name)
                ? undefined
                : (ALIASES[name] ?? world.closest(name, PERMISSIONS))
            return near === undefined
              ? []
              : [
                  {
                    message: `permission.${name} is no permission: did you mean ${near}?`,
                    cause: { file: layer.file, path: ['permission', name], layer: layer.name },
                  },
                ]
          }),
      ),
  },
  {
    id: 'O111',
    severity: 'medium',
    what: 'an agent that loosens',
    // agent.ts: an agent's own permissions come after all others.
    why: 'Its own permissions come last, and win.',
    fix: 'Remove it there.',
    find: ({ config }) =>
      config.all('agent').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value))
          .slice(0, 200)
          .flatMap((name) => {
            const own = tableOf(tableOf(value)[name])['permission']
            const keys =
              own === 'allow'
                ? [[]]
                : ['*', 'bash', 'edit', 'external_directory', 'webfetch']
                    .filter((key) => tableOf(own)[key] === 'allow')
                    .map((key) => [key])
            return keys.map(
              (key): Case => ({
                message: `agent.${name}.permission${key.map((part) => `.${part}`).join('')} is allow`,
                cause: {
                  file: layer.file,
                  path: ['agent', name, 'permission', ...key],
                  layer: layer.name,
                },
              }),
            )
          }),
      ),
  },
  {
    id: 'O112',
    severity: 'low',
    what: 'an older key for permissions',
    why: 'tools, mode and autoshare are read for now, beneath their successors: where both stand, these do nothing.',
    fix: 'Use permission, agent and share.',
    find: ({ config }) =>
      ['tools', 'mode', 'autoshare'].flatMap((key) =>
        config.all(key).map(
          ({ layer }): Case => ({
            message: `${key} is set`,
            cause: { file: layer.file, path: [key], layer: layer.name },
          }),
        ),
      ),
  },
]

/** Names of tools whose permission is called otherwise. */
const ALIASES: Readonly<Record<string, string>> = {
  multiedit: 'edit',
  patch: 'edit',
  shell: 'bash',
  write: 'edit',
}

/** Patterns that are compared with those after them. */
const MAX_PATTERNS = 200

const shadowed = (
  patterns: unknown,
): {
  readonly pattern: string
  readonly by: string
  readonly action: string
  readonly other: string
}[] => {
  const entries = Object.entries(tableOf(patterns)).slice(0, MAX_PATTERNS)
  return entries.flatMap(([pattern, action], index) => {
    const later = entries
      .slice(index + 1)
      .find(
        ([other, second]) =>
          second !== action &&
          other.length < 500 &&
          pattern.length < 500 &&
          matchesWildcard(other, pattern),
      )
    return later && typeof action === 'string' && typeof later[1] === 'string'
      ? [{ pattern, by: later[0], action, other: later[1] }]
      : []
  })
}

const wrongActions = (
  value: unknown,
  path: readonly string[],
): { readonly path: readonly string[]; readonly action: unknown }[] => {
  if (isTable(value) && path.length < 3)
    return Object.entries(value)
      .slice(0, MAX_PATTERNS)
      .flatMap(([key, inner]) => wrongActions(inner, [...path, key]))
  return ACTIONS.some((action) => action === value) ? [] : [{ path, action: value }]
}
