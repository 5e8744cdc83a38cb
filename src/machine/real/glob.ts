/**
 * fast-glob, loaded only when it is needed. Only `*`, `?`, `**` and `[…]` mean something; all else
 * stands for itself.
 */
export const fastGlob = async (
  base: string,
  pattern: string,
  limit: number,
): Promise<readonly string[]> => {
  const { default: glob } = await import('fast-glob')
  const stream = glob.stream(escapeRest(pattern), {
    cwd: base,
    onlyFiles: false,
    dot: true,
    followSymbolicLinks: false,
    braceExpansion: false,
    extglob: false,
    suppressErrors: true,
  })
  const found: string[] = []
  for await (const name of stream) {
    found.push(String(name))
    if (found.length >= limit) break
  }
  return found
}

/** `!` negates only at the start of a pattern, the others anywhere. */
const escapeRest = (pattern: string): string =>
  pattern.replaceAll(/[\\(){}|]/g, '\\$&').replace(/^!/, '\\!')
