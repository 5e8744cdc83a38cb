import type { Held } from '../policy/model.ts'

/**
 * What holds an absent name of which no profile says more: what the readers of such a name take for
 * nothing. An empty directory in the place of a file stops its reader ("is a directory", "not a
 * file"), and so does an empty JSON file.
 */
export const heldByName = (name: string): Held => {
  const last = name.toLowerCase()
  const content = BY_SPELLING.find(([spelling]) => spelling.test(last))?.[1]
  return content === undefined ? { entry: 'directory' } : { entry: 'file', placeholder: content }
}

/** The first that fits; `undefined` is a directory. */
const BY_SPELLING: readonly (readonly [RegExp, string | undefined])[] = [
  [/\.jsonc?$/, '{}\n'],
  // Folders of drop-ins, bundles of macOS, bare repositories.
  [/\.(d|app|git)$/, undefined],
  // A name, a dot and an ending: `config.toml`, `AGENTS.md`, `.my.cnf`.
  [/^.+\.[a-z0-9]+$/, ''],
  // Start-up files and their kin have no ending: `.bashrc`, `.bash_profile`, `.zshenv`, `.gdbinit`.
  [/^\.[a-z0-9]*rc$/, ''],
  [/^\.([a-z]*_)?(aliases|env|environment|history|login|logout|profile)$/, ''],
  [/^\.z(env|history|login|logout|profile|shenv)$/, ''],
  [/^\.(gdb|lldb)init$/, ''],
  [/^\.git(attributes|config|ignore|ignore_global|modules|-credentials)$/, ''],
]
