import { it } from 'vitest'
import { users, type User, whyNoKernel } from '../e2e/harness.ts'
import { CASES } from './cases.ts'

/**
 * What answers: the kernel through `launcher run`, the evaluator over the generated Seatbelt
 * profile, or launcher's own code on a fake machine.
 */
export type By = 'kernel' | 'evaluator' | 'launcher'

interface Result {
  readonly id: string
  readonly backend: string
  readonly label: string
  outcome: string
}

const results: Result[] = []

const backendOf = (by: By): string =>
  by === 'kernel'
    ? process.platform === 'darwin'
      ? 'seatbelt'
      : 'bubblewrap'
    : by === 'evaluator'
      ? 'seatbelt (evaluator)'
      : 'launcher'

const titleOf = (id: string): { title: string; on: string } => {
  const found = CASES.find((one) => one.id === id)
  if (found?.files === undefined) throw new Error(`${id} is no case that is marked as tested`)
  return found
}

const record = (
  id: string,
  by: By,
  label: string,
  reason: string | undefined,
  body: () => unknown,
  timeout?: number,
): void => {
  const result: Result = {
    id,
    backend: backendOf(by),
    label,
    outcome: reason === undefined ? 'not run' : `skipped: ${reason}`,
  }
  results.push(result)
  const name = `${id} ${titleOf(id).title} [${[result.backend, label].filter((word) => word !== '').join(', ')}]`
  it(
    name,
    async (context) => {
      if (reason !== undefined) context.skip(reason)
      result.outcome = 'FAILS'
      await body()
      result.outcome = 'holds'
    },
    timeout,
  )
}

/** Options of a kernel test. */
export interface KernelOptions {
  /** What else keeps it from running here. */
  readonly reason?: string | undefined
  /** What this test is about, where a case has several. */
  readonly part?: string
  readonly timeout?: number
}

const noKernel = whyNoKernel()

/** A case shown with the real kernel, once for each user the suite runs as. */
export const conformsInKernel = (
  id: string,
  body: (user: User) => unknown,
  { reason, part = '', timeout }: KernelOptions = {},
): void => {
  const { on } = titleOf(id)
  const foreign =
    process.platform === 'darwin'
      ? on === 'L'
        ? 'exists on Linux only'
        : undefined
      : on === 'M'
        ? 'exists on macOS only'
        : undefined
  for (const user of users())
    record(
      id,
      'kernel',
      [part, user.label].filter((word) => word !== '').join(', '),
      foreign ?? noKernel ?? reason,
      () => body(user),
      timeout,
    )
}

/**
 * A case shown without a kernel: by the evaluator over the profile for a Mac, or by launcher's code
 * on a fake machine.
 */
export const conforms = (
  id: string,
  by: Exclude<By, 'kernel'>,
  body: () => unknown,
  part = '',
): void => record(id, by, part, undefined, body)

/** Ids that a test was written for. */
export const registered = (): ReadonlySet<string> => new Set(results.map(({ id }) => id))

/** The table: one line for each case and backend. Reasons stand at the end of the line. */
export const table = (): string => {
  const lines = CASES.flatMap(({ id, title, later }) => {
    if (later !== undefined) return [[id, '-', 'later', `${title} (${later})`]]
    const mine = results.filter((result) => result.id === id)
    return [...new Set(mine.map(({ backend }) => backend))].map((backend) => [
      id,
      backend,
      ...outcomeOf(
        mine.filter((result) => result.backend === backend),
        title,
      ),
    ])
  })
  const [ids = 0, backends = 0, outcomes = 0] = [0, 1, 2].map((column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  )
  return lines
    .map(
      ([id = '', backend = '', outcome = '', text = '']) =>
        `${id.padEnd(ids)}  ${backend.padEnd(backends)}  ${outcome.padEnd(outcomes)}  ${text}`,
    )
    .join('\n')
}

const outcomeOf = (mine: readonly Result[], title: string): [string, string] => {
  const kinds = [...new Set(mine.map(({ outcome }) => outcome))]
  const counted = kinds.map(
    (kind) =>
      `${kind.replace(/: .*/s, '')} (${mine.filter(({ outcome }) => outcome === kind).length})`,
  )
  const reasons = kinds
    .filter((kind) => kind.startsWith('skipped'))
    .map((kind) => kind.replace('skipped: ', ''))
  const failing = mine
    .filter(({ outcome }) => outcome === 'FAILS')
    .map(({ label }) => label || 'alone')
  const said = [...reasons, ...(failing.length === 0 ? [] : [`fails: ${failing.join('; ')}`])]
  return [counted.join(', '), said.length === 0 ? title : `${title} (${said.join('; ')})`]
}
