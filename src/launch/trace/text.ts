/** One argument of a call as strace prints it, cut out of its line. */
export type Argument = string

const OPENERS = '([{'
const CLOSERS = ')]}'

/**
 * Splits `AT_FDCWD</a>, "x, y", {a=1, b=2}) = 0` at its commas, up to `limit` arguments or the
 * bracket that ends the call.
 */
export const splitArguments = (text: string, limit: number): Argument[] => {
  const found: Argument[] = []
  let start = 0
  let depth = 0
  let at = 0
  for (; at < text.length && found.length < limit; at++) {
    const char = text[at]!
    if (char === '"') at = endOfString(text, at)
    else if (char === '<' && /[0-9D]/.test(text[at - 1] ?? '')) at = endOfDescriptor(text, at)
    else if (OPENERS.includes(char)) depth += 1
    else if (CLOSERS.includes(char)) {
      if (depth === 0) break
      depth -= 1
    } else if (char === ',' && depth === 0) {
      found.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  if (found.length < limit && start < at) found.push(text.slice(start, at).trim())
  return found
}

/** Index of the quote that ends the string begun at `start`. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

/**
 * Index of the `>` after a descriptor's name; strace writes angle brackets in names as octal
 * numbers.
 */
const endOfDescriptor = (text: string, start: number): number => {
  const end = text.indexOf('>', start)
  return end < 0 ? start : end
}

const SIMPLE: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  v: 11,
  f: 12,
  '\\': 92,
  '"': 34,
}

/**
 * The text that a quoted argument, or a name in angle brackets, stands for: octal escapes are
 * bytes, bytes are UTF-8.
 */
const unescape = (text: string): string => {
  if (!text.includes('\\')) return text
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char !== '\\') {
      bytes.push(char.charCodeAt(0))
      continue
    }
    const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))
    if (octal) {
      bytes.push(Number.parseInt(octal[0], 8))
      at += octal[0].length
      continue
    }
    const next = text[at + 1] ?? '\\'
    bytes.push(SIMPLE[next] ?? next.charCodeAt(0))
    at += 1
  }
  return new TextDecoder().decode(new Uint8Array(bytes))
}

/**
 * The content of a string argument; undefined for NULL, an address, or one that strace cut short.
 */
export const stringOf = (argument: Argument | undefined): string | undefined => {
  if (
    argument === undefined ||
    !argument.startsWith('"') ||
    !argument.endsWith('"') ||
    argument.length < 2
  )
    return undefined
  return unescape(argument.slice(1, -1))
}

/**
 * The name behind a descriptor (`3</a>`, `AT_FDCWD</a>`); undefined where strace knew none or it is
 * not a path.
 */
export const descriptorPath = (argument: Argument | undefined): string | undefined => {
  const start = argument?.indexOf('<') ?? -1
  if (argument === undefined || start < 0) return undefined
  const end = argument.indexOf('>', start)
  const name = unescape(argument.slice(start + 1, end < 0 ? undefined : end))
  return name.startsWith('/') ? name : undefined
}
