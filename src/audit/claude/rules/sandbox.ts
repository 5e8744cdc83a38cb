import type { Case } from '../../model.ts'
import type { KeyPath } from '../../../documents/document.ts'
import {
  everyDoor,
  hostNeed,
  isWide,
  pathOf,
  persistenceDoors,
  secretDoors,
} from '../../shared/doors.ts'
import { stringsOf } from '../../../documents/values.ts'
import type { ClaudeFacts } from '../facts.ts'
import type { ClaudeRule } from './rule.ts'

const isOn = ({ config }: ClaudeFacts): boolean => config.get('sandbox', 'enabled') === true

/** Cases of a sandbox that is on. */
const whenOn =
  (find: (facts: ClaudeFacts) => readonly Case[]): ClaudeRule['find'] =>
  (facts) =>
    isOn(facts) ? find(facts) : []

/** One case when a switch is not as it should be. */
const unless = (
  { config }: ClaudeFacts,
  path: readonly string[],
  good: boolean,
  more: Omit<Partial<Case>, 'cause' | 'edits'> = {},
): Case[] =>
  config.get(...path) === good
    ? []
    : [
        {
          message: `${path.join('.')} is ${config.get(...path) === undefined ? 'not set' : `not ${String(good)}`}`,
          ...config.mend(path, good),
          ...more,
        },
      ]

const WEAKER: readonly KeyPath[] = [
  ['sandbox', 'allowAppleEvents'],
  ['sandbox', 'enableWeakerNestedSandbox'],
  ['sandbox', 'enableWeakerNetworkIsolation'],
  ['sandbox', 'filesystem', 'disabled'],
  ['sandbox', 'network', 'allowAllUnixSockets'],
]

/**
 * Claude Code's own sandbox for commands (code.claude.com/docs/en/sandboxing; settings-reference,
 * sandbox): C501 to C509. Inside launcher's it cannot start.
 */
export const SANDBOX_RULES: readonly ClaudeRule[] = [
  {
    id: 'C501',
    severity: 'low',
    what: 'commands run without a sandbox',
    why: 'Without one of its own Claude Code starts commands with all rights of the user.',
    fix: 'Start it with launcher (its own sandbox cannot start inside), or set sandbox.enabled.',
    find: (facts) =>
      isOn(facts)
        ? []
        : [
            {
              message: 'sandbox.enabled is not true',
              cause: facts.config.causeOf(['sandbox', 'enabled']),
              exposes: everyDoor(facts.world),
            },
          ],
  },
  {
    id: 'C502',
    severity: 'high',
    what: 'a sandbox that may be missing',
    // sandboxing, get started: a warning, and commands run without it.
    why: 'Where it cannot start, commands run without it after a warning.',
    fix: 'Set sandbox.failIfUnavailable.',
    find: whenOn((facts) =>
      unless(facts, ['sandbox', 'failIfUnavailable'], true, { exposes: everyDoor(facts.world) }),
    ),
  },
  {
    id: 'C503',
    severity: 'medium',
    what: 'a way out of the sandbox',
    // sandboxing, the unsandboxed retry escape hatch: on by default.
    why: 'The agent may run a command again without the sandbox; a question is all that is left then.',
    fix: 'Set sandbox.allowUnsandboxedCommands to false.',
    find: whenOn((facts) => unless(facts, ['sandbox', 'allowUnsandboxedCommands'], false)),
  },
  {
    id: 'C504',
    severity: 'high',
    what: 'a command that runs outside of the sandbox',
    why: 'Whatever it starts is outside, too.',
    fix: 'Remove it.',
    find: whenOn(({ config, world }) =>
      config.items('sandbox', 'excludedCommands').map(
        ({ text, cause, replace }): Case => ({
          message: `excludedCommands holds ${text}`,
          cause,
          edits: replace([]),
          exposes: everyDoor(world),
        }),
      ),
    ),
  },
  {
    id: 'C505',
    severity: 'high',
    what: 'sandboxed commands read secrets without a question',
    // sandboxing: commands may read the whole machine unless denyRead, credentials or Read entries
    // of deny say otherwise; sandboxed ones are not asked about (autoAllowBashIfSandboxed is the
    // default).
    why: 'The sandbox keeps commands from writing, not from reading, and what runs inside is not asked about.',
    fix: 'Deny reading the home directory: sandbox.filesystem.denyRead.',
    find: whenOn(({ config, rules, world }) => {
      const isAsked = config.get('sandbox', 'autoAllowBashIfSandboxed') === false
      const isClosed =
        config
          .all('sandbox', 'filesystem', 'denyRead')
          .some(({ value }) => stringsOf(value).length > 0) ||
        config.get('sandbox', 'credentials', 'files') !== undefined ||
        rules.some(({ list, tool }) => list === 'deny' && tool === 'Read')
      return isAsked || isClosed
        ? []
        : [
            {
              message: 'nothing denies reading, and sandboxed commands are not asked about',
              cause: config.causeOf(['sandbox', 'filesystem', 'denyRead']),
              exposes: secretDoors(world),
              edits: [
                {
                  op: 'append',
                  path: ['sandbox', 'filesystem', 'denyRead'],
                  values: ['~/.ssh', '~/.aws', '~/.gnupg', '~/.config/gh', '~/.netrc'],
                },
              ],
            },
          ]
    }),
  },
  {
    id: 'C506',
    severity: 'high',
    what: 'sandboxed commands reach every host',
    why: 'What they read they can send away.',
    fix: 'Name the hosts that are needed.',
    find: whenOn(({ config }) =>
      config
        .items('sandbox', 'network', 'allowedDomains')
        .flatMap(({ text, cause, replace }): Case[] =>
          /^\*(?:\.[a-z]+)?$/i.test(text)
            ? [
                {
                  message: `allowedDomains holds ${text}`,
                  cause,
                  edits: replace([]),
                  exposes: hostNeed('attacker.example'),
                },
              ]
            : [],
        ),
    ),
  },
  {
    id: 'C507',
    severity: 'high',
    what: 'a socket that leads out',
    // sandboxing, security limitations: the Docker socket is the whole machine.
    why: 'Who can talk to Docker, to an ssh agent or to a session bus has what they can do.',
    fix: 'Remove it.',
    find: whenOn(({ config, world }) =>
      config
        .items('sandbox', 'network', 'allowUnixSockets')
        .flatMap(({ text, cause, replace }): Case[] => {
          const path = pathOf(world, text, world.project)
          return [
            {
              message: `allowUnixSockets holds ${text}`,
              cause,
              edits: replace([]),
              ...(path === undefined || /[*?[]/.test(text)
                ? {}
                : {
                    exposes: [{ kind: 'path', operation: 'connect', path: world.walk(path).real }],
                  }),
              ...(/docker|podman|containerd|ssh|gpg|dbus|\*/i.test(text)
                ? {}
                : { severity: 'medium' as const }),
            },
          ]
        }),
    ),
  },
  {
    id: 'C508',
    severity: 'high',
    what: 'a weaker sandbox',
    why: 'Each of these switches takes a wall away.',
    fix: 'Set it to false.',
    find: whenOn(({ config, world }) =>
      WEAKER.flatMap((path): Case[] =>
        config.get(...path.map(String)) === true
          ? [
              {
                message: `${path.join('.')} is true`,
                ...config.mend(path, false),
                exposes: everyDoor(world),
              },
            ]
          : [],
      ),
    ),
  },
  {
    id: 'C509',
    severity: 'high',
    what: 'sandboxed commands write the home directory',
    why: 'What shells and other programs run at their next start is in there.',
    fix: 'Name the directories that are needed.',
    find: whenOn(({ config, world }) =>
      config
        .items('sandbox', 'filesystem', 'allowWrite')
        .flatMap(({ text, cause, replace }): Case[] => {
          // One slash in front is the root here, unlike in entries of Read and Edit (sandboxing,
          // path prefixes); two are as well.
          const path = pathOf(
            world,
            text.replace(/^\/\//, '/').replace(/\/\*\*$/, ''),
            world.project,
          )
          return path !== undefined && isWide(world, path)
            ? [
                {
                  message: `allowWrite holds ${text}`,
                  cause,
                  edits: replace([]),
                  exposes: persistenceDoors(world),
                },
              ]
            : []
        }),
    ),
  },
]
