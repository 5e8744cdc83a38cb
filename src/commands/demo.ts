import { columnsOf, padColumns } from '../text/columns.ts'
import { type Attempt, runStandIn, type StandInResult } from '../launch/stand-in.ts'
import { join } from '../machine/paths.ts'
import { envelope } from '../report/json.ts'
import { paletteFor } from '../report/text.ts'
import { printable } from '../text/unsafe-text.ts'
import type { CommandContext } from './context.ts'

/** What must work inside; everything else that the stand-in tries must be refused. */
const MUST_WORK = new Set([
  'read a file of the project',
  'write a file of the project',
  'make a directory and move it',
  'start a program',
])

interface Row {
  readonly attempt: string
  readonly expected: 'works' | 'refused'
  /** The same attempt without a sandbox: a refusal proves nothing unless it works there. */
  readonly outside: 'works' | 'fails'
  readonly kernel: string
  readonly asExpected: boolean
}

/**
 * `launcher demo`: a stand-in agent tries to get out. Returns 0 when every answer is the expected
 * one, else 1.
 */
export const demoCommand = async (context: CommandContext): Promise<number> => {
  const result = await runStandIn(context.host.installation, [
    join(context.host.installation, 'dist/launcher.cjs'),
  ])
  const rows = rowsOf(result)
  const isFine =
    result.code === 0 &&
    rows.length > MUST_WORK.size &&
    rows.every((row) => row.asExpected) &&
    result.changed.length === 0
  if (context.json)
    context.out(envelope('demo', { ok: isFine, rows, changed: result.changed, code: result.code }))
  else context.out(demoText(result, rows, isFine, context))
  return isFine ? 0 : 1
}

const rowsOf = ({ outside, inside }: StandInResult): Row[] =>
  outside.map((twin) => {
    const caged = inside.find((attempt) => attempt.name === twin.name)
    const expected = MUST_WORK.has(twin.name) ? 'works' : 'refused'
    const answered = caged === undefined ? 'not attempted' : caged.ok ? 'works' : 'refused'
    return {
      attempt: twin.name,
      expected,
      outside: twin.ok ? 'works' : 'fails',
      kernel: caged === undefined || caged.ok ? answered : wordsOf(caged),
      asExpected: twin.ok && answered === expected,
    }
  })

const wordsOf = (attempt: Attempt): string => `refused: ${attempt.words}`

const demoText = (
  result: StandInResult,
  rows: readonly Row[],
  isFine: boolean,
  { screen, host }: CommandContext,
): string => {
  const palette = paletteFor(screen.isTerminal, host.env)
  const width = Math.max(...rows.map((row) => columnsOf(row.attempt)), 8)
  const line = (row: Row): string => {
    const mark = row.asExpected ? palette.green('ok ') : palette.red('BAD')
    return `${mark}  ${padColumns(row.attempt, width)}  ${row.expected.padEnd(8)}  ${row.outside.padEnd(9)}  ${printable(row.kernel)}`
  }
  const head = palette.bold(
    `     ${'attempted'.padEnd(width)}  expected  unsandboxed  kernel's answer`.replace(
      'unsandboxed',
      'outside  ',
    ),
  )
  const tail = isFine
    ? `${rows.length} attempts, all as expected; nothing outside the project changed.`
    : `${rows.filter((row) => !row.asExpected).length} of ${rows.length} attempts not as expected${result.changed.length > 0 ? `; changed: ${result.changed.join(', ')}` : ''}; the run ended with ${result.code}.`
  return `${result.contract}\n\n${head}\n${rows.map(line).join('\n')}\n\n${isFine ? palette.green(tail) : palette.red(tail)}\n`
}
