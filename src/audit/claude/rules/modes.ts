import type { Case } from '../../model.ts'
import { everyDoor, isWide, pathOf, persistenceDoors } from '../../shared/doors.ts'
import { shown } from '../../../documents/values.ts'
import { isOfProject } from '../facts.ts'
import { isAutoOff, MODES } from '../mode.ts'
import type { ClaudeRule } from './rule.ts'

const MODE = ['permissions', 'defaultMode'] as const
const NO_BYPASS = ['permissions', 'disableBypassPermissionsMode'] as const

/** What a session starts in: C101 to C108. */
export const MODE_RULES: readonly ClaudeRule[] = [
  {
    id: 'C101',
    severity: 'critical',
    what: 'every question is skipped',
    // docs: permission-modes; entries of deny still hold, entries of allow mean nothing any more.
    why: 'In bypassPermissions mode everything runs that deny does not name.',
    fix: 'Start in default mode.',
    find: ({ config, start, world }) =>
      start.mode === 'bypassPermissions'
        ? [
            {
              message: `sessions start in bypassPermissions mode (${start.because})`,
              ...config.mend(MODE, 'default'),
              exposes: everyDoor(world),
            },
          ]
        : [],
  },
  {
    id: 'C102',
    severity: 'high',
    what: 'a repository that asks for a mode without questions',
    // docs: permission-modes, which mode a session starts in: recent versions ignore both values
    // there.
    why: 'Older versions obey it, and whoever wrote the repository wrote it.',
    fix: 'Remove it.',
    find: ({ config, world }) =>
      config.all(...MODE).flatMap(({ layer, value }): Case[] =>
        isOfProject(layer.name) && (value === 'bypassPermissions' || value === 'auto')
          ? [
              {
                message: `the ${layer.name} settings say ${value}`,
                cause: { file: layer.file, path: MODE, layer: layer.name },
                edits: [{ op: 'remove', path: MODE }],
                exposes: everyDoor(world),
              },
            ]
          : [],
      ),
  },
  {
    id: 'C103',
    severity: 'medium',
    what: 'edits run without a question',
    // docs: permission-modes; so do mkdir, touch, mv, cp and the like.
    why: 'In acceptEdits mode whatever the agent writes in the working directories is there before anybody saw it.',
    fix: 'Start in default mode.',
    find: ({ config, start }) =>
      start.mode === 'acceptEdits'
        ? [{ message: 'sessions start in acceptEdits mode', ...config.mend(MODE, 'default') }]
        : [],
  },
  {
    id: 'C104',
    severity: 'medium',
    what: 'a model decides what is asked',
    // docs: permission-modes; auto is the built-in start of some plans from 2.1.228 on.
    why: 'In auto mode a classifier answers in your place; it can be wrong, and it can be talked to.',
    fix: 'Start in default mode.',
    find: ({ config, start, world }) =>
      start.mode === 'auto' || (start.mode === 'unknown' && !isAutoOff(config))
        ? [
            {
              message:
                start.mode === 'auto'
                  ? 'sessions start in auto mode'
                  : 'no mode is set: with some plans sessions start in auto mode',
              ...config.mend(MODE, 'default'),
              exposes: everyDoor(world),
            },
          ]
        : [],
  },
  {
    id: 'C105',
    severity: 'medium',
    what: 'the warning before bypassPermissions is off',
    // docs: settings-reference, skipDangerousModePermissionPrompt.
    why: 'One flag is enough then to skip every question.',
    fix: 'Remove it.',
    find: ({ config }) =>
      config.get('skipDangerousModePermissionPrompt') === true
        ? [
            {
              message: 'skipDangerousModePermissionPrompt is true',
              ...config.mend(['skipDangerousModePermissionPrompt'], false),
            },
          ]
        : [],
  },
  {
    id: 'C106',
    severity: 'low',
    what: 'bypassPermissions can be turned on',
    // docs: permissions; any settings file may forbid it.
    why: 'A flag or a key turns every question off.',
    fix: 'Forbid it.',
    find: ({ config }) =>
      config.all(...NO_BYPASS).some(({ value }) => value === 'disable')
        ? []
        : [
            {
              message: `permissions.disableBypassPermissionsMode is ${shown(config.get(...NO_BYPASS))}`,
              ...config.mend(NO_BYPASS, 'disable'),
            },
          ],
  },
  {
    id: 'C107',
    severity: 'high',
    what: 'a mode that does not exist',
    why: 'The session starts in another one than was meant.',
    fix: 'Use one of the modes.',
    find: ({ config, world }) =>
      config.all(...MODE).flatMap(({ layer, value }): Case[] => {
        if (value === 'manual' || MODES.some((mode) => mode === value)) return []
        const near = typeof value === 'string' ? world.closest(value, MODES) : undefined
        return [
          {
            message: `permissions.defaultMode is ${shown(value)}${near === undefined ? '' : `: did you mean ${near}?`}`,
            cause: { file: layer.file, path: MODE, layer: layer.name },
          },
        ]
      }),
  },
  {
    id: 'C108',
    severity: 'high',
    what: 'the home directory is a working directory',
    // docs: permissions, working directories: read without a question, written as the mode says.
    why: 'Everything in a working directory is read without a question.',
    fix: 'Name the directories that are needed.',
    find: ({ config, world }) =>
      config
        .items('permissions', 'additionalDirectories')
        .flatMap(({ text, cause, replace }): Case[] => {
          const path = pathOf(world, text, world.project)
          return path !== undefined && isWide(world, path)
            ? [
                {
                  message: `additionalDirectories holds ${text}`,
                  cause,
                  edits: replace([]),
                  exposes: everyDoor(world),
                },
              ]
            : []
        }),
  },
  {
    id: 'C109',
    severity: 'medium',
    what: 'started in the home directory',
    // docs: permissions, working directories.
    why: 'The working directory is read without a question, and in acceptEdits mode written, too.',
    fix: 'Start in a project.',
    find: ({ world }) =>
      isWide(world, world.project)
        ? [
            {
              message: `the working directory is ${world.project}`,
              cause: { file: '<command line>', layer: 'command line' },
              exposes: persistenceDoors(world),
            },
          ]
        : [],
  },
]
