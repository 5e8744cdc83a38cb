import { type Answer, answer } from './answer.ts'
import type { Judge } from './judge.ts'
import { ROWS } from './rows.ts'

/** What an exit code says about a target. */
export interface ExitMeaning {
  readonly code: number
  /** One sentence. */
  readonly meaning: string
  /** Rows of the catalogue that end this way under the backend. */
  readonly rows: readonly number[]
  /** For 126 and 127: what the policy says of executing the target. */
  readonly answer?: Answer
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  4: 'ILL',
  5: 'TRAP',
  6: 'ABRT',
  7: 'BUS',
  8: 'FPE',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  14: 'ALRM',
  15: 'TERM',
  24: 'XCPU',
  25: 'XFSZ',
  31: 'SYS',
}

const FIXED: Readonly<Record<number, string>> = {
  0: 'it ended well',
  1: "the agent's own code for a failure, or bubblewrap's if one line begins with `bwrap:`",
  125: "launcher's own: nothing was started, or the run was ended because enforcement was lost; its message says which",
  126: 'the program was found and could not be executed: no grant, a mode, or an interpreter that may not be executed',
  127: 'the program was not found, or its interpreter or loader was not: a script whose first line names something that cannot be reached ends like a missing one',
}

/** What the backend's own program says by its code. */
const OWN: Readonly<Partial<Record<Judge['backend'], Readonly<Record<number, string>>>>> = {
  seatbelt: {
    64: 'a wrong use of sandbox-exec, or `log` refusing to work inside a sandbox',
    65: 'the profile does not compile: a fault of launcher',
    66: 'the profile file cannot be opened',
    71: 'the sandbox was refused (already inside one), or the program could not be executed',
    86: 'a program for another processor: Rosetta is missing or hidden',
  },
}

/** What a code means, and for 126 and 127 whether the sandbox keeps `target` from starting. */
export const explainExit = (code: number, judge: Judge, target?: string): ExitMeaning => {
  const rows = ROWS.filter(
    (row) => row.exits?.includes(code) === true && row.means[judge.backend] !== undefined,
  ).map((row) => row.id)
  const meaning =
    OWN[judge.backend]?.[code] ?? FIXED[code] ?? signalMeaning(code) ?? "the agent's own code"
  const path = target === undefined || target.includes('/') ? target : judge.program(target)
  const [told] =
    (code === 126 || code === 127) && target !== undefined
      ? answer(
          [
            {
              line: 0,
              lines: 0,
              row: code === 127 ? 76 : 32,
              raw: '',
              paths: path === undefined ? [] : [path],
              operation: 'exec',
              error: code === 127 ? 'ENOENT' : 'EACCES',
              host: undefined,
              program: target,
            },
          ],
          judge,
        )
      : []
  return { code, meaning, rows, ...(told ? { answer: told } : {}) }
}

const signalMeaning = (code: number): string | undefined => {
  const number = code - 128
  if (number < 1 || number > 64) return undefined
  const name = SIGNALS[number]
  const why =
    number === 6 || number === 5
      ? '; with nothing printed, the loader or the runtime could not read what it needs'
      : number === 9
        ? '; somebody, or the kernel, killed it'
        : number === 31
          ? '; a system call that is not there'
          : ''
  return `ended by signal ${number}${name === undefined ? '' : ` (SIG${name})`}${why}`
}
