import { absolute, isWithin, join, nameOf, parentOf } from '../../machine/paths.ts'
import {
  findings,
  isThere,
  merge,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { treePart } from './guard.ts'

const STORE = absolute('/nix/store')

/**
 * What a program from the Nix store needs: the store, since a package names others by their paths
 * in it and which ones is written in a database only. It is world-readable by design. Nothing for a
 * program from elsewhere.
 */
export const nixStore = (context: ResolveContext, program: Place): Findings =>
  isWithin(program.walked.real, STORE)
    ? treePart(
        context,
        'nix',
        placeAt(
          context,
          STORE,
          program.chain,
          'it is a package of Nix, which finds what it needs by its path in /nix/store',
        ),
      )
    : findings('native')

/**
 * The program behind a wrapper of makeWrapper or makeBinaryWrapper: both leave it beside the
 * wrapper as `.NAME-wrapped`.
 */
export const throughNixWrapper = (
  context: ResolveContext,
  wrapper: Place,
  depth: number,
): Findings => {
  const { real } = wrapper.walked
  const wrapped = join(parentOf(real), `.${nameOf(real)}-wrapped`)
  if (!isWithin(real, STORE) || !isThere(context, wrapped, 'file')) return findings('native')
  const place = placeAt(
    context,
    wrapped,
    wrapper.chain,
    `which is a wrapper of Nix for ${show(context, wrapped)}`,
  )
  return merge(findings('nix'), context.examine(context, place, 'executable', depth + 1))
}
