/** One `key = value` of an INI file. */
export interface IniEntry {
  /** Name of the section it stands in; empty before the first. */
  readonly section: string
  readonly key: string
  readonly value: string
  /** One-based. */
  readonly line: number
}

/**
 * Entries of npmrc and pip.conf, in order. `continues`: an indented line carries on the value above
 * it (Python's configparser); comments then fill whole lines only, while npm's also end a line.
 */
export const readIni = (
  text: string,
  { continues }: { readonly continues: boolean },
): readonly IniEntry[] => {
  const entries: IniEntry[] = []
  let section = ''
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const last = entries.at(-1)
    if (continues && /^\s/.test(raw) && last) {
      entries[entries.length - 1] = { ...last, value: `${last.value}\n${line}`.trim() }
      continue
    }
    const heading = /^\[([^\]]*)\]/.exec(line)
    if (heading) {
      section = heading[1] ?? ''
      continue
    }
    const cut = line.search(continues ? /[=:]/ : /=/)
    if (cut <= 0) continue
    const value = line.slice(cut + 1).trim()
    entries.push({
      section,
      key: unquoted(line.slice(0, cut).trim()),
      value: continues ? value : withoutComment(value),
      line: index + 1,
    })
  }
  return entries
}

const withoutComment = (value: string): string => {
  const quoted = unquoted(value)
  return quoted === value ? value.replace(/\s*[;#].*$/, '') : quoted
}

const unquoted = (text: string): string =>
  /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text
