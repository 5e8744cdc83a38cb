import { compileSeatbelt, type SeatbeltProgram } from '../../src/backend/seatbelt/program.ts'
import { seatbeltQueries } from '../../src/backend/seatbelt/operations.ts'
import { compile } from '../../src/backend/seatbelt/sbpl/compile.ts'
import type { Operation, ResolvedPolicy } from '../../src/policy/model.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'

/** The Seatbelt program of a policy, as a run would start it. */
export const seatbeltProgram = (policy: ResolvedPolicy): SeatbeltProgram =>
  compileSeatbelt(policy, { runId: 'r-contract' })

/**
 * What the generated profile says by the evaluator of the language: every question the kernel would
 * ask must be answered yes. What `decide()` denies is asked without the lookup of names, so that no
 * denial rests on that alone.
 */
export const seatbeltDecider = (
  policy: ResolvedPolicy,
): ((operation: Operation, path: AbsolutePath, expected: boolean) => boolean) => {
  const { profile, params } = seatbeltProgram(policy)
  const values = Object.fromEntries(params.map(({ name, value }) => [name, value]))
  const [found, hidden] = [compile(profile, values), compile(profile, values, { looksUp: false })]
  return (operation, path, expected) =>
    seatbeltQueries(operation).every(
      ({ operation: asked, vnodeType }) =>
        (expected ? found : hidden).decide(asked, {
          path,
          ...(vnodeType === undefined ? {} : { 'vnode-type': vnodeType }),
        }).allowed,
    )
}
