import { partition } from './python-text.ts'

/** Words before `--`: those that may be options. */
export const optionWords = (words: readonly string[]): readonly string[] => {
  const end = words.indexOf('--')
  return end < 0 ? words : words.slice(0, end)
}

/** `--out=x` and `--ou` are `--output` too: GNU takes any beginning. */
export const isLongOption = (word: string, option: string): boolean => {
  const [name] = partition(word, '=')
  return name === option || (name.startsWith('--') && name !== '--' && option.startsWith(name))
}

/**
 * True when a cluster of short options has one of `options`, before any that takes the rest of the
 * word as its value.
 */
export const hasShortOption = (word: string, options: string, takingValues: string): boolean => {
  if (!word.startsWith('-') || word.startsWith('--')) return false
  for (const letter of word.slice(1)) {
    if (options.includes(letter)) return true
    if (takingValues.includes(letter)) return false
  }
  return false
}

/** Values given to long options, in their own word or the next one. */
export const longOptionValues = (
  words: readonly string[],
  options: readonly string[],
): string[] => {
  const candidates = optionWords(words)
  return candidates.flatMap((word, index) => {
    if (!options.some((option) => isLongOption(word, option))) return []
    const [, isAttached, value] = partition(word, '=')
    if (isAttached) return value === '' ? [] : [value]
    return candidates.slice(index + 1, index + 2)
  })
}

/** Values given to short options, at the end of a cluster or in the next word. */
export const shortOptionValues = (
  words: readonly string[],
  options: string,
  takingValues: string,
): string[] => {
  const candidates = optionWords(words)
  return candidates.flatMap((word, index) => {
    if (!word.startsWith('-') || word.startsWith('--')) return []
    const letters = Array.from(word.slice(1))
    const stop = letters.findIndex(
      (letter) => options.includes(letter) || takingValues.includes(letter),
    )
    if (stop < 0 || !options.includes(letters[stop] ?? '')) return []
    const attached = letters.slice(stop + 1).join('')
    return attached === '' ? candidates.slice(index + 1, index + 2) : [attached]
  })
}
