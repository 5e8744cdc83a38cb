import type { Host } from '../machine/host.ts'
import { type AbsolutePath, absolute, isWithin, toAbsolutePath } from '../machine/paths.ts'
import type { Walker } from '../machine/walk.ts'
import type { Policy } from '../policy/model.ts'
import type { DerivedGrant } from './draft.ts'

/** The link that `xcode-select` makes: whoever reads it runs what it leads to. */
const SELECTED = absolute('/private/var/db/xcode_select_link')

/**
 * The Xcode that is selected, whatever it is called and wherever it lies: Apple's git, python3 and
 * compilers start the programs in it, and its libraries lie outside Contents/Developer. Only where
 * a profile reads the link; the Command Line Tools have one place, which profiles name.
 */
export const developerGrants = (
  { grants }: Pick<Policy, 'grants'>,
  host: Host,
  walk: Walker,
  project: AbsolutePath,
): DerivedGrant[] => {
  if (host.platform !== 'macos' || !grants.some(({ path }) => path === SELECTED)) return []
  const { real, status } = walk(SELECTED)
  const bundle = toAbsolutePath(/^(\/.+\.app)\/Contents\/Developer$/.exec(real)?.[1] ?? '')
  if (status !== 'exists' || bundle === undefined || isWithin(bundle, project)) return []
  return [
    {
      walked: walk(bundle),
      access: 'read',
      requested: bundle,
      origin: {
        strength: 'derived',
        file: 'resolution',
        key: 'developer directory',
        because: `xcode-select has selected ${real}`,
      },
    },
  ]
}
