import type { SeatbeltProgram } from '../../../src/backend/seatbelt/program.ts'
import { seatbeltQueries } from '../../../src/backend/seatbelt/operations.ts'
import { compile } from '../../../src/backend/seatbelt/sbpl/compile.ts'
import type { Decider } from '../../../src/policy/decide.ts'
import { type Operation, OPERATIONS } from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'

/**
 * What the evaluator of the profile's text says for an operation of `decide()`; `looksUp` as it has
 * it. What is to be denied is asked without the lookup, so that no denial rests on it alone.
 */
export const enforcer = (
  { profile, params }: Pick<SeatbeltProgram, 'profile' | 'params'>,
  looksUp = true,
): ((operation: Operation, path: AbsolutePath) => boolean) => {
  const compiled = compile(
    profile,
    Object.fromEntries(params.map(({ name, value }) => [name, value])),
    { looksUp },
  )
  return (operation, path) =>
    seatbeltQueries(operation).every(
      ({ operation: name, vnodeType }) =>
        compiled.decide(name, {
          path,
          ...(vnodeType === undefined ? {} : { 'vnode-type': vnodeType }),
        }).allowed,
    )
}

/**
 * Questions on which the two disagree, worst first: what the profile allows and the policy denies.
 */
export const disagreements = (
  program: SeatbeltProgram,
  decider: Decider,
  paths: readonly AbsolutePath[],
): string[] => {
  const [found, hidden] = [enforcer(program), enforcer(program, false)]
  const differences: string[] = []
  for (const path of paths) {
    for (const operation of OPERATIONS) {
      const wanted = decider.decide(operation, path).allowed
      const got = (wanted ? found : hidden)(operation, path)
      if (wanted !== got)
        differences[got ? 'unshift' : 'push'](
          `${operation} ${path}: policy ${wanted ? 'allows' : 'denies'}, profile ${got ? 'allows' : 'denies'}`,
        )
    }
  }
  return differences
}
