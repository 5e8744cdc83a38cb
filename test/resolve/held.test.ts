import { describe, expect, it } from 'vitest'
import { heldByName } from '../../src/resolve/held.ts'

describe('what holds an absent name', () => {
  it.each<[string, string | undefined]>([
    ['settings.json', '{}\n'],
    ['.mcp.json', '{}\n'],
    ['opencode.jsonc', '{}\n'],
    ['SETTINGS.JSON', '{}\n'],
    ['config.toml', ''],
    ['AGENTS.md', ''],
    ['.pre-commit-config.yaml', ''],
    ['.my.cnf', ''],
    ['.env.local', ''],
    ['.env', ''],
    ['.envrc', ''],
    ['.gitmodules', ''],
    ['.gitconfig', ''],
    ['.ripgreprc', ''],
    ['.bashrc', ''],
    ['.bash_profile', ''],
    ['.bash_history', ''],
    ['.profile', ''],
    ['.zshenv', ''],
    ['.zlogin', ''],
    ['.gdbinit', ''],
    ['.vscode', undefined],
    ['.claude', undefined],
    ['.git', undefined],
    ['.ssh', undefined],
    ['hooks', undefined],
    ['commands', undefined],
    ['environment.d', undefined],
    ['.emacs.d', undefined],
    ['Safari.app', undefined],
    ['bare.git', undefined],
    ['', undefined],
  ])('%s: %j', (name, content) =>
    expect(heldByName(name)).toEqual(
      content === undefined ? { entry: 'directory' } : { entry: 'file', placeholder: content },
    ),
  )
})
