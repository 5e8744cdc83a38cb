import type { Case } from '../../model.ts'
import { fileRules } from '../../shared/file-rules.ts'
import { serverRules } from '../../shared/servers.ts'
import { isOlder } from '../../shared/version.ts'
import { CODEX_KEYS } from '../keys.ts'
import { EXECUTION_RULES } from './execution.ts'
import { MODE_RULES } from './modes.ts'
import type { CodexRule } from './rule.ts'
import { SURROUNDINGS_RULES } from './surroundings.ts'

/**
 * From this version on profiles are files of their own
 * (developers.openai.com/codex/config-advanced).
 */
const PROFILE_FILES = [0, 134, 0] as const

const DEAD_PROFILES: CodexRule = {
  id: 'X406',
  severity: 'medium',
  what: 'profiles that are not read',
  why: 'What they tighten is not in force.',
  fix: 'Move each to a file of its own: NAME.config.toml beside config.toml.',
  versions: 'from 0.134.0',
  find: ({ config, version }) =>
    isOlder(version.value, PROFILE_FILES) !== false
      ? []
      : ['profile', 'profiles'].flatMap((key) =>
          config.all(key).map(
            ({ layer }): Case => ({
              message: `${key} is not read any more`,
              cause: { file: layer.file, path: [key], layer: layer.name },
            }),
          ),
        ),
}

const OTHER_FILE: CodexRule = {
  id: 'X407',
  severity: 'info',
  what: 'another file than those that Codex reads',
  why: 'It reads config.toml in CODEX_HOME or ~/.codex, and those of the project.',
  fix: 'Audit that one.',
  find: ({ user, projects, request, world }) => {
    const home = world.env['CODEX_HOME'] || `${world.host.home}/.codex`
    const isRead =
      request.text !== undefined ||
      user.source.real === world.walk(`${home}/config.toml` as typeof user.file).real ||
      projects.some(({ file }) => file === request.file)
    return isRead
      ? []
      : [
          {
            message: `Codex does not read ${user.file} here`,
            cause: { file: user.file, path: [], layer: 'user' },
          },
        ]
  },
}

/** Every check, in the order of its id. */
export const CATALOGUE: readonly CodexRule[] = [
  ...MODE_RULES,
  ...EXECUTION_RULES,
  ...serverRules(
    { unpinned: 'X208', lookedUp: 'X209', secret: 'X210', plain: 'X211' },
    'bearer_token_env_var, env_vars, env_http_headers',
  ),
  ...SURROUNDINGS_RULES,
  ...fileRules({
    ids: { writable: 'X401', link: 'X402', broken: 'X403', duplicate: 'X404', unknown: 'X405' },
    known: CODEX_KEYS,
    unknown: { severity: 'medium', why: 'Codex skips it without a word.' },
    broken: 'Codex does not start, or starts without what it says.',
  }),
  DEAD_PROFILES,
  OTHER_FILE,
]
