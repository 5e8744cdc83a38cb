import type { HardenedSemantics } from './bash-versions.ts'
import { setsClock } from './shell-date.ts'
import { firstLessAsks, lessAsks } from './shell-less.ts'
import {
  hasShortOption,
  isLongOption,
  longOptionValues,
  optionWords,
  shortOptionValues,
} from './shell-options.ts'

/** What the words of one command mean apart from their look. */
export interface CommandPolicy {
  /** An option writes, executes or reads a list of files: the user is asked. */
  readonly asks: boolean
  /** Operands are paths, though the command is not on the list of those that take paths. */
  readonly takesPaths: boolean
  /** Git reads the configuration of the repository here. */
  readonly readsRepository: boolean
  /** Values of options that name files. */
  readonly optionPaths: readonly string[]
}

/** Rules for the options of one command; the words do not include its name. */
type Rule = (words: readonly string[]) => Partial<CommandPolicy>

/** The policy of a command given as words; one without a rule is harmless. */
export const commandPolicy = (
  words: readonly string[],
  { policies }: HardenedSemantics,
): CommandPolicy => {
  const [name = '', ...rest] = words
  const rules = RULES[policies]
  const command = commandName(name, policies)
  return { ...HARMLESS, ...(Object.hasOwn(rules, command) ? rules[command]?.(rest) : {}) }
}

/**
 * Name of the program: its path is cut off, and from the third set on quotes, case and Windows'
 * endings too.
 */
export const commandName = (word: string, policies: HardenedSemantics['policies']): string => {
  if (policies !== 'third') return word.slice(word.lastIndexOf('/') + 1)
  const name = word.replace(/^["']+|["']+$/g, '').replaceAll('\\', '/')
  return name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/\.(?:exe|cmd|bat|com)$/, '')
}

const HARMLESS: CommandPolicy = {
  asks: false,
  takesPaths: false,
  readsRepository: false,
  optionPaths: [],
}

/**
 * True when a word before `--` is one of these: beginnings of long options, letters of short ones.
 */
const given = (
  words: readonly string[],
  long: readonly string[],
  short = '',
  takingValues = '',
): boolean =>
  optionWords(words).some(
    (word) =>
      long.some((option) => isLongOption(word, option)) ||
      hasShortOption(word, short, takingValues),
  )

const among = (words: readonly string[], wanted: readonly string[]): boolean =>
  optionWords(words).some((word) => wanted.includes(word))

const sort =
  (long: readonly string[]): Rule =>
  (words) => ({
    asks: given(words, long, 'oT', 'kSt'),
    optionPaths: longOptionValues(words, ['--random-source']),
  })

const SORT_OPTIONS = ['--compress-program', '--output', '--temporary-directory']

const grep =
  (long: readonly string[]): Rule =>
  (words) => ({
    optionPaths: [...longOptionValues(words, long), ...shortOptionValues(words, 'f', 'ABCDdem')],
  })

const filePaths: Rule = (words) => {
  const lists = [
    ...longOptionValues(words, ['--files-from']),
    ...shortOptionValues(words, 'f', 'eFP'),
  ]
  const magic = [
    ...longOptionValues(words, ['--magic-file']),
    ...shortOptionValues(words, 'm', 'eFP'),
  ]
  return { optionPaths: [...lists, ...magic.flatMap((value) => value.split(':'))] }
}

const files0: Rule = (words) => ({ optionPaths: longOptionValues(words, ['--files0-from']) })
const asksFiles0: Rule = (words) => ({ ...files0(words), asks: given(words, ['--files0-from']) })

const datePaths: Rule = (words) => ({
  asks: given(words, ['--set'], 's', 'dfIr'),
  optionPaths: [...longOptionValues(words, ['--file']), ...shortOptionValues(words, 'f', 'ds')],
})

const FIND_ACTIONS = [
  '-delete',
  '-exec',
  '-execdir',
  '-fls',
  '-fprint',
  '-fprintf',
  '-fprint0',
  '-ok',
  '-okdir',
]

const checksum: Rule = (words) => ({ asks: given(words, ['--check'], 'c', 'a') })

const firstGit: Rule = ([subcommand = '', ...words]) => {
  if (subcommand !== 'diff' && subcommand !== 'log') return {}
  return {
    asks: given(words, ['--output']) || among(words, ['--ext-diff', '--textconv']),
    takesPaths: subcommand === 'diff' && among(words, ['--no-index']),
  }
}

const git: Rule = ([subcommand = '', ...words]) => {
  if (!['diff', 'log', 'status'].includes(subcommand)) return {}
  const merges = longOptionValues(words, ['--diff-merges']).map((value) => value.toLowerCase())
  return {
    asks:
      given(words, [
        '--ext-diff',
        '--help',
        '--output',
        '--remerge-diff',
        '--show-signature',
        '--textconv',
      ]) ||
      merges.includes('r') ||
      merges.includes('remerge'),
    takesPaths: subcommand === 'diff' && among(words, ['--no-index']),
    readsRepository: true,
    optionPaths: [
      ...longOptionValues(words, ['--pathspec-from-file']),
      ...(subcommand === 'status' ? [] : shortOptionValues(words, 'O', '')),
    ],
  }
}

/** `uniq IN OUT` writes: two operands ask. */
const uniq: Rule = (words) => {
  let [operands, at] = [0, 0]
  for (; at < words.length && words[at] !== '--'; at++) {
    const word = words[at] ?? ''
    if (word.startsWith('--'))
      at += ['--check-chars', '--skip-chars', '--skip-fields'].includes(word) ? 1 : 0
    else if ((word.startsWith('-') && word !== '-') || /^\+\p{Nd}+$/u.test(word))
      at += /^[^fsw]*[fsw]$/s.test(word.slice(1)) ? 1 : 0
    else operands++
  }
  return { asks: operands + Math.max(words.length - at - 1, 0) >= 2 }
}

const FIRST: Readonly<Record<string, Rule>> = {
  date: datePaths,
  diff: (words) => ({ optionPaths: longOptionValues(words, ['--from-file', '--to-file']) }),
  du: files0,
  file: filePaths,
  find: (words) => ({ asks: among(words, FIND_ACTIONS) }),
  git: firstGit,
  grep: grep(['--file']),
  less: (words) => ({ asks: firstLessAsks(words) }),
  sort: sort(SORT_OPTIONS),
  tree: (words) => ({ asks: given(words, ['--output'], 'o', 'HILPTX'), takesPaths: true }),
  wc: files0,
}

const SECOND: Readonly<Record<string, Rule>> = {
  ...FIRST,
  sort: sort([...SORT_OPTIONS, '--files0-from']),
}

const THIRD: Readonly<Record<string, Rule>> = {
  date: (words) => ({
    ...datePaths(words),
    asks: setsClock(words) || datePaths(words).asks === true,
  }),
  diff: (words) => ({
    optionPaths: [
      ...longOptionValues(words, ['--exclude-from', '--from-file', '--to-file']),
      ...shortOptionValues(words, 'X', 'CDFILSUWx'),
    ],
  }),
  du: (words) => ({
    asks: given(words, ['--files0-from']),
    optionPaths: [
      ...longOptionValues(words, ['--files0-from', '--exclude-from']),
      ...shortOptionValues(words, 'X', 'Bdt'),
    ],
  }),
  file: (words) => ({
    ...filePaths(words),
    asks: given(
      words,
      ['--compile', '--files-from', '--uncompress', '--uncompress-noreport'],
      'CfzZ',
      'eFmP',
    ),
  }),
  find: (words) => ({ asks: among(words, [...FIND_ACTIONS, '-files0-from']) }),
  git,
  grep: grep(['--exclude-from', '--file']),
  less: (words) => ({ asks: lessAsks(words) }),
  md5sum: checksum,
  more: (words) => ({ asks: lessAsks(words) }),
  sha1sum: checksum,
  sha256sum: checksum,
  shasum: checksum,
  sort: sort([...SORT_OPTIONS, '--files0-from']),
  tree: (words) => ({
    asks:
      given(words, ['--output']) ||
      optionWords(words).some((word) => /^-[^-].*/s.test(word) && word.slice(1).includes('o')),
    takesPaths: true,
    optionPaths: longOptionValues(words, ['--gitfile']),
  }),
  uniq,
  wc: asksFiles0,
}

const RULES: Readonly<Record<HardenedSemantics['policies'], Readonly<Record<string, Rule>>>> = {
  first: FIRST,
  second: SECOND,
  third: THIRD,
}
