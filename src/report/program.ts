import type { Program, ProgramView } from '../backend/backend.ts'
import { padColumns } from '../text/columns.ts'
import { type Contract, originText } from './contract.ts'
import { printable } from '../text/unsafe-text.ts'

/** The program as text: what would be enforced, each part with its origin. */
export const programText = (program: Program, contract: Contract): string => {
  const { comment, text, steps } = program.view()
  const head = contract.isForInspection
    ? `${comment} for inspection: this machine cannot enforce it\n`
    : ''
  return `${head}${text}${steps.map((step) => `${stepLine(step, comment)}\n`).join('')}`
}

const stepLine = ({ words, origin }: ProgramView['steps'][number], comment: string): string => {
  const line = words.map(printable).join(' ')
  return origin ? `${padColumns(line, 60)}  ${comment} ${printable(originText(origin))}` : line
}

/** The program for programs; the shape is a promise: what each backend adds is its own. */
export const programJson = (program: Program, contract: Contract): Record<string, unknown> => ({
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
  ...program.view().json,
})
