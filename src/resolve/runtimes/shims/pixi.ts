import {
  join,
  nameOf,
  parentOf,
  toAbsolutePath,
  type AbsolutePath,
} from '../../../machine/paths.ts'
import { textOf } from '../bytes.ts'
import { problemWith } from '../command.ts'
import { isInside, show, type Place, type ResolveContext } from '../context.ts'
import { steppedOver, unknownShim, type Shim } from './shim.ts'

const CONFIGURATION_LIMIT = 64 * 1024

/**
 * A trampoline of `pixi global`: one binary under many names, which reads from
 * `trampoline_configuration` what to start. Undefined for anything else.
 */
export const throughPixi = (context: ResolveContext, place: Place): Shim | undefined => {
  const bin = parentOf(place.walked.real)
  const text = textOf(
    context.host,
    join(bin, `trampoline_configuration/${nameOf(place.walked.real)}.json`),
    CONFIGURATION_LIMIT,
  )
  if (text === undefined) return undefined
  const file = programIn(text)
  // A trampoline starts what lies in an environment of the same pixi, nothing else.
  const isOwn = file !== undefined && isInside(context, file, join(parentOf(bin), 'envs'))
  if (!isOwn || problemWith(context, file) !== undefined)
    return unknownShim(context, place, 'pixi', 'pixi global list')
  return steppedOver(
    context,
    place,
    file,
    `a trampoline of pixi, which starts ${show(context, file)}`,
  )
}

const programIn = (text: string): AbsolutePath | undefined => {
  try {
    const configuration: unknown = JSON.parse(text)
    const exe: unknown =
      typeof configuration === 'object' && configuration !== null && 'exe' in configuration
        ? configuration.exe
        : undefined
    return typeof exe === 'string' ? toAbsolutePath(exe) : undefined
  } catch {
    return undefined
  }
}
