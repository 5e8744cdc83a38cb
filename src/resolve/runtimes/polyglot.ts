/** The interpreter that a `#!/bin/sh` + `'''exec' …` script starts itself with. */
export type Polyglot =
  | { readonly kind: 'absolute'; readonly interpreter: string }
  /** Relative to the directory of the real script; `dirname` and `realpath` are run to find it. */
  | { readonly kind: 'relocatable'; readonly name: string; readonly helpers: readonly string[] }
  | { readonly kind: 'unknown' }

/**
 * What uv and pip write when the interpreter's path is too long for a first line, has a space, or
 * must not be absolute.
 */
const RELOCATABLE = /^"\$\(dirname -- "\$\(realpath -- "\$0"\)"\)"\/(.*)$/

/** Reads line 2 of a shell script; undefined when it is not the polyglot form. */
export const parsePolyglot = (text: string): Polyglot | undefined => {
  const line = text.split('\n')[1]
  const start = line === undefined ? null : /^'''exec'[ \t]+(.*)$/.exec(line)
  if (start === null) return undefined
  const rest = start[1] ?? ''
  const relocatable = RELOCATABLE.exec(rest)
  if (relocatable !== null) {
    const name = readWord(relocatable[1] ?? '')
    return name === undefined || name === '' || name.startsWith('/')
      ? { kind: 'unknown' }
      : { kind: 'relocatable', name, helpers: ['dirname', 'realpath'] }
  }
  const interpreter = readWord(rest)
  return interpreter?.startsWith('/') === true
    ? { kind: 'absolute', interpreter }
    : { kind: 'unknown' }
}

/**
 * The first word as the shell reads it, quotes removed; undefined when its value depends on
 * anything, or a quote does not end.
 */
const readWord = (text: string): string | undefined => {
  let word = ''
  for (let at = 0; at < text.length; ) {
    const char = text[at] ?? ''
    if (char === ' ' || char === '\t') break
    if (char === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) return undefined
      word += text.slice(at + 1, end)
      at = end + 1
    } else if (char === '"') {
      const quoted = /^"((?:[^"\\$`]|\\.)*)"/.exec(text.slice(at))
      if (quoted === null) return undefined
      word += (quoted[1] ?? '').replaceAll(/\\(["\\$`])/g, '$1')
      at += quoted[0].length
    } else if (char === '\\') {
      word += text[at + 1] ?? ''
      at += 2
    } else if ('$`;&|<>()*?[~#'.includes(char)) return undefined
    else {
      word += char
      at += 1
    }
  }
  return word
}
