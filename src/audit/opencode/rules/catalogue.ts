import { fileRules } from '../../shared/file-rules.ts'
import { serverRules } from '../../shared/servers.ts'
import { OPENCODE_KEYS } from '../keys.ts'
import { EXECUTION_RULES } from './execution.ts'
import { PERMISSION_RULES } from './permissions.ts'
import type { OpenCodeRule } from './rule.ts'
import { SURROUNDINGS_RULES } from './surroundings.ts'

const OTHER_FILE: OpenCodeRule = {
  id: 'O406',
  severity: 'info',
  what: 'another file than those that OpenCode reads',
  why: 'It reads opencode.json in its own folder, in the project and in .opencode.',
  fix: 'Audit that one, or name it in OPENCODE_CONFIG.',
  find: ({ main, folder, request, world }) => {
    const isRead =
      request.text !== undefined ||
      main.layer !== 'global' ||
      [`${folder}/`, `${world.host.home}/.opencode/`].some((prefix) => main.file.startsWith(prefix))
    return isRead
      ? []
      : [
          {
            message: `OpenCode does not read ${main.file} here`,
            cause: { file: main.file, path: [], layer: main.layer },
          },
        ]
  },
}

/** Every check, in the order of its id. */
export const CATALOGUE: readonly OpenCodeRule[] = [
  ...PERMISSION_RULES,
  ...EXECUTION_RULES,
  ...serverRules(
    { unpinned: 'O207', lookedUp: 'O208', secret: 'O209', plain: 'O210' },
    '{env:NAME}',
  ),
  ...SURROUNDINGS_RULES,
  ...fileRules({
    ids: { writable: 'O401', link: 'O402', broken: 'O403', duplicate: 'O404', unknown: 'O405' },
    known: OPENCODE_KEYS,
    // config.ts: the schema is strict.
    unknown: {
      severity: 'low',
      why: 'OpenCode refuses a configuration with a key that its version does not know.',
    },
    broken: 'OpenCode does not start.',
  }),
  OTHER_FILE,
]
