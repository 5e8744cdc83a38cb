/** Notes when stages end, for `--debug`. Marks cost nothing worth measuring. */
export interface Stopwatch {
  mark(stage: string): void
  /** One line a stage: its name and its milliseconds. */
  report(): string
}

/** Starts now; `launched` is what passed before (Node's own start and loading), in milliseconds. */
export const startStopwatch = (launched: number): Stopwatch => {
  const marks: [string, number][] = [['load', launched]]
  let last = performance.now()
  return {
    mark: (stage) => {
      const now = performance.now()
      marks.push([stage, now - last])
      last = now
    },
    report: () =>
      marks
        .map(
          ([stage, milliseconds]) =>
            `launcher: ${stage.padEnd(12)} ${milliseconds.toFixed(1).padStart(7)} ms\n`,
        )
        .join(''),
  }
}
