import type { AbsolutePath } from '../../../machine/paths.ts'
import {
  findings,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from '../context.ts'

/** What stands behind a version manager's shim. */
export interface Shim {
  /**
   * The program that the shim would start; undefined when the shim itself has to be started, or
   * only running it would tell.
   */
  readonly place: Place | undefined
  /** What the shim itself needs when it is not stepped over, and what there is to say about it. */
  readonly findings: Findings
}

/**
 * A shim behind which `file` stands; `what` says why, after "which is". `support` is what the shim
 * needs where it is started all the same.
 */
export const steppedOver = (
  context: ResolveContext,
  shim: Place,
  file: AbsolutePath,
  what: string,
  support: Findings = findings('script'),
): Shim => ({
  place: placeAt(
    context,
    file,
    [...shim.chain, `which is ${what}`],
    `it stands for ${show(context, file)}`,
  ),
  findings: {
    ...support,
    notices: [
      noticeOf(
        'info',
        'shim',
        `${show(context, shim.file)} is ${what}: ${show(context, file)} is started`,
        shim.chain,
      ),
      ...support.notices,
    ],
  },
})

/** A shim that files do not tell enough about; `question` is the command that would tell. */
export const unknownShim = (
  context: ResolveContext,
  shim: Place,
  manager: string,
  question: string,
  reason = 'what it starts is only known at run time',
): Shim => {
  const message = `${show(context, shim.file)} is a shim of ${manager}, and ${reason}: name the program itself (${question} tells where it is)`
  return {
    place: undefined,
    findings: findings('script', {
      notices: [noticeOf('warning', 'shim-unknown', message, shim.chain)],
    }),
  }
}
