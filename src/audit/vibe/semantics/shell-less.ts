import { isPrintable, partition, splitBlanks } from './python-text.ts'
import { hasShortOption, isLongOption, optionWords } from './shell-options.ts'

/** The first rule for `less`: its log file. */
export const firstLessAsks = (words: readonly string[]): boolean =>
  optionWords(words).some(
    (word) =>
      isLongOption(word, '--log-file') ||
      isLongOption(word, '--LOG-FILE') ||
      hasShortOption(word, 'oO', 'DbhjkpPtTxyz'),
  )

/**
 * The later rule: any option that reads keys from a file, runs a command or writes; values are
 * searched as well, because less reads on after a number or a `$`.
 */
export const lessAsks = (words: readonly string[]): boolean =>
  words.some((word) => word.length > LONGEST) || asks(words, new Map())

/** Each `$` of a word starts a new reading; a longer word is asked about unread. */
const LONGEST = 1000

/** Answers for single words, as every reading of a tail asks for the same tails again. */
type Seen = Map<string, boolean>

const asksAlone = (suffix: string, seen: Seen): boolean => {
  const word = /^[-+]/.test(suffix) ? suffix : `-${suffix}`
  const known = seen.get(word)
  if (known !== undefined) return known
  seen.set(word, asks([word], seen))
  return seen.get(word) === true
}

const asks = (words: readonly string[], seen: Seen): boolean => {
  if (words.some((word) => !isPrintable(word))) return true
  const resumed = words.flatMap((word) => partition(word, '$')[2].trimStart() || [])
  if (resumed.some((suffix) => asksAlone(suffix, seen))) return true
  const candidates = words.flatMap((word) =>
    splitBlanks(word).map((part) => ({ part, isEnd: word === '--' })),
  )
  for (let at = 0; at < candidates.length; at++) {
    const { part = '', isEnd = false } = candidates[at] ?? {}
    if (part === '--' && isEnd) return false
    const read = readWord(part, seen)
    if (read === 'asks') return true
    if (read === 'takes next') at++
  }
  return false
}

type Reading = 'asks' | 'takes next' | undefined

const readWord = (word: string, seen: Seen): Reading => {
  if (word.startsWith('+')) return startAsks(word, seen) ? 'asks' : undefined
  if (word.startsWith('--')) {
    const option = normalLong(word)
    return longAsks(option, seen) ? 'asks' : LONG_VALUES.includes(option) ? 'takes next' : undefined
  }
  return word.startsWith('-') ? readCluster(word, seen) : undefined
}

const readCluster = (word: string, seen: Seen): Reading => {
  for (let at = 1; at < word.length; at++) {
    const rest = word.slice(at)
    const option = word[at] ?? ''
    if (rest.startsWith('--')) return longAsks(normalLong(rest), seen) ? 'asks' : undefined
    if (option === '+') return startAsks(rest, seen) ? 'asks' : undefined
    if (/[0-9]/.test(option)) return numberAsks(rest, seen) ? 'asks' : undefined
    if ('koOtT'.includes(option)) return 'asks'
    if (!'"#DbhjkopPtTxyz'.includes(option)) continue
    const value = rest.slice(1)
    if (value === '') return 'takes next'
    return ('#bhjxyz'.includes(option) ? numberAsks(value, seen) : stringAsks(value, seen))
      ? 'asks'
      : undefined
  }
  return undefined
}

/** `--+name` resets an option; names have no case. */
const normalLong = (word: string): string => {
  const [name, hasValue, value] = partition(word.replace(/^--\+/, '--'), '=')
  return `${name.toLowerCase()}${hasValue ? '=' : ''}${value}`
}

const startAsks = (word: string, seen: Seen): boolean => {
  const command = word.replace(/^\+\+?/, '')
  if (/^(?:[gG]|[0-9]+)$/.test(command)) return false
  return /^[/?]/.test(command) ? stringAsks(command.slice(1), seen) : true
}

const numberAsks = (value: string, seen: Seen): boolean => {
  const rest = value.replace(/^-(?=[0-9.])/, '').replace(/^[0-9.,]+/, '')
  return rest !== '' && asksAlone(rest, seen)
}

const stringAsks = (value: string, seen: Seen): boolean => {
  const [, , rest] = partition(value, '$')
  return rest !== '' && asksAlone(rest, seen)
}

const longAsks = (word: string, seen: Seen): boolean => {
  if (LONG_ASKING.some((option) => isLongOption(word, option))) return true
  const [name, hasValue, value] = partition(word, '=')
  if (!hasValue) return false
  return LONG_NUMBERS.some((option) => isLongOption(name, option))
    ? numberAsks(value, seen)
    : stringAsks(value, seen)
}

const LONG_ASKING = [
  '--autosave',
  '--cmd',
  '--lesskey-content',
  '--lesskey-context',
  '--lesskey-file',
  '--lesskey-src',
  '--log-file',
  '--tag',
  '--tag-file',
]
const LONG_VALUES = [
  ...LONG_ASKING,
  '--buffers',
  '--color',
  '--emouse',
  '--end-prompt',
  '--jump-target',
  '--max-back-scroll',
  '--max-forw-scroll',
  '--pattern',
  '--prompt',
  '--quotes',
  '--rscroll',
  '--shift',
  '--tabs',
  '--window',
]
const LONG_NUMBERS = [
  '--buffers',
  '--header',
  '--jump-target',
  '--line-num-width',
  '--match-shift',
  '--max-back-scroll',
  '--max-forw-scroll',
  '--modelines',
  '--shift',
  '--status-col-width',
  '--tabs',
  '--wheel-lines',
  '--window',
]
