import { splitBlanks } from './python-text.ts'

/**
 * Python's `shlex.split(command)`, or its `command.split()` where shlex fails at an open quote: how
 * Vibe takes an extracted command apart.
 */
export const shellWords = (command: string): string[] => shlexSplit(command) ?? splitBlanks(command)

interface Lexer {
  readonly words: string[]
  word: string
  /** True once the word has had a quote: then it counts though it may be empty. */
  isQuoted: boolean
  /** The quote that is open. */
  quote: string | undefined
  isEscaped: boolean
}

const shlexSplit = (command: string): string[] | undefined => {
  const lexer: Lexer = { words: [], word: '', isQuoted: false, quote: undefined, isEscaped: false }
  for (let at = 0; at < command.length; at++) {
    const char = command.charAt(at)
    if (lexer.isEscaped) escapedChar(lexer, char)
    else if (lexer.quote !== undefined) quotedChar(lexer, lexer.quote, char)
    else {
      PLAIN.lastIndex = at
      const run = PLAIN.exec(command)?.[0]
      if (run === undefined) plainChar(lexer, char)
      else {
        lexer.word += run
        at += run.length - 1
      }
    }
  }
  if (lexer.isEscaped || lexer.quote !== undefined) return undefined
  endWord(lexer)
  return lexer.words
}

const escapedChar = (lexer: Lexer, char: string): void => {
  const isKept = lexer.quote !== undefined && char !== '\\' && char !== lexer.quote
  lexer.word += isKept ? `\\${char}` : char
  lexer.isEscaped = false
}

const quotedChar = (lexer: Lexer, quote: string, char: string): void => {
  if (char === quote) lexer.quote = undefined
  else if (char === '\\' && quote === '"') lexer.isEscaped = true
  else lexer.word += char
}

/** What stands for itself outside quotes. */
const PLAIN = /[^ \t\r\n\\"']+/y

const plainChar = (lexer: Lexer, char: string): void => {
  if (char === '\\') lexer.isEscaped = true
  else if (char === '"' || char === "'") {
    lexer.quote = char
    lexer.isQuoted = true
  } else endWord(lexer)
}

const endWord = (lexer: Lexer): void => {
  if (lexer.word !== '' || lexer.isQuoted) lexer.words.push(lexer.word)
  lexer.word = ''
  lexer.isQuoted = false
}
