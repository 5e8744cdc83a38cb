import type { Case } from '../../model.ts'
import { everyDoor } from '../../shared/doors.ts'
import { shown, stringsOf, tableOf, valueAt } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { migrated } from '../semantics/migrations/migrations.ts'
import { nameMatches } from '../semantics/tool-names.ts'
import {
  askingAgent,
  BYPASS,
  isFrom,
  isKnownKey,
  isTrue,
  type VibeRule,
  whenSetting,
} from './rule.ts'

/** Modes, precedence, versions: V004 to V015 but for the critical ones. */
export const MODES: readonly VibeRule[] = [
  {
    id: 'V004',
    severity: 'high',
    what: 'an agent profile that loosens the configuration',
    why: 'A profile outranks every configuration file, and Shift+Tab is enough to enter it.',
    fix: 'Take these keys out of the profile.',
    find: (facts) =>
      facts.agents.flatMap((agent): Case[] => {
        const tools = Object.entries(tableOf(agent.values['tools'])).filter(
          ([, table]) => tableOf(table)['permission'] === 'always',
        )
        const paths = [
          ...(isTrue(agent.values[BYPASS]) || isTrue(agent.values['auto_approve'])
            ? [[isTrue(agent.values[BYPASS]) ? BYPASS : 'auto_approve']]
            : []),
          ...tools.map(([name]) => ['tools', name, 'permission']),
          ...['enabled_tools', 'mcp_servers', 'hooks', 'tool_paths']
            .filter((key) => agent.values[key] !== undefined)
            .map((key) => [key]),
        ]
        return paths.length === 0
          ? []
          : [
              {
                message: `the agent ${shown(agent.name)} sets ${paths.map((path) => path.join('.')).join(', ')}`,
                cause: { file: agent.file, path: paths[0]!, layer: `agent ${agent.name}` },
              },
            ]
      }),
  },
  {
    id: 'V005',
    severity: 'medium',
    what: 'the session starts in accept-edits',
    why: 'write_file and edit run unasked in the project, what the editor or git runs later included.',
    fix: 'Set `default_agent = "ask"`, if you want to be asked.',
    versions: 'the default since 2.24.1',
    find: (facts) =>
      facts.agent.name === 'accept-edits' && isKnownKey(facts, 'default_agent')
        ? [
            {
              message: `files are written unasked: default_agent is "accept-edits"${facts.agent.from === 'default' ? ' by default' : ''}`,
              ...facts.mend(['default_agent'], askingAgent(facts)),
            },
          ]
        : [],
  },
  {
    id: 'V006',
    severity: 'medium',
    what: 'auto-approve is one keystroke away',
    why: 'Shift+Tab enters it in the middle of a session, and then nothing is checked.',
    fix: 'Add it to `disabled_agents`.',
    versions: '≥ 2.0.0',
    find: (facts) => {
      if (!isKnownKey(facts, 'disabled_agents')) return []
      const isDisabled = nameMatches('auto-approve', stringsOf(facts.get('disabled_agents')))
      if (isDisabled) return []
      const cause = facts.causeOf(['disabled_agents'])
      return [
        {
          message: 'disabled_agents does not name auto-approve',
          cause,
          ...(cause.file.startsWith('<')
            ? {}
            : { edits: [{ op: 'append', path: ['disabled_agents'], values: ['auto-approve'] }] }),
        },
      ]
    },
  },
  {
    id: 'V007',
    severity: 'medium',
    what: 'a model decides what is approved',
    why: 'smart-approve asks a classifier instead of you; what the agent reads can talk to it.',
    fix: 'Set it to false.',
    find: (facts) =>
      ['smart_approve_default', 'smart_approve_available'].flatMap((key) =>
        whenSetting(facts, [key], isTrue, false),
      ),
  },
  {
    id: 'V009',
    severity: 'high',
    what: 'a configuration of the project is in force',
    why: 'Until 2.23 it takes the place of yours, all denylists included; from 2.24 each of its keys outranks yours.',
    fix: 'Review it as you would a script; keep settings in your own file.',
    find: (facts) =>
      facts.projects.map((file): Case => {
        const keys = Object.keys(file.values)
        const effect = facts.version.semantics.isProjectReplacing
          ? 'replaces your whole configuration'
          : `overrides ${keys.slice(0, 6).join(', ') || 'nothing'}`
        return {
          message: `${file.file} ${effect}`,
          cause: {
            file: file.file,
            path: keys[0] === undefined ? [] : [keys[0]],
            layer: 'project',
          },
        }
      }),
  },
  {
    id: 'V010',
    severity: 'high',
    what: 'the project takes entries out of your denylists',
    why: 'Whoever can write to the repository decides what the agent may read.',
    fix: 'Remove the list from the project, or take the repository out of the trusted folders.',
    find: (facts) =>
      facts.tools.flatMap(({ name, lists }): Case[] => {
        const path = ['tools', name, 'denylist']
        const lost = stringsOf(
          valueAt(migrated(facts.user.values, facts.version.semantics).values, path),
        ).filter((entry) => !lists.denylist.includes(entry))
        const project = facts.projects.at(-1)
        if (
          lost.length === 0 ||
          !project ||
          !(facts.version.semantics.isProjectReplacing || facts.causeOf(path).layer === 'project')
        )
          return []
        return [
          {
            message: `${name}: ${lost.slice(0, 4).map(shown).join(', ')}${lost.length > 4 ? ` and ${lost.length - 4} more` : ''} no longer denied`,
            cause: { file: project.file, path, layer: 'project' },
          },
        ]
      }),
  },
  {
    id: 'V011',
    severity: 'high',
    what: 'a trusted folder that holds many projects',
    why: 'The closest ancestor decides: every clone beneath it is trusted, its hooks and tools included.',
    fix: 'Name the repositories that you trust, one by one.',
    find: (facts) =>
      stringsOf(facts.trustFile.values['trusted']).flatMap((folder, index): Case[] =>
        isBroad(folder, facts)
          ? [
              {
                message: `${folder} is trusted, with everything that is ever cloned into it`,
                cause: { file: facts.trustFile.file, path: ['trusted', index], layer: 'trust' },
                edits: [{ op: 'replace', path: ['trusted', index], values: [] }],
              },
            ]
          : [],
      ),
  },
  {
    id: 'V013',
    severity: 'high',
    what: 'a version whose bash gate is known to be evaded',
    why: 'CVE-2026-87984 to 87988: redirections, expansions and substitutions ran unasked until 2.25.4.',
    fix: 'Upgrade to 2.25.4 or newer.',
    versions: '< 2.25.4',
    find: (facts) =>
      facts.version.value !== undefined && !isFrom(facts, '2.25.4')
        ? [
            {
              message: `Vibe ${facts.version.value} is older than 2.25.4`,
              cause: { file: '<version>', layer: 'version' },
              exposes: everyDoor(facts.world),
            },
          ]
        : [],
  },
  {
    id: 'V014',
    severity: 'info',
    what: 'the version is not known to the tables',
    why: 'The meaning of settings changes between versions: these verdicts are those of the nearest known one.',
    fix: 'Say which version it is: `--agent-version V`.',
    find: (facts) =>
      facts.version.isKnown
        ? []
        : [
            {
              message:
                facts.version.value === undefined
                  ? `the version was not found (${facts.version.from})`
                  : `Vibe ${facts.version.value} is not in the tables`,
              cause: { file: '<version>', layer: 'version' },
            },
          ],
  },
  {
    id: 'V015',
    severity: 'info',
    what: 'settings may come from the network',
    why: 'Since 2.24.0 a signed-in Vibe fetches a layer that outranks all others; no file shows it.',
    fix: 'Know that it exists; the kernel holds whatever it says.',
    versions: '≥ 2.24.0',
    find: (facts) =>
      isFrom(facts, '2.24.0')
        ? [
            {
              message: `an administrator's settings may be fetched from ${shown(facts.get('vibe_base_url') ?? 'the vendor')}`,
              cause: facts.causeOf(['vibe_base_url']),
            },
          ]
        : [],
  },
]

const SHARED = /^\/(?:Users|home|tmp|private\/tmp|var|var\/tmp|opt|srv|mnt|Volumes)?\/?$/

/**
 * The machine, a shared folder, the home directory or what lies above it, or a folder of
 * repositories that is none itself.
 */
const isBroad = (folder: string, { world }: VibeFacts): boolean => {
  const { host } = world
  const path = folder.replace(/(.)\/+$/, '$1')
  if (
    SHARED.test(path) ||
    host.home === path ||
    host.home.startsWith(`${path === '/' ? '' : path}/`)
  )
    return true
  if (host.lstat(`${path}/.git`) !== undefined) return false
  const children = (host.list(path) ?? []).filter(({ type }) => type === 'directory').slice(0, 50)
  return children.some(({ name }) => host.lstat(`${path}/${name}/.git`) !== undefined)
}
