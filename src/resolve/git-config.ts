/** What a git configuration file says that matters here. Values are as written, unquoted. */
export interface GitConfig {
  readonly hooksPath: string | undefined
  readonly worktree: string | undefined
  /** `include.path` and every `includeIf.*.path`, whether or not the condition holds now. */
  readonly includes: readonly string[]
  /**
   * Commands that git runs by itself (filters, drivers, monitors, helpers), each with the key that
   * names it.
   */
  readonly commands: readonly { readonly key: string; readonly text: string }[]
}

/**
 * Keys whose value is a command, subsections left out (git-scm.com/docs/git-config, gitattributes).
 */
const COMMANDS =
  /^(?:core\.(?:askpass|editor|fsmonitor|gitproxy|pager|sshcommand)|credential\.helper|diff\.(?:command|external|textconv)|(?:diff|merge)tool\.cmd|filter\.(?:clean|process|smudge)|gpg\.program|interactive\.difffilter|merge\.driver|pager\..*|sequence\.editor)$/

/**
 * Reads the few keys of a git configuration that name files; anything unknown is skipped, the last
 * value wins as in git.
 */
export const parseGitConfig = (text: string): GitConfig => {
  let section = ''
  let hooksPath: string | undefined
  let worktree: string | undefined
  const includes: string[] = []
  const commands: { key: string; text: string }[] = []
  for (const raw of text.replaceAll(/\\\r?\n/g, '').split(/\r?\n/)) {
    let line = raw.trim()
    const header = /^\[\s*([\w.-]+)(?:\s+"(?:[^"\\]|\\.)*")?\s*\]/.exec(line)
    if (header) {
      section = header[1]!.toLowerCase()
      line = line.slice(header[0].length).trim()
    }
    const pair = /^([A-Za-z][\w-]*)\s*=\s*(.*)$/.exec(line)
    if (!pair) continue
    const key = `${section}.${pair[1]!.toLowerCase()}`
    const value = valueOf(pair[2]!)
    if (key === 'core.hookspath') hooksPath = value
    else if (key === 'core.worktree') worktree = value
    else if (
      COMMANDS.test(key) ||
      ((section === 'alias' || key === 'submodule.update') && value.startsWith('!'))
    )
      commands.push({ key, text: value.replace(/^!/, '') })
    else if (key === 'include.path' || /^includeif(\..*)?\.path$/.test(key)) includes.push(value)
  }
  return { hooksPath, worktree, includes, commands }
}

/** Quotes and escapes of git's configuration; a comment begins at `#` or `;` outside quotes. */
const valueOf = (text: string): string => {
  let value = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!
    if (char === '"') quoted = !quoted
    else if (char === '\\' && i + 1 < text.length) value += ESCAPES[text[++i]!] ?? text[i]!
    else if (!quoted && (char === '#' || char === ';')) break
    else value += char
  }
  return value.trim()
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' }
