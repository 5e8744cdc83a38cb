/** One line of strace's output, told apart but for its arguments. */
export type TraceLine =
  | {
      readonly type: 'call'
      readonly pid: number
      readonly at: number
      readonly name: string /** From behind the opening bracket to the end. */
      readonly rest: string
    }
  | {
      readonly type: 'unfinished'
      readonly pid: number
      readonly name: string
      readonly head: string
    }
  | { readonly type: 'resumed'; readonly pid: number; readonly at: number; readonly tail: string }
  | {
      readonly type: 'ended'
      readonly pid: number
      readonly at: number /** Exit code, or 128 + n for a signal. */
      readonly status: number
    }

/** `1234  1700000000.123456 name(`: strace pads process numbers with spaces. */
const START =
  /^(\d+) +(\d+\.\d+) (?:([a-z_0-9]+)\(|<\.\.\. ([a-z_0-9]+) resumed>|\+\+\+ (exited with|killed by) (\S+))/
const UNFINISHED = '<unfinished ...>'

/**
 * Reads a line; undefined for what says nothing about a call (signals, stops, strace's own
 * remarks). `signals` gives the numbers of signals.
 */
export const readLine = (
  line: string,
  signals: Readonly<Record<string, number>>,
): TraceLine | undefined => {
  const match = START.exec(line)
  if (!match) return undefined
  const pid = Number(match[1])
  const at = Number(match[2]) * 1000
  const rest = line.slice(match[0].length)
  const [, , , name, resumed, ended, status] = match
  if (name !== undefined) {
    return rest.endsWith(UNFINISHED)
      ? { type: 'unfinished', pid, name, head: rest.slice(0, -UNFINISHED.length).trimEnd() }
      : { type: 'call', pid, at, name, rest }
  }
  if (resumed !== undefined) return { type: 'resumed', pid, at, tail: rest.trimStart() }
  return ended === undefined
    ? undefined
    : {
        type: 'ended',
        pid,
        at,
        status: ended === 'exited with' ? Number(status) : 128 + (signals[status ?? ''] ?? 0),
      }
}

/** What a call came to: the error's name, or the number it returned. */
export type Outcome = { readonly error: string } | { readonly value: number } | undefined

/** ` = -1 ENOENT (…)`, ` = 3</a>`, ` = 2 /* 31806 in strace's PID NS *\/`. */
const RESULT =
  /^= (?:-1 ([A-Z0-9]+)|(\d+)(?:<[^>]*>(?:\(deleted\))?)?(?:\s+\/\* (\d+) in strace's PID NS \*\/)?)/

/**
 * The outcome at the end of a call. Searched from the right: a file can be called `) = -1 EPERM`,
 * but strace's own words come last and hold no `= `.
 */
export const outcomeOf = (rest: string): Outcome => {
  const equals = rest.lastIndexOf('= ')
  const match = equals > 0 ? RESULT.exec(rest.slice(equals)) : null
  if (!match) return undefined
  return match[1] === undefined ? { value: Number(match[3] ?? match[2]) } : { error: match[1] }
}
