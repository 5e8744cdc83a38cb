/** Bytes of a finder module that are read; setuptools writes 4 kB and the mapping. */
export const FINDER_LIMIT = 256 * 1024

const MAX_PATHS = 256
const TOKEN = /\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|([{}[\]:,]))/y
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * The paths that a finder module of setuptools maps package names to: the values of its `MAPPING`
 * and `NAMESPACES`, which are written as literals. The file is read as text, never run; undefined
 * when either is anything but a dictionary of strings (and lists of them).
 */
export const parseFinder = (text: string): readonly string[] | undefined => {
  const mapping = literal(text, 'MAPPING')
  const namespaces = literal(text, 'NAMESPACES')
  return mapping === undefined || namespaces === undefined
    ? undefined
    : [...new Set([...mapping, ...namespaces])]
}

/** Values of `NAME = {…}` or `NAME: type = {…}`; none when the name is not assigned. */
const literal = (text: string, name: string): readonly string[] | undefined => {
  const start = new RegExp(`^${name}(?::[^=\\n]{0,200})?[ \\t]*=[ \\t]*(?=(.))`, 'm').exec(text)
  if (start === null) return []
  if (start[1] !== '{') return undefined
  TOKEN.lastIndex = start.index + start[0].length
  const values: string[] = []
  let depth = 0
  let isValue = false
  for (
    let token = TOKEN.exec(text);
    token !== null && values.length <= MAX_PATHS;
    token = TOKEN.exec(text)
  ) {
    const string = token[1] ?? token[2]
    if (string !== undefined) {
      const value = unescape(string)
      if (depth === 0 || value === undefined) return undefined
      if (isValue) values.push(value)
    } else if (token[3] === '{' || token[3] === '[') depth += 1
    else if (token[3] === ':') isValue = true
    else if (token[3] === ',') isValue = depth > 1
    else if ((depth -= 1) === 0) return values
  }
  return undefined
}

/** A string as Python's `repr` writes it; undefined for an escape that a path has no need of. */
const unescape = (text: string): string | undefined => {
  let isKnown = true
  const value = text.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/g,
    (_, x, u, wide, single) => {
      const code = Number.parseInt(x ?? u ?? wide ?? '', 16)
      if (code <= 0x10ffff) return String.fromCodePoint(code)
      isKnown &&= ESCAPES[single] !== undefined
      return ESCAPES[single] ?? ''
    },
  )
  return isKnown ? value : undefined
}
