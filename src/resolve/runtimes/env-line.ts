/** What `env` would start: the program's name, and whether PATH is still the user's there. */
export interface EnvCommand {
  readonly program: string
  readonly args: readonly string[]
  /**
   * Where env looks: the PATH it was given, its own default (`-i`), or the directories of `-P` or
   * of a `PATH=` word.
   */
  readonly path: 'inherited' | 'default' | readonly string[]
}

/** Why an `env` line cannot be followed, as a clause. */
export interface BadEnv {
  readonly problem: string
}

/** Follows the words of `#!/usr/bin/env …` as env(1) of coreutils and of BSD do. */
export const parseEnv = (words: readonly string[]): EnvCommand | BadEnv => {
  const queue = [...words]
  let path: EnvCommand['path'] = 'inherited'
  while (queue[0]?.startsWith('-')) {
    const word = queue.shift() ?? ''
    if (word === '--') break
    if (word === '-' || word === '--ignore-environment') path = 'default'
    else if (word.startsWith('--split-string')) {
      const text = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (queue.shift() ?? '')
      const parts = splitString([text, ...queue].join(' '))
      if ('problem' in parts) return parts
      queue.splice(0, queue.length, ...parts.words)
    } else if (word.startsWith('--unset') || word === '--debug' || word.startsWith('--argv0')) {
      if (!word.includes('=') && word !== '--debug') queue.shift()
      if (word === '--unset=PATH') path = 'default'
    } else if (word.startsWith('--'))
      return { problem: `env is given ${word}, which launcher does not know` }
    else {
      const cluster = readCluster(word, queue)
      if ('problem' in cluster) return cluster
      path = cluster.path ?? path
    }
  }
  while (queue[0] !== undefined && /^[^=/]+=/.test(queue[0])) {
    const assignment = queue.shift() ?? ''
    if (assignment.startsWith('PATH=')) path = assignment.slice(5).split(':')
  }
  const [program, ...args] = queue
  if (program === undefined) return { problem: 'env is given no program' }
  if (/\s/.test(program))
    return { problem: `env is given ${JSON.stringify(program)} as one word (env -S splits it)` }
  return { program, args, path }
}

interface Cluster {
  /** Undefined: the options say nothing about PATH. */
  readonly path: EnvCommand['path'] | undefined
}

/**
 * Short options in one word, as in `-iS`; those that take an argument take the rest of the word or
 * the next one.
 */
const readCluster = (word: string, queue: string[]): Cluster | BadEnv => {
  let path: EnvCommand['path'] | undefined
  for (let index = 1; index < word.length; index += 1) {
    const letter = word[index] ?? ''
    const rest = word.slice(index + 1)
    if (letter === 'i') path = 'default'
    else if (letter === 'S') {
      // On Linux everything after the interpreter is one word, so the rest of the line is already
      // here.
      const parts = splitString([rest, ...queue].join(' '))
      if ('problem' in parts) return parts
      queue.splice(0, queue.length, ...parts.words)
      return { path }
    } else if (letter === 'u' || letter === 'P' || letter === 'a') {
      const value = rest === '' ? (queue.shift() ?? '') : rest
      if (letter === 'u' && value === 'PATH') path = 'default'
      if (letter === 'P') path = value.split(':')
      return { path }
    } else if (letter !== 'v' && letter !== '0')
      return {
        problem: `env is given ${JSON.stringify(word)}, an option that launcher does not follow`,
      }
  }
  return { path }
}

/**
 * The quoting of `env -S`: blanks, both quotes and a backslash. A variable would need the
 * environment of the run.
 */
const splitString = (text: string): { readonly words: string[] } | BadEnv => {
  if (text.includes('$')) return { problem: 'env -S is given a variable' }
  const words: string[] = []
  const pattern = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)/gy
  let end = 0
  for (const match of text.matchAll(pattern)) {
    end = match.index + match[0].length
    if (match[1]?.startsWith('#')) break
    words.push(
      (match[1] ?? '').replaceAll(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_, single, double, escaped) => single ?? double?.replaceAll(/\\(.)/g, '$1') ?? escaped,
      ),
    )
  }
  if (text.slice(end).trim() !== '' && !text.slice(end).trim().startsWith('#'))
    return { problem: 'env -S is given quotes that do not match' }
  return { words }
}
