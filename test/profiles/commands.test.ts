import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../src/commands/context.ts'
import { profilesList, profilesShow, profilesValidate } from '../../src/commands/profiles.ts'
import { fakeHost, type FakeTree } from '../fixtures/fake-host.ts'
import { builtinsOf, errorOf } from '../profile/harness.ts'

const builtins = builtinsOf({
  'agents/vibe':
    'description = "Vibe"\ncommand = "vibe"\n[filesystem]\nwrite = ["$PROJECT"] # its work\n[environment.set]\nTOKEN = "value"',
  default: '',
})
const FOLDER = '/home/u/.config/launcher'

const run = async (
  tree: FakeTree,
  json: boolean,
  action: (context: CommandContext) => Promise<number>,
): Promise<{ code: number; out: string }> => {
  let out = ''
  const context = {
    host: fakeHost(tree, { env: {} }),
    builtins,
    json,
    out: (text: string) => void (out += text),
    err: () => undefined,
  } as unknown as CommandContext
  return { code: await action(context), out }
}

describe('launcher profiles', () => {
  it('lists names, commands, files, and says which are unusable', async () => {
    const tree = {
      [`${FOLDER}/profiles/vibe.toml`]: 'schema = 1',
      [`${FOLDER}/profiles/bad.toml`]: 'schema = 1\nx = 1',
    }
    const { code, out } = await run(tree, false, profilesList)
    expect(code).toBe(1)
    expect(out).toMatch(
      /^vibe +vibe +profiles\/agents\/vibe\.toml \+ ~\/\.config\/launcher\/profiles\/vibe\.toml +Vibe$/m,
    )
    expect(out).toMatch(
      /^bad +- +~\/\.config\/launcher\/profiles\/bad\.toml +unusable: Unknown key `x`\.$/m,
    )
    expect(JSON.parse((await run({}, true, profilesList)).out)).toMatchObject({
      version: 1,
      kind: 'profiles',
      profiles: [{ name: 'vibe', command: 'vibe' }, { name: 'base' }, { name: 'default' }],
    })
    expect((await run({}, false, (context) => profilesList(context, true))).out).toBe(
      'vibe\nbase\ndefault\n',
    )
  })

  it('shows a merged profile with the origin of each line, never a value of a variable', async () => {
    const tree = { [`${FOLDER}/config.toml`]: 'schema = 1\n[all.filesystem]\nread = ["/x"]' }
    const text = await run(tree, false, (context) => profilesShow(context, 'vibe'))
    expect(text.code).toBe(0)
    expect(text.out).toContain('  /x  ~/.config/launcher/config.toml:3')
    expect(text.out).toContain('  $PROJECT  profiles/agents/vibe.toml:5  # its work')
    const json = await run(tree, true, (context) => profilesShow(context, 'vibe'))
    expect(JSON.parse(json.out)).toMatchObject({
      version: 1,
      kind: 'profiles',
      policy: { name: 'vibe', command: 'vibe' },
    })
    for (const out of [text.out, json.out]) {
      expect(out).toContain('TOKEN')
      expect(out).not.toContain('value"\n')
      expect(out).not.toMatch(/TOKEN.*= *value/)
    }
    expect(
      await errorOf(() => run({}, false, (context) => profilesShow(context, 'vieb'))),
    ).toMatchObject({ code: 'E_PROFILE', hint: expect.stringContaining('vibe') })
  })

  it.each<[string, FakeTree, string[], number, string]>([
    ['none of one\u2019s own', {}, [], 0, 'No profiles of your own.\n'],
    [
      'all fine',
      { [`${FOLDER}/profiles/a.toml`]: 'schema = 1' },
      [],
      0,
      '~/.config/launcher/profiles/a.toml: ok\n',
    ],
    [
      'a bad key',
      { [`${FOLDER}/profiles/a.toml`]: 'schema = 1\ncomand = "x"' },
      [],
      1,
      '~/.config/launcher/profiles/a.toml:2:1: Unknown key `comand`. Did you mean `command`?\n',
    ],
    [
      'a circle',
      { [`${FOLDER}/profiles/a.toml`]: 'schema = 1\nextends = ["a"]' },
      [],
      1,
      'Profiles extend one another in a circle: a → a.',
    ],
    [
      'a misspelt section',
      { [`${FOLDER}/config.toml`]: 'schema = 1\n[profile.vieb]' },
      [],
      1,
      'There is no profile "vieb".',
    ],
    [
      'a named file',
      { '/home/u/p/x.toml': 'schema = 1\n[filesystem]\nread = ["x"]' },
      ['x.toml'],
      1,
      '~/p/x.toml:3:9: `filesystem.read`: "x" must start',
    ],
    [
      'a project\u2019s file',
      { '/home/u/p/.launcher.toml': 'schema = 1\n[filesystem]\nread = ["/"]' },
      ['.launcher.toml'],
      1,
      'can only tighten',
    ],
    ['an absent file', {}, ['x.toml'], 2, 'does not exist'],
  ])('validates: %s', async (_, tree, files, code, text) => {
    const result = await run(tree, false, (context) => profilesValidate(context, files))
    expect(result.out).toContain(text)
    expect(result.code).toBe(code)
  })

  it('validates for programs', async () => {
    const { out } = await run({ '/home/u/p/x.toml': 'schema = 1\nx = 1' }, true, (context) =>
      profilesValidate(context, ['x.toml']),
    )
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      kind: 'profiles',
      files: [
        {
          file: '/home/u/p/x.toml',
          ok: false,
          errors: [{ code: 'E_PROFILE', at: '/home/u/p/x.toml:2:1' }],
        },
      ],
    })
  })
})
