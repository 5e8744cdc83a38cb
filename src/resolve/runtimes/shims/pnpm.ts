import {
  findings,
  merge,
  noticeOf,
  partOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from '../context.ts'
import { bytesOf, decode } from '../bytes.ts'
import { lookUp, physical, problemWith } from '../command.ts'
import { nodePackage } from '../node-script.ts'
import { parentOf, type AbsolutePath } from '../../../machine/paths.ts'
import { steppedOver, unknownShim, type Shim } from './shim.ts'

/** What a shim of pnpm starts. */
export interface PnpmShim {
  /** Name of the interpreter; undefined for a program that needs none. */
  readonly interpreter: string | undefined
  /** Relative to the directory of the shim, or absolute. */
  readonly program: string
}

/** The longest that pnpm writes is 8 kB for each directory of NODE_PATH. */
const SHIM_LIMIT = 64 * 1024

const STARTS =
  /^[ \t]*(?:exec[ \t]+)?(?:(?:"\$basedir\/([\w.-]+)"|([\w.-]+))[ \t]+(?:-[\w=.:-]+[ \t]+)*)?"\$(?:basedir|basedir_abs)(?:"\/'([^'\n]+)'|\/([^"$`\\\n]+)")[ \t]+"\$@"[ \t]*$/gm
const ABSOLUTE = /^[ \t]*(?:exec[ \t]+)?(?:([\w.-]+)[ \t]+)?"(\/[^"$`\\\n]+)"[ \t]+"\$@"[ \t]*$/gm

/**
 * Reads the `sh` script that pnpm writes for a package's program; undefined when its lines do not
 * agree on one program.
 */
export const parsePnpmShim = (text: string): PnpmShim | undefined => {
  const lines = [
    ...[...text.matchAll(STARTS)].map((match) => ({
      interpreter: match[1] ?? match[2],
      program: match[3] ?? match[4] ?? '',
    })),
    ...[...text.matchAll(ABSOLUTE)].map((match) => ({
      interpreter: match[1],
      program: match[2] ?? '',
    })),
  ].filter((line) => line.interpreter?.endsWith('.exe') !== true)
  const programs = new Set(lines.map((line) => line.program))
  const first = lines[0]
  return first === undefined || programs.size !== 1 ? undefined : first
}

/**
 * Recognises pnpm's shim by its first lines and steps through it to the program, which can be
 * started by itself when it names its own interpreter.
 */
export const throughPnpm = (
  context: ResolveContext,
  shim: Place,
  head: string,
): Shim | undefined => {
  if (
    !/^#!\/bin\/sh\r?\n/.test(head) ||
    !/^(?:basedir=\$\(dirname|# Resolve \$0 through symlinks)/m.test(head)
  )
    return undefined
  const bytes = bytesOf(context.host, shim.walked.real).at(0, SHIM_LIMIT + 1)
  const parsed =
    bytes === undefined || bytes.length > SHIM_LIMIT
      ? undefined
      : parsePnpmShim(decode(bytes) ?? '')
  const file = parsed && physical(context, parentOf(shim.walked.real), parsed.program)
  if (parsed === undefined || file === undefined || context.walk(file).kind !== 'file')
    return unknownShim(
      context,
      shim,
      'pnpm',
      'pnpm list -g',
      'it starts something in a form that launcher does not know',
    )
  if (problemWith(context, file) === undefined && startsItself(context, file))
    return steppedOver(context, shim, file, 'a shim of pnpm')
  return {
    place: undefined,
    findings: throughInterpreter(
      context,
      placeAt(context, file, shim.chain, `which is a shim of pnpm for ${show(context, file)}`),
      parsed.interpreter ?? 'node',
      parentOf(shim.walked.real),
    ),
  }
}

const startsItself = (context: ResolveContext, file: AbsolutePath): boolean => {
  const head = bytesOf(context.host, context.walk(file).real).at(0, 2)
  return (head?.[0] === 0x23 && head[1] === 0x21) || head?.[0] === 0x7f || head?.[0] === 0xcf
}

/**
 * A program without a first line of its own: the shim is started, and gives it to the interpreter
 * beside it or on PATH.
 */
const throughInterpreter = (
  context: ResolveContext,
  program: Place,
  name: string,
  beside: AbsolutePath,
): Findings => {
  const file = lookUp(context, name, [beside, ...context.searchPath])
  const script = findings('node', { reads: [partOf('file', program)] })
  if (file === undefined) {
    return merge(
      script,
      findings('node', {
        notices: [
          noticeOf(
            'warning',
            'interpreter-missing',
            `${name}, which starts ${show(context, program.file)}, is not on PATH`,
            program.chain,
          ),
        ],
      }),
    )
  }
  const interpreter = placeAt(
    context,
    file,
    program.chain,
    `${name} on PATH is ${show(context, file)}`,
  )
  return merge(
    script,
    context.examine(context, interpreter, 'interpreter', 1),
    nodePackage(context, program),
  )
}
