import { namingOf } from '../../../machine/naming.ts'
import { join, toAbsolutePath } from '../../../machine/paths.ts'
import type { Case } from '../../model.ts'
import { otherWriters, writing } from '../../shared/doors.ts'
import type { FileFact } from '../file-facts.ts'
import type { VibeFacts } from '../facts.ts'
import type { VibeRule } from './rule.ts'

const of = ({ files }: VibeFacts, ...roles: readonly FileFact['role'][]): FileFact[] =>
  files.files.filter(({ role }) => roles.includes(role))

/** Files on disk and the installation: V501 to V503, V505, V511, V512, V514 to V517. */
export const FILES: readonly VibeRule[] = [
  {
    id: 'V501',
    severity: 'high',
    what: 'a file of Vibe that others can write',
    why: 'Whoever writes it decides what the agent may do.',
    fix: 'chmod 600 (a directory 700), and own it yourself.',
    find: (facts) =>
      of(facts, 'config', 'hooks', '.env', 'agents', 'tools').flatMap(({ path, stat }): Case[] => {
        const others =
          stat === undefined || facts.request.text !== undefined
            ? undefined
            : otherWriters(stat, facts.world.host.uid)
        return others === undefined
          ? []
          : [{ message: `${path} ${others}`, cause: { file: path, layer: 'user' } }]
      }),
  },
  {
    id: 'V502',
    severity: 'medium',
    what: 'the configuration is a link',
    why: 'The place it leads to must be readable inside, and from 2.22 a save puts a file in the place of the link.',
    fix: 'Grant the target to read, and deny writing the link (the profile vibe does both).',
    find: (facts) =>
      of(facts, 'config').flatMap(({ path, walked }): Case[] =>
        walked.hops.length === 0 || facts.request.text !== undefined
          ? []
          : [
              {
                message: `${path} ${walked.hops.map(({ target }) => `→ ${target}`).join(' ')}`,
                cause: { file: path, layer: 'user' },
                exposes: [writing(walked.real)],
              },
            ],
      ),
  },
  {
    id: 'V503',
    severity: 'medium',
    what: 'the file with the key is open',
    why: 'The key leaks to other users, or into a repository.',
    fix: 'chmod 600, and keep it out of repositories.',
    find: (facts) =>
      of(facts, '.env').flatMap(({ path, walked, stat }): Case[] => {
        if (stat === undefined) return []
        const repository = facts.files.repositoryOf(walked.real)
        const isPrivate = (stat.mode & 0o077) === 0
        if (isPrivate && repository === undefined) return []
        const reasons = [
          ...(isPrivate ? [] : [`has mode ${stat.mode.toString(8)}`]),
          ...(repository === undefined ? [] : [`lies in the repository ${repository}`]),
        ]
        return [
          {
            message: `${path} ${reasons.join(' and ')}`,
            cause: { file: path, layer: '.env' },
            exposes: [{ kind: 'path', operation: 'read', path: walked.real }],
          },
        ]
      }),
  },
  {
    id: 'V505',
    severity: 'low',
    what: 'transcripts where others see them',
    why: 'They hold the content of files.',
    fix: 'Leave save_dir alone, and chmod 700 the folder.',
    find: (facts) => {
      const folder = facts.get('session_logging', 'save_dir')
      const isShared =
        typeof folder === 'string' &&
        folder !== '' &&
        (/iCloud|Mobile Documents|Dropbox|OneDrive|Google Drive/i.test(folder) ||
          folder.startsWith(`${facts.world.project}/`) ||
          !/^[/~]/.test(folder))
      return [
        ...(isShared
          ? [
              {
                message: `session_logging.save_dir is ${folder}`,
                ...facts.mend(['session_logging', 'save_dir'], ''),
              },
            ]
          : []),
        ...of(facts, 'logs').flatMap(({ path, stat }): Case[] =>
          stat !== undefined && (stat.mode & 0o077) !== 0
            ? [
                {
                  message: `${path} has mode ${stat.mode.toString(8)}`,
                  cause: { file: path, layer: 'user' },
                },
              ]
            : [],
        ),
      ]
    },
  },
  {
    id: 'V511',
    severity: 'medium',
    what: 'a file that cannot be parsed',
    why: 'Vibe does not start, or starts without it.',
    fix: 'Mend it.',
    find: (facts) =>
      [...facts.configs.map(({ file }) => file), facts.projectFile, ...facts.hooks, facts.trustFile]
        .filter(
          ({ problem, failure }) =>
            problem !== undefined && (failure === undefined || failure === 'bad'),
        )
        .filter((file, index, all) => all.indexOf(file) === index)
        .map(
          ({ file, problem, layer }): Case => ({
            message: `${file} ${problem ?? ''}`,
            cause: { file, path: [], layer },
          }),
        ),
  },
  {
    id: 'V512',
    severity: 'info',
    what: 'another file than the one that Vibe reads',
    why: 'Vibe reads config.toml in VIBE_HOME, or in ~/.vibe.',
    fix: 'Audit that one, or unset VIBE_HOME.',
    find: (facts) => {
      const read = join(facts.vibeHome, 'config.toml')
      const isSame =
        facts.request.text !== undefined ||
        facts.world.walk(read).real === facts.world.walk(facts.user.file).real
      return isSame
        ? []
        : [
            {
              message: `Vibe reads ${read}${facts.world.env['VIBE_HOME'] ? ' (VIBE_HOME is set)' : ''}, this is ${facts.user.file}`,
              cause: { file: facts.user.file, path: [], layer: 'user' },
            },
          ]
    },
  },
  {
    id: 'V514',
    severity: 'medium',
    what: 'Vibe’s own code lies where the agent writes',
    why: 'It could change what runs the next time.',
    fix: 'Install it outside of the project.',
    find: (facts) => {
      const { installed, mayWrite, project } = facts.world
      const open = [...(installed?.executables ?? []), ...(installed?.trees ?? [])].filter((path) =>
        mayWrite?.(path),
      )
      const editable = toAbsolutePath(facts.version.editable ?? '')
      const isLinked =
        editable !== undefined && namingOf(facts.world.host.platform).isInside(editable, project)
      return [
        ...open.slice(0, 3).map(
          (path): Case => ({
            message: `${path} can be written inside`,
            cause: { file: path, layer: 'installation' },
            exposes: [writing(path)],
          }),
        ),
        ...(isLinked
          ? [
              {
                message: `the installation is a link to ${editable}`,
                cause: { file: editable, layer: 'installation' },
                exposes: [writing(editable)],
              },
            ]
          : []),
      ]
    },
  },
  {
    id: 'V515',
    severity: 'info',
    what: 'ripgrep is not there',
    why: 'grep falls back to a search that enters hidden directories, too.',
    fix: 'Install ripgrep.',
    find: (facts) => {
      const { host, env } = facts.world
      const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
      const hasGrep = facts.tools.some(({ use }) => use === 'grep')
      return !hasGrep ||
        folders.length === 0 ||
        folders.some((folder) => host.stat(`${folder}/rg`)?.type === 'file')
        ? []
        : [{ message: 'rg is not on PATH', cause: { file: '<environment>', layer: 'environment' } }]
    },
  },
  {
    id: 'V517',
    severity: 'medium',
    what: 'Python 3.14 or newer',
    why: 'It takes a file that may not be looked at for one that is not there, and Vibe starts on its defaults.',
    fix: 'Nothing, under launcher: it refuses to start when the configuration cannot be read inside.',
    find: (facts) =>
      facts.version.python !== undefined && Number(facts.version.python.split('.')[1]) >= 14
        ? [
            {
              message: `Vibe runs on Python ${facts.version.python}`,
              cause: { file: facts.version.from, layer: 'installation' },
            },
          ]
        : [],
  },
]
