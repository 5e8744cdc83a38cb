import { join } from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import type { Place, ResolveContext } from './context.ts'

const METADATA_LIMIT = 1 << 20

/**
 * Name of the package that pipx made an environment for, from its own record there; undefined for
 * any other environment.
 */
export const pipxPackage = (context: ResolveContext, root: Place): string | undefined => {
  const text = textOf(context.host, join(root.walked.real, 'pipx_metadata.json'), METADATA_LIMIT)
  if (text === undefined) return undefined
  try {
    const record: unknown = JSON.parse(text)
    const main: unknown =
      typeof record === 'object' && record !== null && 'main_package' in record
        ? record.main_package
        : undefined
    return typeof main === 'object' &&
      main !== null &&
      'package' in main &&
      typeof main.package === 'string'
      ? main.package
      : undefined
  } catch {
    return undefined
  }
}
