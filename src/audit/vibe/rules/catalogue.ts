import { BASH } from './bash.ts'
import { CRITICAL } from './critical.ts'
import { EXECUTION } from './execution.ts'
import { FILE_TOOL_RULES } from './file-tools.ts'
import { FILES } from './files.ts'
import { KEYS } from './keys.ts'
import { MODES } from './modes.ts'
import { NETWORK } from './network.ts'
import { PATTERN_RULES } from './pattern-rules.ts'
import type { VibeRule } from './rule.ts'
import { SERVERS } from './servers.ts'
import { START } from './start.ts'

/** Every check, in the order of its id. */
export const CATALOGUE: readonly VibeRule[] = [
  ...CRITICAL,
  ...START,
  ...MODES,
  ...FILE_TOOL_RULES,
  ...PATTERN_RULES,
  ...BASH,
  ...NETWORK,
  ...SERVERS,
  ...EXECUTION,
  ...FILES,
  ...KEYS,
].sort((a, b) => (a.id < b.id ? -1 : 1))
