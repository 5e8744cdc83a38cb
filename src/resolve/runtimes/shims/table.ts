import { nameOf, parentOf } from '../../../machine/paths.ts'
import { bytesOf, decode } from '../bytes.ts'
import {
  type Findings,
  findings,
  isReachedByAgent,
  merge,
  type Place,
  type ResolveContext,
} from '../context.ts'
import { throughAsdf } from './asdf.ts'
import { throughMise } from './mise.ts'
import { throughPixi } from './pixi.ts'
import { throughPnpm } from './pnpm.ts'
import { throughPyenv } from './pyenv.ts'
import type { Shim } from './shim.ts'
import { throughVolta } from './volta.ts'
import { throughXcode } from './xcode.ts'

/**
 * One manager of versions: recognises its own shims and says what stands behind one; undefined for
 * anything else.
 */
interface ShimRow {
  readonly manager: string
  /**
   * `script` is the beginning of a text that starts with `#!`; undefined where the file is none.
   */
  readonly through: (
    context: ResolveContext,
    place: Place,
    script: () => string | undefined,
  ) => Shim | undefined
}

type Through = (context: ResolveContext, place: Place) => Shim | undefined
type ThroughText = (context: ResolveContext, place: Place, text: string) => Shim | undefined

/** Links of many names that lead to one program, which looks at the name it was called by. */
const dispatchedBy =
  (program: string, through: Through): ShimRow['through'] =>
  (context, place) =>
    nameOf(place.walked.real) === program && nameOf(place.file) !== program
      ? through(context, place)
      : undefined

/** Scripts of a manager's own folder of shims. */
const scriptInShims =
  (through: ThroughText): ShimRow['through'] =>
  (context, place, script) => {
    const text = isInShims(place) ? script() : undefined
    return text === undefined ? undefined : through(context, place, text)
  }

/** Scripts that may lie anywhere else. */
const scriptElsewhere =
  (through: ThroughText): ShimRow['through'] =>
  (context, place, script) => {
    const text = isInShims(place) ? undefined : script()
    return text === undefined ? undefined : through(context, place, text)
  }

const isInShims = (place: Place): boolean =>
  nameOf(parentOf(place.file)) === 'shims' || nameOf(parentOf(place.walked.real)) === 'shims'

/** Every manager whose shims are stepped over; the first that knows a shim answers. */
const SHIMS: readonly ShimRow[] = [
  { manager: 'mise', through: dispatchedBy('mise', throughMise) },
  { manager: 'volta', through: dispatchedBy('volta-shim', throughVolta) },
  { manager: 'Apple', through: throughXcode },
  { manager: 'pixi', through: throughPixi },
  { manager: 'pyenv', through: scriptInShims(throughPyenv) },
  { manager: 'asdf', through: scriptInShims(throughAsdf) },
  { manager: 'pnpm', through: scriptElsewhere(throughPnpm) },
]

const HEAD_BYTES = 4096

/**
 * Recognises a shim and steps through it where files tell what it would start; undefined for
 * anything else.
 */
export const throughShim = (context: ResolveContext, place: Place): Shim | undefined => {
  // One that the agent could have written would choose for the user: it is what it is, a file of
  // the project.
  if (isReachedByAgent(context, place)) return undefined
  const script = once(() => scriptAt(context, place))
  for (const { through } of SHIMS) {
    const shim = through(context, place, script)
    if (shim !== undefined) return shim
  }
  return undefined
}

const scriptAt = (context: ResolveContext, place: Place): string | undefined => {
  const head = bytesOf(context.host, place.walked.real).at(0, HEAD_BYTES)
  return head === undefined || head[0] !== 0x23 || head[1] !== 0x21
    ? undefined
    : (decode(head, { isCut: true }) ?? '')
}

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/**
 * What a shim that `env` or a first line finds needs to run, and what it starts: there the kernel
 * does start the shim.
 */
export const behindShim = (
  context: ResolveContext,
  place: Place,
  depth: number,
): { readonly program: Place; readonly findings: Findings } => {
  const shim = throughShim(context, place)
  if (shim?.place === undefined)
    return { program: place, findings: shim?.findings ?? findings('script') }
  return {
    program: shim.place,
    findings: merge(shim.findings, context.examine(context, shim.place, 'interpreter', depth)),
  }
}
