import { padColumns } from '../text/columns.ts'
import type { BubblewrapProgram, MountOperation } from '../backend/bubblewrap/program.ts'
import type { SeatbeltProgram } from '../backend/seatbelt/program.ts'
import { type Contract, originText } from './contract.ts'
import { printable } from '../text/unsafe-text.ts'

type AnyProgram =
  | ({ readonly backend: 'bubblewrap' } & BubblewrapProgram)
  | ({ readonly backend: 'seatbelt' } & SeatbeltProgram)

/** The program as text: what would be enforced, each part with its origin. `words` are bubblewrap's own for a step. */
export const programText = (
  program: AnyProgram,
  contract: Contract,
  words: (operation: MountOperation) => readonly string[],
): string => {
  const head = contract.isForInspection
    ? `${comment(program)} for inspection: this machine cannot enforce it\n`
    : ''
  if (program.backend === 'seatbelt') {
    return `${head}${program.profile}${program.params.map(({ name, value }) => `; -D ${name}=${printable(value)}\n`).join('')}`
  }
  return `${head}${program.operations.map((operation) => operationLine(operation, words(operation))).join('\n')}\n`
}

const comment = (program: AnyProgram): string => (program.backend === 'seatbelt' ? ';' : '#')

const operationLine = (operation: MountOperation, words: readonly string[]): string =>
  `${padColumns(words.map(printable).join(' '), 60)}  # ${printable(originText(operation.origin))}`

/** The program for programs; the shape is a promise: `operations` for bubblewrap, `profile` and `params` for Seatbelt. */
export const programJson = (program: AnyProgram, contract: Contract): Record<string, unknown> => ({
  backend: program.backend,
  forInspection: contract.isForInspection,
  argv: contract.argv,
  environment: [
    ...contract.environment.variables.map(({ name, source, origin }) => ({ name, source, origin })),
    ...contract.environment.waiting.map(({ name, items, origin }) => ({
      name,
      source: `keychain:${items[0] ?? ''}`,
      origin,
    })),
  ],
  ...(program.backend === 'seatbelt'
    ? { profile: program.profile, params: program.params, origins: program.origins }
    : {
        operations: program.operations.map((operation) => ({
          type: operation.type,
          source: 'source' in operation ? operation.source : null,
          dest: operation.dest,
          origin: operation.origin,
        })),
        placeholders: program.placeholders,
        network: program.hasOwnNetwork ? 'none' : 'host',
      }),
})
