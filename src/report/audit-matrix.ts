import type { JoinedProbe, ProbeCwd } from '../audit/model.ts'

/** Subjects with the same answers everywhere, and what these are. */
export interface MatrixRow {
  readonly cwd: ProbeCwd
  readonly group: JoinedProbe['group']
  readonly subjects: readonly string[]
  /** By tool, in the order of {@link Matrix.tools}; undefined where a tool was not asked. */
  readonly cells: readonly (JoinedProbe | undefined)[]
}

/** Probes folded to what differs. */
export interface Matrix {
  readonly tools: readonly string[]
  readonly rows: readonly MatrixRow[]
}

/**
 * One row for each set of subjects that are answered alike; `fold: false` gives each its own.
 * Commands have a matrix of their own.
 */
export const matrixOf = (probes: readonly JoinedProbe[], fold: boolean): Matrix => {
  const tools = [...new Set(probes.map(({ tool }) => tool))]
  const bySubject = new Map<string, JoinedProbe[]>()
  for (const probe of probes) {
    const key = JSON.stringify([probe.cwd, probe.group, probe.subject])
    bySubject.set(key, [...(bySubject.get(key) ?? []), probe])
  }
  const rows = new Map<string, MatrixRow>()
  for (const [key, group] of bySubject) {
    const first = group[0]!
    const cells = tools.map((tool) => group.find((probe) => probe.tool === tool))
    const alike = fold
      ? JSON.stringify([
          first.cwd,
          first.group,
          cells.map((cell) => cell && [cell.gate.verdict, cell.kernel?.shut]),
        ])
      : key
    const known = rows.get(alike)
    rows.set(
      alike,
      known
        ? { ...known, subjects: [...known.subjects, first.subject] }
        : { cwd: first.cwd, group: first.group, subjects: [first.subject], cells },
    )
  }
  return { tools, rows: [...rows.values()] }
}

/** How many doors each number of layers stands before. Reading what is no secret is no door. */
export const countLayers = (
  probes: readonly JoinedProbe[],
): Readonly<Record<JoinedProbe['layers'], number>> & { readonly runs: number } => {
  const doors = probes.filter(isDoor)
  const count = (layers: JoinedProbe['layers']): number =>
    doors.filter((probe) => probe.layers === layers).length
  return {
    two: count('two'),
    gate: count('gate'),
    kernel: count('kernel'),
    none: count('none'),
    runs: doors.filter(({ gate }) => gate.verdict === 'RUNS').length,
  }
}

/** True for a probe that does harm when it runs: a start-up file may be read by anybody. */
export const isDoor = ({ group, needs }: JoinedProbe): boolean =>
  group !== 'persistence' || needs.some((need) => need.kind === 'path' && need.operation !== 'read')
