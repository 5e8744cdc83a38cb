import type { Case } from '../../model.ts'
import { everyDoor, writing } from '../../shared/doors.ts'
import { shown } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { isBypassing } from '../semantics/tool-config.ts'
import { askingAgent, BYPASS, isFrom, isTrue, type VibeRule, whenSetting } from './rule.ts'

/**
 * What switches the agent's own protection off: the rows that are applied at each start as well.
 * Nothing here needs a probe.
 */
export const CRITICAL: readonly VibeRule[] = [
  {
    id: 'V001',
    severity: 'critical',
    what: '`bypass_tool_permissions = true` in any layer',
    why: 'Every call runs: denylists, `never` and sensitive patterns are not even looked at.',
    fix: 'Remove it, or set it to false.',
    versions: '≥ 2.9.0',
    find: (facts) => {
      if (
        facts.version.semantics.bypassKey !== BYPASS ||
        !isBypassing(facts.settings, facts.version.semantics)
      )
        return []
      return [
        {
          message: `${BYPASS} is on (${facts.settings.layerOf([BYPASS])}): no deny rule below it counts`,
          ...facts.mend([BYPASS], false),
          exposes: everyDoor(facts.world),
        },
      ]
    },
  },
  {
    id: 'V002',
    severity: 'critical',
    what: '`auto_approve` in a configuration file',
    why: 'Until 2.8 it is the bypass of every check; from 2.9.0 it means nothing, and who relies on `false` relies on nothing.',
    fix: 'Delete it.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }): Case[] => {
        const value = file.values['auto_approve']
        const isBypass = facts.version.semantics.bypassKey === 'auto_approve'
        if (value === undefined || (isBypass && !isTrue(value))) return []
        const cause = { file: file.file, path: ['auto_approve'], layer }
        return isBypass
          ? [
              {
                message: 'auto_approve is on: no deny rule counts',
                cause,
                edits: [{ op: 'set', path: ['auto_approve'], value: false }],
                exposes: everyDoor(facts.world),
              },
            ]
          : [
              {
                message: `auto_approve = ${shown(value)} has had no effect since 2.9.0 (now ${BYPASS})`,
                severity: 'info',
                cause,
                edits: [{ op: 'remove', path: ['auto_approve'] }],
              },
            ]
      }),
  },
  {
    id: 'V003',
    severity: 'critical',
    what: 'the session starts in an agent profile that bypasses every check',
    why: 'The profile stands above the configuration: denylists, `never` and sensitive patterns are not looked at.',
    fix: 'Start with an agent that asks.',
    find: (facts) => {
      const { semantics } = facts.version
      if (!isBypassing(facts.config, semantics) || isBypassing(facts.settings, semantics)) return []
      const message = `the agent ${shown(facts.agent.name)} runs every call unasked`
      if (facts.agent.from === 'command line')
        return [
          {
            message,
            cause: { file: '<command line>', layer: 'command line' },
            exposes: everyDoor(facts.world),
          },
        ]
      return [
        {
          message,
          ...facts.mend(['default_agent'], askingAgent(facts)),
          exposes: everyDoor(facts.world),
        },
      ]
    },
  },
  {
    id: 'V008',
    severity: 'critical',
    what: 'a variable that overrides the gate',
    why: 'VIBE_* variables, from the environment or from ~/.vibe/.env, outrank every configuration file.',
    fix: 'Unset it; launcher does not pass it on.',
    find: (facts) =>
      Object.entries(facts.env).flatMap(([name, value]): Case[] => {
        if (
          !/^VIBE_(?:BYPASS_TOOL_PERMISSIONS|AUTO_APPROVE|TOOLS(?:__.*)?|DEFAULT_AGENT)$/i.test(
            name,
          )
        )
          return []
        const isHarmless = /BYPASS|AUTO_APPROVE/i.test(name) && !isTrue(value)
        const isFromFile = facts.dotenv.names.includes(name) && (facts.world.env[name] ?? '') === ''
        return [
          {
            message: `${name} is set`,
            cause: {
              file: isFromFile ? facts.dotenv.source.file : '<environment>',
              layer: 'environment',
            },
            exposes: [{ kind: 'variable', name }],
            ...(isHarmless ? { severity: 'info' as const } : {}),
          },
        ]
      }),
  },
  {
    id: 'V012',
    severity: 'critical',
    what: '`vibe -p` of a version that approves everything',
    why: 'Until 2.11.0 a run without a terminal answers every question with yes.',
    fix: 'Upgrade.',
    versions: '≤ 2.11.0',
    find: (facts) =>
      facts.version.semantics.isPromptApprovingAll &&
      facts.request.words.some((word) => /^(?:-p|--prompt)(?:=|$)/.test(word))
        ? [
            {
              message: `vibe ${facts.version.value ?? ''} -p runs every call unasked`,
              cause: { file: '<command line>', layer: 'command line' },
              exposes: everyDoor(facts.world),
            },
          ]
        : [],
  },
  {
    id: 'V201',
    severity: 'critical',
    what: 'bash runs everything unasked',
    why: 'All but commands that begin with sudo or stand on the denylist run, whatever path they name.',
    fix: 'Set the permission to ask.',
    find: (facts) =>
      whenSetting(facts, ['tools', 'bash', 'permission'], (value) => value === 'always', 'ask', {
        exposes: everyDoor(facts.world),
      }).map((one) => ({ ...one, ...proof(facts) })),
  },
  {
    id: 'V408',
    severity: 'critical',
    what: 'Python that Vibe imports at start',
    why: 'It runs in the agent’s own process, before any question.',
    fix: 'Review it; keep it where the agent cannot write.',
    find: (facts) =>
      facts.files.toolFiles.map(
        ({ path, from }): Case => ({
          message: `${path} is imported at start`,
          cause:
            from === 'tool_paths' ? facts.causeOf(['tool_paths']) : { file: path, layer: from },
          exposes: [writing(facts.world.walk(path).real)],
        }),
      ),
  },
  {
    id: 'V516',
    severity: 'critical',
    what: 'the configuration is not there',
    why: 'Vibe runs on its defaults, without your denylists and without a word.',
    fix: 'Restore it, or mend the link.',
    find: (facts) => {
      const { failure, file, source } = facts.user
      if (failure === undefined || failure === 'bad') return []
      const isLoud =
        failure === 'denied' &&
        !(
          facts.version.python !== undefined &&
          Number(facts.version.python.split('.')[1]) >= 14 &&
          isFrom(facts, '2.22.0')
        )
      return [
        {
          message: failure === 'missing' ? `${file} does not exist` : `${file} is ${source.state}`,
          ...(isLoud ? { severity: 'medium' as const } : {}),
          cause: { file, layer: 'user' },
          exposes: everyDoor(facts.world),
        },
      ]
    },
  },
]

/** A command of the corpus that runs, where it was asked about. */
const proof = ({ commandProbes }: VibeFacts): { probe?: string } => {
  const found = commandProbes.find(({ gate }) => gate.verdict === 'RUNS')
  return found ? { probe: found.id } : {}
}
