import type { Naming } from '../machine/naming.ts'
import type { Notice } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { strengthOf } from '../policy/precedence.ts'
import { coverage, type Coverage } from './coverage.ts'
import type { Draft } from './draft.ts'
import { LauncherError } from '../errors.ts'
import { atOf } from './expand.ts'
import type { WalkedHop } from '../machine/walk.ts'

export interface AcceptedDrafts {
  readonly drafts: readonly Draft[]
  readonly notices: readonly Notice[]
}

/**
 * A link that lies inside a root the agent can write never leads a grant out of it: an earlier run
 * may have planted it. Drafts without links are certain; the others are settled round by round, so
 * that no grant vouches for itself and two that vouch for each other are both refused. What is
 * refused does not depend on the order of the list.
 */
export const acceptLinks = (drafts: readonly Draft[], naming: Naming): AcceptedDrafts => {
  const accepted = drafts.filter(
    (draft) => draft.walked.hops.length === 0 || draft.access === 'none',
  )
  const refused: { readonly draft: Draft; readonly hop: WalkedHop }[] = []
  let pending = drafts.filter((draft) => draft.walked.hops.length > 0 && draft.access !== 'none')
  while (pending.length > 0) {
    const known = coverage(accepted, naming.fold)
    const certain = writableRoots(accepted)
    const possible = [...certain, ...writableRoots(pending)]
    const rest: Draft[] = []
    const safe: Draft[] = []
    for (const draft of pending) {
      if (
        addsNothing(draft, known) ||
        !hopInside(
          draft,
          possible.filter((root) => root.by !== draft),
          naming,
        )
      )
        safe.push(draft)
      else rest.push(draft)
    }
    if (safe.length === 0) {
      for (const draft of rest)
        refused.push({ draft, hop: hopInside(draft, possible, naming) ?? draft.walked.hops[0]! })
      break
    }
    accepted.push(...safe)
    pending = rest
  }
  return { drafts: accepted, notices: refused.map(({ draft, hop }) => refuse(draft, hop)) }
}

interface Root {
  readonly path: AbsolutePath
  readonly by: Draft
}

const writableRoots = (drafts: readonly Draft[]): Root[] =>
  drafts
    .filter((draft) => draft.access === 'write' && draft.kind === 'directory')
    .map((by) => ({ path: by.path, by }))

/**
 * True when what the grant gives is given already by grants that no planted link leads: a link
 * inside the project that stays inside it.
 */
const addsNothing = (draft: Draft, known: Coverage<Draft>): boolean => {
  const over = known.over(draft.path)
  return (
    over !== undefined &&
    over.access !== 'none' &&
    (over.access === 'write' || over.access === draft.access)
  )
}

const hopInside = (draft: Draft, roots: readonly Root[], naming: Naming): WalkedHop | undefined =>
  draft.walked.hops.find((hop) => {
    return roots.some(
      ({ path }) => !naming.isSame(hop.path, path) && naming.isInside(hop.path, path),
    )
  })

const refuse = (draft: Draft, hop: WalkedHop): Notice => {
  const message = `${draft.requested} is not granted: ${hop.path} is a link to ${hop.target} inside a directory that the agent can write, so the agent could choose where it leads`
  const isDerived = draft.origin.strength === 'derived'
  // What a person asked for is not dropped behind their back.
  if (
    strengthOf(draft) >= strengthOf({ origin: { ...draft.origin, strength: 'user' } }) &&
    draft.origin.strength !== 'project-cap'
  ) {
    throw new LauncherError('E_PATH', message, {
      ...atOf(draft.origin),
      hint: `name the place itself (${draft.path}), or remove the link`,
    })
  }
  return {
    level: 'warning',
    code: isDerived ? 'target-blocked' : 'link-leads-out',
    message,
    origin: draft.origin,
  }
}
