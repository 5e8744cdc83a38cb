import type { Host } from '../machine/host.ts'
import type { Notice } from '../policy/model.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import { directoryIn, XDG_DEFAULTS } from '../machine/places.ts'

/**
 * Every variable that a path may begin with, and where it points when it is not set. A profile that
 * writes the default means the variable.
 */
export const VARIABLE_DEFAULTS: Readonly<Record<string, string>> = {
  BUN_INSTALL: '~/.bun',
  CARGO_HOME: '~/.cargo',
  CLAUDE_CONFIG_DIR: '~/.claude',
  CODEX_HOME: '~/.codex',
  DOCKER_CONFIG: '~/.docker',
  GNUPGHOME: '~/.gnupg',
  NVM_DIR: '~/.nvm',
  PNPM_HOME: '~/.local/share/pnpm',
  PYENV_ROOT: '~/.pyenv',
  RUSTUP_HOME: '~/.rustup',
  UV_CACHE_DIR: '~/.cache/uv',
  UV_PYTHON_INSTALL_DIR: '~/.local/share/uv/python',
  UV_TOOL_DIR: '~/.local/share/uv/tools',
  VIBE_HOME: '~/.vibe',
  VOLTA_HOME: '~/.volta',
  ...Object.fromEntries(Object.entries(XDG_DEFAULTS).map(([name, rest]) => [name, `~/${rest}`])),
}

/** The variables of this machine, checked. */
export interface Variables {
  /** Directory that a variable stands for; undefined when it is none of ours. */
  get(name: string): AbsolutePath | undefined
  /**
   * Where a path beneath home really is when a variable moves the directory it lies in, and whether
   * the old place stays in use.
   */
  moved(rest: string): { readonly path: AbsolutePath; readonly keepsOld: boolean } | undefined
  readonly notices: readonly Notice[]
}

/**
 * Reads the variables once. A value that is relative, `/`, home or above it, or that holds `..` or
 * a NUL would widen what a profile says: it is ignored, and said.
 */
export const readVariables = (host: Host): Variables => {
  const notices: Notice[] = []
  const set = new Map<string, AbsolutePath>()
  for (const name of Object.keys(VARIABLE_DEFAULTS)) {
    const value = directoryIn(host, name)
    if (value === undefined) continue
    if (typeof value === 'string') set.set(name, value)
    else {
      notices.push({
        level: 'warning',
        code: 'variable-ignored',
        message: `$${name} is ignored: ${value.because}; ${VARIABLE_DEFAULTS[name]} is used`,
        origin: {
          strength: 'derived',
          file: 'resolution',
          key: `$${name}`,
          because: 'the environment launcher was started in',
        },
      })
    }
  }
  // Longest default first: ~/.local/share/uv/tools is moved by UV_TOOL_DIR before XDG_DATA_HOME is
  // asked.
  const moves = Object.entries(VARIABLE_DEFAULTS)
    .map(([name, home]) => ({ name, rest: home.slice(2) }))
    .sort((a, b) => b.rest.length - a.rest.length)
  const moved = (rest: string): ReturnType<Variables['moved']> => {
    if (set.size === 0) return undefined
    for (const move of moves) {
      const value = set.get(move.name)
      if (value === undefined || !(rest === move.rest || rest.startsWith(`${move.rest}/`))) continue
      const path = join(value, rest.slice(move.rest.length + 1))
      // Programs differ in whether they follow XDG at all; an agent's own variable moves all of it.
      return { path, keepsOld: move.name.startsWith('XDG_') }
    }
    return undefined
  }
  return {
    notices,
    moved,
    get: (name) => {
      const home = VARIABLE_DEFAULTS[name]
      if (home === undefined) return undefined
      return set.get(name) ?? moved(home.slice(2))?.path ?? join(host.home, home.slice(2))
    },
  }
}
