import { describe, expect, it } from 'vitest'
import { recognise } from '../../src/audit/recognise.ts'

const NOTHING = (): string => expect.fail('a path tells: no text is needed')

describe('whose configuration a file is', () => {
  it.each([
    ['/home/u/.vibe/config.toml', 'vibe'],
    ['/home/u/dotfiles/.vibe/config.toml', 'vibe'],
    ['/home/u/p/.claude/settings.json', 'claude'],
    ['/home/u/.claude.json', 'claude'],
    ['/home/u/p/.mcp.json', 'claude'],
    ['/home/u/.codex/config.toml', 'codex'],
    ['/home/u/.config/opencode/opencode.json', 'opencode'],
    ['/home/u/p/opencode.jsonc', 'opencode'],
    ['.codex', 'codex'],
  ])('%s is %s by its path', async (path, format) => {
    expect(await recognise([path], NOTHING)).toEqual({ format })
  })

  it.each([
    ['/home/u/.qwen/settings.json', 'Qwen Code'],
    ['/home/u/p/.aider.conf.yml', 'Aider'],
    ['/home/u/p/.vscode/settings.json', 'VS Code'],
  ])('%s is told to be %s, and judged as nobody’s', async (path, owner) => {
    expect(await recognise([path], NOTHING)).toEqual({ candidates: [], owner })
  })

  it('a link is recognised by where it lies or where it leads', async () => {
    expect(await recognise(['x.toml', '/home/u/.codex/config.toml'], NOTHING)).toEqual({
      format: 'codex',
    })
  })

  it.each([
    ['enable_telemetry = false\n[[mcp_servers]]\nname = "a"\n', 'vibe'],
    ['approval_policy = "never"\n', 'codex'],
    ['{ "permissions": { "deny": ["Read(./.env)"] } }', 'claude'],
    ['{ "permission": { "bash": "ask" } } // a comment', 'opencode'],
    ['{ "hooks": {}, "hooks": {} }', 'claude'],
  ])('%j is %s by its keys', async (text, format) => {
    expect(await recognise(['/home/u/config'], () => text)).toEqual({ format })
  })

  it.each([
    ['', ['vibe', 'codex']],
    ['x = 1\n', ['vibe', 'codex']],
    ['{}', ['claude', 'opencode']],
    ['{ "model": "x" }', ['claude', 'opencode']],
    ['a: 1\nb: [', []],
    [undefined, []],
  ])('%j could be of %j', async (text, formats) => {
    const found = await recognise(['/home/u/config'], () => text)
    expect('candidates' in found ? found.candidates : found).toEqual(
      expect.arrayContaining(formats),
    )
    if (formats.length === 0) expect(found).toEqual({ candidates: [], owner: undefined })
  })
})
