import { partition } from './python-text.ts'

/**
 * True when an operand of `date` sets the clock, as BSD's does: digits in pairs, or any operand
 * after `-f FORMAT`; never with `-j`.
 */
export const setsClock = (words: readonly string[]): boolean => {
  const { operands, isDry, hasFormat } = operandsOf(words)
  if (isDry || operands.length === 0) return false
  return hasFormat || operands.some(isClock)
}

interface Operands {
  readonly operands: readonly string[]
  readonly isDry: boolean
  readonly hasFormat: boolean
}

const TAKING_VALUES = ['--date', '--file', '--reference', '--rfc-3339']

const operandsOf = (words: readonly string[]): Operands => {
  const operands: string[] = []
  let [isDry, hasFormat] = [false, false]
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '--') {
      operands.push(...words.slice(at + 1).filter((rest) => !rest.startsWith('+')))
      break
    }
    if (word.startsWith('--')) at += TAKING_VALUES.includes(word) ? 1 : 0
    else if (word.startsWith('-') && word !== '-') {
      const cluster = clusterOf(word.slice(1))
      isDry ||= cluster.read.includes('j')
      hasFormat ||= cluster.read.includes('f')
      at += cluster.takesNext ? 1 : 0
    } else if (!word.startsWith('+')) operands.push(word)
  }
  return { operands, isDry, hasFormat }
}

/**
 * The letters that are options: up to `I`, or to one that takes the rest, or the next word, as its
 * value.
 */
const clusterOf = (letters: string): { readonly read: string; readonly takesNext: boolean } => {
  const stop = letters.search(/[Idfrvz]/)
  if (stop < 0) return { read: letters, takesNext: false }
  return {
    read: letters.slice(0, stop + 1),
    takesNext: letters[stop] !== 'I' && stop === letters.length - 1,
  }
}

const isClock = (word: string): boolean => {
  const [date, hasSeconds, seconds] = partition(word, '.')
  return (
    /^\p{Nd}+$/u.test(date) &&
    [2, 4, 6, 8, 10, 12].includes(Array.from(date).length) &&
    (!hasSeconds || /^\p{Nd}{2}$/u.test(seconds))
  )
}
