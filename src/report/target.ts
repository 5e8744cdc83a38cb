import { type Decider, sourceOf } from '../policy/decide.ts'
import type { Notice } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Target, TargetPart } from '../resolve/types.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** A target, and what its policy says of each part. */
export interface ExplainedTarget {
  readonly command: string
  readonly target: Target
  readonly home: AbsolutePath
  readonly unreadable: readonly TargetPart[]
  readonly notices: readonly Notice[]
  readonly decider: Decider
}

/**
 * What the target starts and reads, and how each was found: a clause that stands above already is
 * not said again.
 */
export const targetText = (
  { command, target, home, unreadable, notices, decider }: ExplainedTarget,
  palette: Palette,
): string => {
  const short = (path: string): string => tilde(path, home)
  let said: readonly string[] = []
  const part = (one: TargetPart): string[] => {
    const from = Math.min(commonLength(said, one.chain), one.chain.length - 1)
    const clauses = one.chain
      .slice(from)
      .map((clause, index) => `${INDENT}${index === 0 && from > 0 ? '… ' : ''}${printable(clause)}`)
    said = one.chain
    const problem = unreadable.includes(one)
      ? palette.red(
          `  cannot be read inside: ${printable(decider.decide('read', one.path.real).because)}`,
        )
      : ''
    return [
      `  ${one.role.padEnd(12)}${short(one.path.real)}${problem}`,
      ...clauses.map((clause) => palette.dim(clause)),
    ]
  }
  const sections: readonly (readonly [string, readonly TargetPart[]])[] = [
    ['executed', target.executables],
    ['read', target.reads],
  ]
  const links = target.hops.filter((hop) => decider.decide('write', hop.path).allowed)
  return `${[
    `${palette.bold(printable(command))} is ${short(target.file)} (${printable(target.runtime)})`,
    verdict(target, unreadable, decider, palette),
    ...sections.flatMap(([title, parts]) =>
      parts.length === 0 ? [] : ['', palette.bold(title), ...parts.flatMap(part)],
    ),
    ...(target.hops.length === 0
      ? []
      : [
          '',
          palette.bold('links on the way'),
          ...target.hops.map(
            (hop) =>
              `  ${short(hop.path)} -> ${short(hop.target)}${links.includes(hop) ? palette.yellow('  the agent can change it') : ''}`,
          ),
        ]),
    ...(notices.length === 0
      ? []
      : [
          '',
          palette.bold('notices'),
          ...notices.map(
            ({ level, message }) =>
              `  ${level === 'warning' ? palette.yellow('!') : '-'} ${printable(message).replaceAll(home, '~')}`,
          ),
        ]),
  ].join('\n')}\n`
}

const INDENT = ' '.repeat(14)

const commonLength = (a: readonly string[], b: readonly string[]): number => {
  const at = b.findIndex((clause, index) => clause !== a[index])
  return at < 0 ? b.length : at
}

/**
 * What a person asks first: whether it starts inside, and whether the agent could change what it is
 * made of.
 */
const verdict = (
  target: Target,
  unreadable: readonly TargetPart[],
  decider: Decider,
  palette: Palette,
): string => {
  const parts = [...target.executables, ...target.reads]
  if (unreadable.length > 0)
    return palette.red(
      `it would not start inside: ${unreadable.length} of the ${parts.length} things that it needs cannot be read there`,
    )
  const writable = parts.filter((part) => decider.decide('write', part.path.real).allowed).length
  return writable === 0
    ? 'inside, all of this can be read and none of it changed'
    : palette.yellow(
        `inside, all of this can be read, and ${writable} of the ${parts.length} can be changed by the agent`,
      )
}

/** The same for programs. */
export const targetJson = ({
  command,
  target,
  unreadable,
  notices,
}: ExplainedTarget): Record<string, unknown> => ({
  command,
  file: target.file,
  runtime: target.runtime,
  executables: target.executables.map((part) => partJson(part, unreadable)),
  reads: target.reads.map((part) => partJson(part, unreadable)),
  links: target.hops.map(({ path, target: to, origin }) => ({
    path,
    target: to,
    because: origin.because ?? sourceOf(origin),
  })),
  notices: notices.map(({ level, code, message }) => ({ level, code, message })),
})

const partJson = (
  part: TargetPart,
  unreadable: readonly TargetPart[],
): Record<string, unknown> => ({
  role: part.role,
  requested: part.path.requested,
  links: part.path.hops,
  real: part.path.real,
  readable: !unreadable.includes(part),
  chain: part.chain,
})
