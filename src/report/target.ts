import { type Decider, sourceOf } from '../policy/decide.ts'
import type { Notice } from '../policy/model.ts'
import type { AbsolutePath } from '../policy/paths.ts'
import type { Target, TargetPart } from '../resolve/types.ts'
import { type Palette, printable, tilde } from './text.ts'

/** A target, and what its policy says of each part. */
export interface ExplainedTarget {
  readonly command: string
  readonly target: Target
  readonly home: AbsolutePath
  readonly unreadable: readonly TargetPart[]
  readonly notices: readonly Notice[]
  readonly decider: Decider
}

/** The chain to each thing that the target needs, every hop on a line of its own. */
export const targetText = ({ command, target, home, unreadable, notices, decider }: ExplainedTarget, palette: Palette): string => {
  const short = (path: string): string => tilde(path, home)
  const part = (one: TargetPart): string[] => [
    `  ${one.role.padEnd(12)}${short(one.path.real)}${unreadable.includes(one) ? palette.red(`  cannot be read inside: ${printable(decider.decide('read', one.path.real).because)}`) : ''}`,
    ...one.chain.map((clause) => palette.dim(`              ${printable(clause)}`)),
  ]
  const sections: readonly (readonly [string, readonly TargetPart[]])[] = [
    ['executed', target.executables],
    ['read', target.reads],
  ]
  return `${[
    `${palette.bold(printable(command))} is ${short(target.file)} (${printable(target.runtime)})`,
    ...sections.flatMap(([title, parts]) => (parts.length === 0 ? [] : ['', palette.bold(title), ...parts.flatMap(part)])),
    ...(target.hops.length === 0 ? [] : ['', palette.bold('links on the way'), ...target.hops.map((hop) => `  ${short(hop.path)} -> ${printable(hop.target)}`)]),
    ...(notices.length === 0 ? [] : ['', palette.bold('notices'), ...notices.map(({ level, message }) => `  ${level === 'warning' ? palette.yellow('!') : '-'} ${printable(message).replaceAll(home, '~')}`)]),
  ].join('\n')}\n`
}

/** The same for programs. */
export const targetJson = ({ command, target, unreadable, notices }: ExplainedTarget): Record<string, unknown> => ({
  command,
  file: target.file,
  runtime: target.runtime,
  executables: target.executables.map((part) => partJson(part, unreadable)),
  reads: target.reads.map((part) => partJson(part, unreadable)),
  links: target.hops.map(({ path, target: to, origin }) => ({ path, target: to, because: origin.because ?? sourceOf(origin) })),
  notices: notices.map(({ level, code, message }) => ({ level, code, message })),
})

const partJson = (part: TargetPart, unreadable: readonly TargetPart[]): Record<string, unknown> => ({
  role: part.role,
  requested: part.path.requested,
  links: part.path.hops,
  real: part.path.real,
  readable: !unreadable.includes(part),
  chain: part.chain,
})
