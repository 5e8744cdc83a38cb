import { columnsOf, padColumns } from '../text/columns.ts'
import type { LauncherError } from '../errors.ts'
import type { Origin, Policy, Sourced } from '../policy/model.ts'
import { tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** One row of `profiles list`. */
export interface ListedProfile {
  readonly name: string
  readonly description: string
  readonly command?: string
  /** Weakest first. */
  readonly files: readonly string[]
  readonly problem?: string
}

/** One file of `profiles validate`. */
export interface CheckedFile {
  readonly file: string
  readonly errors: readonly LauncherError[]
}

/** The list as a table. */
export const listText = (profiles: readonly ListedProfile[], home: string): string => {
  const rows = profiles.map(({ name, command, files, description, problem }) => [
    printable(name),
    printable(command ?? '-'),
    files.map((file) => tilde(file, home)).join(' + '),
    printable(problem === undefined ? description : `unusable: ${problem}`),
  ])
  return table([['NAME', 'COMMAND', 'FROM', 'DESCRIPTION'], ...rows])
}

/** Problems, one paragraph each, or a line for a file that is fine. */
export const checkedText = (files: readonly CheckedFile[], home: string): string => {
  if (files.length === 0) return 'No profiles of your own.\n'
  const lines = files.flatMap(({ file, errors }) =>
    errors.length === 0
      ? [`${tilde(file, home)}: ok`]
      : errors.map(
          (error) =>
            `${tilde(error.at ?? file, home)}: ${printable(error.message)}${error.hint === undefined ? '' : ` ${printable(error.hint)}`}`,
        ),
  )
  return `${lines.join('\n')}\n`
}

/** The same for programs. */
export const checkedValue = ({ file, errors }: CheckedFile): Readonly<Record<string, unknown>> => ({
  file,
  ok: errors.length === 0,
  errors: errors.map(({ code, message, at, hint }) => ({ code, message, at, hint })),
})

/** A merged policy in the shape of a profile, each line with where it was written. */
export const policyText = (policy: Policy, home: string): string => {
  const section = (title: string, rows: readonly Row[]): string[] =>
    rows.length === 0
      ? []
      : [
          '',
          title,
          ...table(rows.map(([what, origin]) => [`  ${printable(what)}`, originText(origin, home)]))
            .trimEnd()
            .split('\n'),
        ]
  const { network, environment } = policy
  const head = [`${printable(policy.name)}: ${printable(policy.description)}`]
  if (policy.command !== undefined)
    head.push(`command ${[policy.command, ...policy.args].map(printable).join(' ')}`)
  head.push(`merged from ${policy.files.map((file) => tilde(file, home)).join(', ')}`)
  return `${[
    ...head,
    ...(['none', 'read', 'write'] as const).flatMap((access) =>
      section(
        `[filesystem] ${access}`,
        policy.grants
          .filter((grant) => grant.access === access)
          .map(({ path, origin }) => [path, origin]),
      ),
    ),
    ...section('[filesystem] create', policy.create.map(row)),
    ...section(
      '[filesystem.seed]',
      policy.seeds.map(({ path, origin }) => [path, origin]),
    ),
    ...(['hidden', 'read_only'] as const).flatMap((kind) =>
      section(
        `[protect] ${kind}`,
        policy.protections
          .filter((protection) => protection.kind === kind)
          .map(({ path, origin }) => [path, origin]),
      ),
    ),
    ...section('[protect] lift', policy.lifts.map(row)),
    ...section('[sockets] connect', policy.connect.map(row)),
    ...section('[sockets] bind', policy.bind.map(row)),
    ...section(`[network] mode`, [row(network.mode)]),
    ...section('[network] hosts', network.hosts.map(row)),
    ...section('[network] registries', network.registries.map(row)),
    ...section('[network] loopback', network.loopback.map(row)),
    ...section('[network] listen', network.listen.map(row)),
    ...section('[environment] pass', environment.pass.map(row)),
    // A value may be a secret that somebody typed: names only.
    ...section(
      '[environment] set',
      [...environment.set].map(([name, { origin }]) => [name, origin]),
    ),
    ...section(
      '[environment.from]',
      [...environment.from].map(([name, { value, origin }]) => [
        `${name} from ${value.join(', ')}`,
        origin,
      ]),
    ),
    ...section('[environment] drop', environment.drop.map(row)),
    ...section(
      '[caches]',
      policy.caches.map(({ variable, place, origin }) => [`${variable} in ${place}`, origin]),
    ),
    ...section('features', policy.features.map(row)),
  ].join('\n')}\n`
}

/** The same for programs: names and origins of variables, never values. */
export const policyValue = (policy: Policy): Readonly<Record<string, unknown>> => ({
  ...policy,
  environment: {
    ...policy.environment,
    set: [...policy.environment.set].map(([name, { origin }]) => ({ name, origin })),
    from: [...policy.environment.from].map(([name, { value, origin }]) => ({
      name,
      sources: value,
      origin,
    })),
  },
})

type Row = readonly [string, Origin]

const row = ({ value, origin }: Sourced<string | number>): Row => [String(value), origin]

const originText = ({ file, line, because }: Origin, home: string): string =>
  `${tilde(file, home)}${line === undefined ? '' : `:${line}`}${because === undefined ? '' : `  # ${printable(because)}`}`

/** Columns two spaces apart; the last is not padded. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => columnsOf(cells[column]!))),
  )
  return rows
    .map(
      (cells) =>
        `${cells
          .map((cell, column) =>
            column === cells.length - 1 ? cell : padColumns(cell, widths[column]!),
          )
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}
