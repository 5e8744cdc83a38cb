import type { BuiltEnvironment } from '../resolve/environment.ts'
import type { Notice } from '../policy/model.ts'
import { FEATURES, featureOf } from '../backend/seatbelt/prelude.ts'
import type { Contract, OpenedFeature } from '../report/contract.ts'
import type { Backend } from './backend.ts'
import type { Prepared } from './prepare.ts'

/** What a prepared request promises under a backend; `notices` are those to tell, `environment` is what a start knows more of. */
export const contractOf = (
  prepared: Prepared,
  backend: Backend,
  notices: readonly Notice[],
  environment: BuiltEnvironment = prepared.environment,
): Contract => ({
  profile: prepared.profile,
  reason: prepared.reason,
  backend: backend.label,
  isForInspection: backend.isForInspection,
  resolution: prepared.resolution,
  environment,
  argv: prepared.argv,
  opened: backend.name === 'seatbelt' ? openedBy(prepared) : [],
  notices,
})

const openedBy = ({ resolution }: Prepared): OpenedFeature[] =>
  resolution.resolved.features.flatMap(({ value, origin }) => {
    const feature = featureOf(value)
    return feature === undefined ? [] : [{ name: feature, ...FEATURES[feature], origin }]
  })
