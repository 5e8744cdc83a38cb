/** Reads what the reporter left: counts, what was skipped and what failed, seconds and CPU seconds, and the files that were running when it was cut. */
export const readResults = (text) => {
  const lines = text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line)]
    } catch {
      // The last line of a process that was killed.
      return []
    }
  })
  const of = (kind) => lines.filter((line) => line.kind === kind)
  const ended = new Map(of('ended').map((line) => [line.file, line]))
  const running = of('begun').filter(({ file }) => !ended.has(file))
  const tests = [
    ...[...ended.values()].flatMap((module) => module.tests),
    ...of('test').filter(({ file }) => !ended.has(file)),
  ]
  const counted = (...states) => tests.filter(({ state }) => states.includes(state))
  const errors = [...ended.values(), ...of('done')].reduce((sum, line) => sum + line.errors, 0)
  return {
    passed: counted('passed').length,
    failed: counted('failed', 'pending').length + errors,
    skipped: counted('skipped').map(({ title, reason }) => ({ title, reason })),
    failures: counted('failed').map(({ title }) => title),
    running: running.map(({ name }) => name),
    isWhole: of('done').length > 0,
    seconds: sums([...ended.values()].map(({ name, seconds }) => [folderOf(name), seconds])),
    cpu: sums(
      of('cpu').map(({ file, own, children }) => [
        of('begun').find((line) => line.file === file)?.lane ?? 'elsewhere',
        (own + children) / 1000,
      ]),
    ),
  }
}

const folderOf = (name) => name.split('/').slice(1, -1).join('/') || 'test'

/** The longest first. */
const sums = (entries) => {
  const groups = new Map()
  for (const [group, value] of entries) groups.set(group, (groups.get(group) ?? 0) + value)
  return [...groups].sort((a, b) => b[1] - a[1])
}

/** The last lines of `npm test`: the time of each group, each failed test, each skipped one with its reason, then the counts alone on a line. */
export const summary = ({
  passed,
  failed,
  skipped,
  failures = [],
  seconds = [],
  cpu = [],
  running = [],
}) => [
  ...(seconds.length > 0 ? [`time by group: ${list(seconds)}`] : []),
  ...(cpu.length > 0 ? [`CPU time by lane: ${list(cpu)}`] : []),
  ...running.map((name) => `not finished: ${name}`),
  ...failures.map((title) => `failed: ${oneLine(title)}`),
  ...skipped.map(
    ({ title, reason }) => `skipped: ${oneLine(title)}: ${oneLine(reason ?? 'no reason given')}`,
  ),
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
]

const list = (groups) => groups.map(([group, time]) => `${group} ${time.toFixed(1)} s`).join(', ')

const oneLine = (text) => text.replace(/\s+/g, ' ').trim()
