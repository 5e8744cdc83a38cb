import { fileRules } from '../../shared/file-rules.ts'
import { serverRules } from '../../shared/servers.ts'
import { CLAUDE_KEYS } from '../keys.ts'
import { EXECUTION_RULES } from './execution.ts'
import { MODE_RULES } from './modes.ts'
import { PERMISSION_RULES } from './permissions.ts'
import type { ClaudeRule } from './rule.ts'
import { SANDBOX_RULES } from './sandbox.ts'
import { SURROUNDINGS_RULES } from './surroundings.ts'
import { WIDE_RULES } from './wide.ts'

/** Every check, in the order of its id. */
export const CATALOGUE: readonly ClaudeRule[] = [
  ...MODE_RULES,
  ...WIDE_RULES,
  ...PERMISSION_RULES,
  ...EXECUTION_RULES,
  ...serverRules({ unpinned: 'C409', lookedUp: 'C410', secret: 'C411', plain: 'C412' }, '${NAME}'),
  ...SANDBOX_RULES,
  ...SURROUNDINGS_RULES,
  ...fileRules({
    ids: { writable: 'C701', link: 'C702', broken: 'C703', duplicate: 'C704', unknown: 'C705' },
    known: CLAUDE_KEYS,
    // The schema allows additional properties; nothing is said about them.
    unknown: { severity: 'medium', why: 'Claude Code skips it without a word.' },
    broken: 'Claude Code starts without what it says: without its denials, too.',
  }),
]
