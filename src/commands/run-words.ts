import type { FlagRow } from './row.ts'
import type { Flag } from './policy-options.ts'
import type { RunFlags } from './run-flags.ts'

/** Flags of `run` besides those about the policy, with their help. */
export const RUN_FLAGS: readonly FlagRow[] = [
  {
    flag: '--map-host <list>',
    text: 'NAME=ADDRESS[,…]: the proxy takes these addresses for these hosts and asks nobody else',
  },
  {
    flag: '--ask',
    text: 'hold the connection to a new host and ask you in a second terminal: launcher net approve',
  },
  {
    flag: '--backend <name>',
    text: "seatbelt or bubblewrap; other than this machine's only with --dry-run or --print-program",
    completes: ['bubblewrap', 'seatbelt'],
  },
  { flag: '--dry-run', text: 'print the contract and start nothing' },
  {
    flag: '--print-program',
    text: 'print what the kernel would enforce and start nothing',
  },
  {
    flag: '--json',
    text: 'with --dry-run or --print-program: one JSON document on standard output',
  },
  { flag: '--quiet', text: 'do not print the contract' },
  {
    flag: '--exec',
    text: 'become the agent instead of staying as its parent (no watch, no summary)',
  },
  {
    flag: '--trace',
    text: 'collect what the kernel refuses (on Linux with strace, which slows the agent), for launcher explain',
  },
  { flag: '--debug', text: 'print how long each stage took' },
]

/** For launcher's own use: in no help. */
export const TRIAL: FlagRow = {
  flag: '--trial',
  text: 'keep no record of this run',
  isHidden: true,
}

/** The words of a `run` that needs no parser: at most one name, and flags written out in full. */
export interface PlainRun {
  readonly name: string | undefined
  readonly flags: RunFlags
}

/**
 * Reads the words after `run` as commander would, without loading it, which is a tenth of a start.
 * Whatever is not plain (an unknown flag, `--flag=value`, help, a second name, a value that looks
 * like a flag) is undefined and nothing is taken: then commander reads them and says what is wrong.
 */
export const plainRun = (
  words: readonly string[],
  policy: readonly Flag[],
): PlainRun | undefined => {
  const known = new Map<
    string,
    { readonly takesValue: boolean; readonly take: (value: string) => void }
  >()
  const flags: Record<string, string | true> = {}
  for (const { flag, take } of policy)
    known.set(nameOf(flag), { takesValue: flag.includes('<'), take })
  for (const { flag } of [...RUN_FLAGS, TRIAL]) {
    const takesValue = flag.includes('<')
    known.set(nameOf(flag), {
      takesValue,
      take: (value) => void (flags[camelCase(nameOf(flag))] = takesValue ? value : true),
    })
  }
  const names: string[] = []
  const taken: (() => void)[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('-')) {
      names.push(word)
      continue
    }
    const flag = known.get(word)
    if (!flag) return undefined
    const value = flag.takesValue ? words[++at] : ''
    if (value === undefined || value.startsWith('-')) return undefined
    taken.push(() => flag.take(value))
  }
  if (names.length > 1) return undefined
  for (const take of taken) take()
  return { name: names[0], flags }
}

const nameOf = (flag: string): string => flag.split(' ', 1)[0]!

const camelCase = (flag: string): string =>
  flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
