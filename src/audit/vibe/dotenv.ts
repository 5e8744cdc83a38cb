import type { AbsolutePath } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { Source } from '../model.ts'
import { readSource } from '../source.ts'

/**
 * Names in a dotenv file, with the values of those that are settings of Vibe. Every other value may
 * be a key and is dropped at once.
 */
export const dotenvOf = (
  world: AuditWorld,
  file: AbsolutePath,
): { readonly source: Source; readonly variables: ReadonlyMap<string, string> } => {
  const { source, text } = readSource(world, file, '.env')
  const variables = new Map<string, string>()
  for (const line of (text ?? '').split('\n')) {
    const pair = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (pair)
      variables.set(
        pair[1]!,
        pair[1]!.startsWith('VIBE_') ? pair[2]!.replace(/^(['"])(.*)\1$/, '$2') : '',
      )
  }
  return {
    source: text === undefined ? source : { ...source, state: 'used (names only)' },
    variables,
  }
}
