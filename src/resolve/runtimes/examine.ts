import { LauncherError } from '../../errors.ts'
import { nameOf } from '../../machine/paths.ts'
import type { TargetRole } from '../types.ts'
import { bundleOf } from './bundle.ts'
import { bytesOf } from './bytes.ts'
import { problemWith } from './command.ts'
import {
  findings,
  hopsOf,
  isReachedByAgent,
  merge,
  noticeOf,
  partOf,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { isElf } from './elf.ts'
import { leavesProject, PLANTED, secretIn } from './guard.ts'
import { isMach } from './macho.ts'
import { nativeLibraries } from './native.ts'
import { nativeNotices } from './native-start.ts'
import { nixStore, throughNixWrapper } from './nix-wrapper.ts'
import { isNodeName, nativePackage, nodePrefix } from './node-script.ts'
import { hasLibrary } from './python-base.ts'
import { isPythonName, pythonFindings } from './python-venv.ts'
import { scriptFindings } from './script.ts'
import { isUv, uvFindings } from './uv-run.ts'

/**
 * Bytes of a file that are looked at to tell what it is; the first line of a script must end here.
 */
const HEAD_BYTES = 4096
/** The kernel's own limit on interpreters that are scripts is 5. */
const MAX_DEPTH = 5

/**
 * Finds out what the file at `place` is and what it needs to start. Throws with 126 when the kernel
 * could not start it either.
 */
export const examine = (
  outer: ResolveContext,
  place: Place,
  role: TargetRole,
  depth: number,
): Findings => {
  const context: ResolveContext = isReachedByAgent(outer, place)
    ? { ...outer, isAgentsChoice: true }
    : outer
  const problem = problemWith(context, place.file)
  if (problem !== undefined)
    throw unusable(context, place, `${show(context, place.file)} cannot be executed: ${problem}`)
  refusePlanted(context, place)
  const self = findings('native', { executables: [partOf(role, place)], hops: hopsOf(place) })
  const head = bytesOf(context.host, place.walked.real).at(0, HEAD_BYTES)
  if (head === undefined) {
    const message = `${show(context, place.walked.real)} cannot be read, so that what it needs is not known`
    return merge(
      self,
      findings('native', {
        notices: [noticeOf('warning', 'target-unreadable', message, place.chain)],
      }),
    )
  }
  if (head[0] === 0x23 && head[1] === 0x21) {
    if (depth >= MAX_DEPTH)
      throw unusable(context, place, 'more than five scripts name each other as interpreters')
    return merge(scriptFindings(context, place, self, head, depth), nixStore(context, place))
  }
  if (!isElf(head) && !isMach(head)) {
    throw unusable(
      context,
      place,
      `${show(context, place.walked.real)} is neither a program of this system nor a script that begins with #!`,
    )
  }
  const native = merge(
    self,
    nativeLibraries(context, place),
    findings('native', { notices: nativeNotices(context, place) }),
    nixStore(context, place),
  )
  const runtime = RUNTIMES.find(({ isIt }) => isIt(place))
  return runtime
    ? merge(...runtime.before, native, runtime.needs(context, place))
    : merge(
        native,
        nativePackage(context, place),
        bundleOf(context, place),
        throughNixWrapper(context, place, depth),
      )
}

/** A program that runs others: what it needs besides its libraries. */
interface RuntimeRow {
  readonly isIt: (place: Place) => boolean
  /** What names the runtime where `needs` alone would not. */
  readonly before: readonly Findings[]
  readonly needs: (context: ResolveContext, place: Place) => Findings
}

/** By either of its names: as it was called, or as it is called where the links end. */
const isNamed =
  (isName: (name: string) => boolean) =>
  (place: Place): boolean =>
    isName(nameOf(place.file)) || isName(nameOf(place.walked.real))

const isPython = isNamed(isPythonName)

const RUNTIMES: readonly RuntimeRow[] = [
  { isIt: isPython, before: [], needs: pythonFindings },
  { isIt: isUv, before: [], needs: uvFindings },
  { isIt: isNamed(isNodeName), before: [findings('node')], needs: nodePrefix },
]

/**
 * A link planted in the project must not lead a grant out of it, but for a venv's link to a true
 * Python; what looks like a secret is never a part.
 */
const refusePlanted = (context: ResolveContext, place: Place): void => {
  const secret = secretIn(place.walked.real)
  if (secret !== undefined) throw blocked(context, place, secret)
  if (leavesProject(context, place) && !(isPython(place) && hasLibrary(context, place)))
    throw blocked(context, place, PLANTED)
}

const blocked = (context: ResolveContext, place: Place, reason: string): LauncherError =>
  new LauncherError(
    'E_TARGET_BLOCKED',
    `${show(context, place.walked.real)} is not used as part of the target: ${reason} (${place.chain.join(', ')})`,
    {
      hint: 'Name the program by its real path.',
    },
  )

const unusable = (context: ResolveContext, place: Place, text: string): LauncherError =>
  new LauncherError('E_TARGET_NOT_EXECUTABLE', `${text} (${place.chain.join(', ')})`, {
    exit: 126,
    hint: `Reinstall the program, or check ${show(context, place.file)}.`,
  })
