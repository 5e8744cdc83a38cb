import type { Command } from 'commander'
import type { Flag } from './policy-options.ts'
import type { RunFlags } from './run-flags.ts'

/** Flags of `run` besides those about the policy, with their help. */
const RUN_FLAGS: readonly (readonly [flag: string, text: string])[] = [
  [
    '--map-host <list>',
    'NAME=ADDRESS[,…]: the proxy takes these addresses for these hosts and asks nobody else',
  ],
  [
    '--ask',
    'hold the connection to a new host and ask you in a second terminal: launcher net approve',
  ],
  [
    '--backend <name>',
    "seatbelt or bubblewrap; other than this machine's only with --dry-run or --print-program",
  ],
  ['--dry-run', 'print the contract and start nothing'],
  ['--print-program', 'print what the kernel would enforce and start nothing'],
  ['--json', 'with --dry-run or --print-program: one JSON document on standard output'],
  ['--quiet', 'do not print the contract'],
  ['--exec', 'become the agent instead of staying as its parent (no watch, no summary)'],
  [
    '--trace',
    'collect what the kernel refuses (on Linux with strace, which slows the agent), for launcher explain',
  ],
  ['--debug', 'print how long each stage took'],
]

/** For launcher's own use: in no help. */
const TRIAL = ['--trial', 'keep no record of this run'] as const

/** Adds them to a command. */
export const addRunFlags = (command: Command): Command =>
  RUN_FLAGS.reduce((all, [flag, text]) => all.option(flag, text), command).addOption(
    command.createOption(...TRIAL).hideHelp(),
  )

/** The words of a `run` that needs no parser: at most one name, and flags written out in full. */
export interface PlainRun {
  readonly name: string | undefined
  readonly flags: RunFlags
}

/**
 * Reads the words after `run` as commander would, without loading it, which is a tenth of a start. Whatever is not
 * plain (an unknown flag, `--flag=value`, help, a second name, a value that looks like a flag) is undefined and
 * nothing is taken: then commander reads them and says what is wrong.
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
  for (const [flag] of [...RUN_FLAGS, TRIAL]) {
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
