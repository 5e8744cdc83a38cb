import type { Case } from '../../model.ts'
import type { VibeFacts } from '../facts.ts'
import { pendingFiles } from '../pending.ts'
import type { VibeRule } from './rule.ts'

/** Words with which Vibe ends before it loads its configuration. */
const ENDS_BEFORE = new Set(['--version', '-v', '--help', '-h'])

/** What keeps Vibe from starting: looked at before each start as well. */
export const START: readonly VibeRule[] = [
  {
    id: 'V214',
    severity: 'medium',
    what: 'Vibe rewrites this file as it starts',
    why: 'Migrations change lists and names, lose comments and put a file in the place of a link (from 2.22.0 on); where the file is read-only, as inside launcher, Vibe ends with an error.',
    fix: 'Make the changes yourself.',
    versions: '≥ 2.5.0',
    find: (facts) =>
      pendingFiles(facts, facts.world).flatMap(({ file, changes, needs }) =>
        changes.map(
          ({ key, clause }): Case => ({
            message: `Vibe ${facts.version.value ?? facts.version.semantics.version} ${clause}`,
            cause: { file: file.file, path: key, layer: file.layer },
            ...(isLoading(facts) ? { stops: needs } : {}),
          }),
        ),
      ),
  },
]

const isLoading = ({ request }: VibeFacts): boolean =>
  !request.words.some((word) => ENDS_BEFORE.has(word))
