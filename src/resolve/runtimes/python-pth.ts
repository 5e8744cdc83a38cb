/** What one `.pth` file asks of Python's `site` module. */
export interface PthFile {
  /**
   * Lines that name a directory of modules, and directories given to `site.addsitedir`; relative
   * ones start at the file's directory.
   */
  readonly paths: readonly string[]
  /**
   * Modules beside the file that map package names to sources (setuptools'
   * `__editable___…_finder`).
   */
  readonly finders: readonly string[]
}

/** Bytes of a `.pth` file that are read; real ones have a line or two. */
export const PTH_LIMIT = 64 * 1024

const MAX_LINES = 256
const FINDER = /^import[ \t]+(__editable___\w+_finder)\b/
/** Homebrew's `homebrew_deps.pth` has one such line for each formula. */
const SITE_DIRECTORY = /\bsite\.addsitedir\((?:'([^'\\]*)'|"([^"\\]*)")\)/g

/**
 * Reads a `.pth` file as `site.addpackage` does: `#` and blank lines are nothing, `import` lines
 * are code, any other line is a path.
 */
export const parsePth = (text: string): PthFile => {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .slice(0, MAX_LINES)
    .map((line) => line.trimEnd())
  const code = lines.filter((line) => /^import[ \t]/.test(line))
  const directories = code.flatMap((line) =>
    [...line.matchAll(SITE_DIRECTORY)].map((match) => match[1] ?? match[2] ?? ''),
  )
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#') && !code.includes(line))
  return {
    paths: [...paths, ...directories],
    finders: code.flatMap((line) => FINDER.exec(line)?.[1] ?? []),
  }
}
