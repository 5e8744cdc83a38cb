import { absolute } from '../../../machine/paths.ts'
import type { Case } from '../../model.ts'
import {
  everyDoor,
  hostNeed,
  isWide,
  pathOf,
  persistenceDoors,
  secretDoors,
} from '../../shared/doors.ts'
import { isTable, shown, tableOf } from '../../../documents/values.ts'
import { APPROVALS, SANDBOXES } from '../facts.ts'
import type { CodexRule } from './rule.ts'

/** Any file there. */
const TEMPORARY = absolute('/tmp/x')

const APPROVAL = ['approval_policy']
const SANDBOX = ['sandbox_mode']
const NETWORK = ['sandbox_workspace_write', 'network_access']
const ROOTS = ['sandbox_workspace_write', 'writable_roots']

/** Approvals, sandbox, trust: X101 to X112. */
export const MODE_RULES: readonly CodexRule[] = [
  {
    id: 'X101',
    severity: 'critical',
    what: 'no sandbox and no question',
    why: 'Everything that the model comes up with runs with all rights of the user.',
    fix: 'Set approval_policy to on-request.',
    find: ({ approval, sandbox, config, world }) =>
      approval === 'never' && sandbox === 'danger-full-access'
        ? [
            {
              message: 'approval_policy is never and sandbox_mode is danger-full-access',
              ...config.mend(APPROVAL, 'on-request'),
              exposes: everyDoor(world),
            },
          ]
        : [],
  },
  {
    id: 'X102',
    severity: 'high',
    what: 'no sandbox',
    why: 'Commands have all rights of the user.',
    fix: 'Set sandbox_mode to workspace-write; launcher, where Codex’s own cannot start, stands in its place.',
    find: ({ approval, sandbox, config, world }) =>
      sandbox === 'danger-full-access' && approval !== 'never'
        ? [
            {
              message: 'sandbox_mode is danger-full-access',
              ...config.mend(SANDBOX, 'workspace-write'),
              exposes: everyDoor(world),
            },
          ]
        : [],
  },
  {
    id: 'X103',
    severity: 'medium',
    what: 'nothing is asked',
    why: 'What the sandbox lets through is not seen by anybody before it happens.',
    fix: 'Set approval_policy to on-request.',
    find: ({ approval, sandbox, config }) =>
      approval === 'never' && sandbox !== 'danger-full-access'
        ? [{ message: 'approval_policy is never', ...config.mend(APPROVAL, 'on-request') }]
        : [],
  },
  {
    id: 'X104',
    severity: 'medium',
    what: 'commands run before they are asked about',
    // Deprecated in the schema: every command runs in the sandbox first, and is asked about when it
    // fails.
    why: 'With on-failure only what the sandbox stops is asked about, and then to run it without one.',
    fix: 'Set approval_policy to on-request.',
    find: ({ approval, config }) =>
      approval === 'on-failure'
        ? [{ message: 'approval_policy is on-failure', ...config.mend(APPROVAL, 'on-request') }]
        : [],
  },
  {
    id: 'X105',
    severity: 'medium',
    what: 'a model answers in your place',
    // approvals_reviewer: auto_review, or guardian_subagent as it was called.
    why: 'Questions go to a subagent; it can be wrong, and it can be talked to.',
    fix: 'Set approvals_reviewer to user.',
    find: ({ config }) => {
      const reviewer = config.get('approvals_reviewer')
      return reviewer === 'auto_review' || reviewer === 'guardian_subagent'
        ? [
            {
              message: `approvals_reviewer is ${reviewer}`,
              ...config.mend(['approvals_reviewer'], 'user'),
            },
          ]
        : []
    },
  },
  {
    id: 'X106',
    severity: 'high',
    what: 'the sandbox has network',
    why: 'What commands read (and they read everything) they can send away.',
    fix: 'Set network_access to false.',
    find: ({ config, sandbox }) =>
      config.get(...NETWORK) === true && sandbox !== 'read-only'
        ? [
            {
              message: `${NETWORK.join('.')} is true`,
              ...config.mend(NETWORK, false),
              exposes: hostNeed('attacker.example'),
            },
          ]
        : [],
  },
  {
    id: 'X107',
    severity: 'high',
    what: 'the home directory is writable',
    why: 'What shells and other programs run at their next start is in there, and Codex’s own configuration.',
    fix: 'Name the directories that are needed.',
    find: ({ config, folder, world }) =>
      config.items(...ROOTS).flatMap(({ text, cause, replace }): Case[] => {
        const path = pathOf(world, text, world.project)
        return path !== undefined && (isWide(world, path) || path === folder)
          ? [
              {
                message: `writable_roots holds ${text}`,
                cause,
                edits: replace([]),
                exposes: persistenceDoors(world),
              },
            ]
          : []
      }),
  },
  {
    id: 'X108',
    severity: 'high',
    what: 'the home directory is a trusted project',
    // developers.openai.com/codex/config-basic: a trusted project's own configuration, hooks and
    // rules are in force; writes run in its sandbox.
    why: 'A session there writes in it without a question, and a repository that is the home directory brings its own configuration.',
    fix: 'Trust projects one by one.',
    find: ({ config, world }) =>
      config.all('projects').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name): Case[] => {
          const path = pathOf(world, name, '/')
          const level = tableOf(tableOf(value)[name])['trust_level']
          if (level !== 'trusted' || path === undefined || !isWide(world, path)) return []
          const at = ['projects', name, 'trust_level']
          return [
            {
              message: `${name} is trusted`,
              cause: { file: layer.file, path: at, layer: layer.name },
              edits: [{ op: 'set', path: at, value: 'untrusted' }],
              exposes: persistenceDoors(world),
            },
          ]
        }),
      ),
  },
  {
    id: 'X109',
    severity: 'high',
    what: 'a value that Codex does not know',
    why: 'Codex refuses to start, or falls back to a default.',
    fix: 'Use one of the values.',
    find: ({ config, world }) =>
      (
        [
          ['approval_policy', APPROVALS],
          ['sandbox_mode', SANDBOXES],
        ] as const
      ).flatMap(([key, values]) =>
        config.all(key).flatMap(({ layer, value }): Case[] => {
          if (values.some((one) => one === value) || (key === 'approval_policy' && isTable(value)))
            return []
          const near = typeof value === 'string' ? world.closest(value, values) : undefined
          return [
            {
              message: `${key} is ${shown(value)}${near === undefined ? '' : `: did you mean ${near}?`}`,
              cause: { file: layer.file, path: [key], layer: layer.name },
            },
          ]
        }),
      ),
  },
  {
    id: 'X110',
    severity: 'medium',
    what: 'secrets are read without a question',
    // docs/sandbox.md: every sandbox mode may read the whole disk.
    why: 'Codex’s sandbox keeps commands from writing, not from reading.',
    fix: 'Start it with launcher: the kernel’s policy hides them.',
    find: ({ probes, config, world }) => {
      const open = probes.find(
        ({ group, gate, cwd, subject }) =>
          group === 'secret' &&
          gate.verdict === 'RUNS' &&
          cwd === 'project' &&
          subject.startsWith('~'),
      )
      return open
        ? [
            {
              message: `${open.tool} runs on ${open.subject}`,
              cause: config.causeOf(SANDBOX),
              probe: open.id,
              exposes: secretDoors(world),
            },
          ]
        : []
    },
  },
  {
    id: 'X111',
    severity: 'low',
    what: 'temporary directories are writable',
    why: 'Other programs of the machine use them, too.',
    fix: 'Set exclude_slash_tmp.',
    find: ({ config, sandbox }) =>
      sandbox === 'workspace-write' &&
      config.get('sandbox_workspace_write', 'exclude_slash_tmp') !== true
        ? [
            {
              message: 'sandbox_workspace_write.exclude_slash_tmp is not true',
              ...config.mend(['sandbox_workspace_write', 'exclude_slash_tmp'], true),
              exposes: [{ kind: 'path', operation: 'create', path: TEMPORARY }],
            },
          ]
        : [],
  },
  {
    id: 'X112',
    severity: 'high',
    what: 'a profile that loosens',
    why: 'One flag (--profile) takes the protection away.',
    fix: 'Remove it, or keep its values as strict as the others.',
    find: ({ config }) =>
      config.all('profiles').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name) => {
          const profile = tableOf(tableOf(value)[name])
          const loose = [
            ...(profile['approval_policy'] === 'never' ? ['approval_policy'] : []),
            ...(profile['sandbox_mode'] === 'danger-full-access' ? ['sandbox_mode'] : []),
          ]
          return loose.map(
            (key): Case => ({
              message: `profiles.${name}.${key} is ${shown(profile[key])}`,
              cause: { file: layer.file, path: ['profiles', name, key], layer: layer.name },
            }),
          )
        }),
      ),
  },
]
