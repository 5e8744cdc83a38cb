import { describe, expect, it } from 'vitest'
import { LauncherError } from '../../src/errors.ts'
import { checkConfig, checkProfile, parseProfile } from '../../src/profile/parse.ts'
import { cpuSince } from '../fixtures/cpu.ts'

const FILE = '/home/u/.config/launcher/profiles/x.toml'

/** First error as `line:column message [hint]`. */
const complaint = (text: string, strength: 'user' | 'builtin' = 'user'): string => {
  const checked = checkProfile(text, FILE, strength)
  if ('value' in checked) return 'fine'
  const { at, message, hint } = checked.errors[0]!
  return `${at!.replace(`${FILE}:`, '')} ${message}${hint === undefined ? '' : ` [${hint}]`}`
}

describe('parseProfile', () => {
  it.each([
    [
      'an unknown table',
      'schema = 1\n[filesytem]\nread = []',
      '2:2 Unknown key `filesytem`. [Did you mean `filesystem`?]',
    ],
    [
      'an unknown key',
      'schema = 1\n[filesystem]\n  raed = ["/x"]',
      '3:3 Unknown key `raed` in `[filesystem]`. [Did you mean `read`?]',
    ],
    [
      'a key of another table',
      'schema = 1\n[filesystem]\nhidden = ["/x"]',
      '3:1 Unknown key `hidden` in `[filesystem]`. [`hidden` belongs in `[protect]`.]',
    ],
    [
      'an unknown platform',
      'schema = 1\n[filesystem.windows]\nread = []',
      '2:2 Unknown key `windows` in `[filesystem]`. [Known here: read, write, none, create, seed, macos, linux.]',
    ],
    [
      'a lift of a built-in',
      'schema = 1\n[protect]\nlift = ["~/.ssh"]',
      '3:9 A built-in profile cannot lift a protection. [A lift stands in the user\u2019s own files, or in `--lift`.]',
      'builtin',
    ],
    [
      'indexes of a project in a built-in',
      'schema = 1\n[network]\nproject_indexes = true',
      '3:1 A built-in profile cannot let a project name package indexes. [That stands in the user\u2019s own files.]',
      'builtin',
    ],
    [
      'agents outside base',
      'schema = 1\n[protect.agents]\nhidden = ["~/.x"]',
      '3:11 `[protect.agents]` is the list that base keeps of every agent\u2019s state. [Use `[protect] hidden` for further paths, `[protect] own` for this agent\u2019s.]',
    ],
    [
      'no schema',
      'description = "x"',
      '1:1 The file does not say which schema it is written in. [Begin it with `schema = 1`.]',
    ],
    [
      'a newer schema',
      '\nschema = 2',
      '2:1 The file is written in schema 2, and this launcher knows schemas up to 1: what it would not understand could be a protection. [Update launcher, or write the file in the older schema.]',
    ],
    [
      'a schema that is no number',
      'schema = "1"',
      '1:1 `schema` must be a whole number, 1 or more. [This launcher writes `schema = 1`.]',
    ],
    [
      'a word for a list',
      'schema = 1\n[filesystem]\nread = "/x"',
      '3:1 `filesystem.read` must be a list, and is the string "/x".',
    ],
    [
      'a list for a word',
      'schema = 1\ncommand = ["x"]',
      '2:1 `command` must be a string, and is a list.',
    ],
    [
      'a number in a list',
      'schema = 1\n[filesystem]\nread = ["/x", 7]',
      '3:15 `filesystem.read` must be a string, and is a number.',
    ],
    [
      'a date',
      'schema = 1\ncommand = 2020-01-01',
      '2:1 `command` must be a string, and is a date.',
    ],
    [
      'a relative path',
      'schema = 1\n[filesystem]\nread = [\n  "/ok",\n  "../../..",\n]',
      '5:3 `filesystem.read`: "../../.." must start with `/`, `~/` or `$VAR`.',
    ],
    [
      '`..` in a path',
      'schema = 1\n[filesystem]\nread = ["$PROJECT/../x"]',
      '3:9 `filesystem.read`: "$PROJECT/../x" holds `..`: name the place itself.',
    ],
    [
      'another user',
      'schema = 1\n[filesystem]\nread = ["~root/x"]',
      '3:9 `filesystem.read`: "~root/x" names another user: a path starts with `/`, `~/` or `$VAR`.',
    ],
    [
      'an escaped NUL',
      'schema = 1\n[filesystem]\nread = ["/a\\u0000b"]',
      '3:9 `filesystem.read`: "/a\ufffdb" holds a control character.',
    ],
    [
      'an escaped line end',
      'schema = 1\n[filesystem]\nread = ["/a\\nb"]',
      '3:9 `filesystem.read`: "/a\ufffdb" holds a control character.',
    ],
    [
      'a wildcard in create',
      'schema = 1\n[filesystem]\ncreate = ["~/x*"]',
      '3:11 `filesystem.create`: "~/x*" holds a wildcard, which has no meaning here.',
    ],
    [
      'every host',
      'schema = 1\n[network]\nhosts = ["*"]',
      '3:10 `network.hosts`: "*" allows every host: that is `mode = "any"`.',
    ],
    [
      'a top-level domain',
      'schema = 1\n[network]\nhosts = ["*.com"]',
      '3:10 `network.hosts`: "*.com" covers a whole top-level domain.',
    ],
    [
      'a star inside',
      'schema = 1\n[network]\nhosts = ["a.*.com"]',
      '3:10 `network.hosts`: "a.*.com" may hold `*` only as its first label.',
    ],
    [
      'an address',
      'schema = 1\n[network]\nhosts = ["https://x.y"]',
      '3:10 `network.hosts`: "https://x.y" is an address: a host has no scheme and no path.',
    ],
    [
      'a bad port',
      'schema = 1\n[network]\nhosts = ["x.y:0"]',
      '3:10 `network.hosts`: "x.y:0" has a port that is not a number from 1 to 65535.',
    ],
    [
      'this machine',
      'schema = 1\n[network]\nhosts = ["localhost"]',
      '3:10 `network.hosts`: "localhost" is this machine: name the port, `localhost:PORT`.',
    ],
    [
      'an unknown mode',
      'schema = 1\n[network]\nmode = "allowlst"',
      '3:1 `network.mode` is "allowlst", which is none of none, allowlist, any, host. [Did you mean `allowlist`?]',
    ],
    [
      'an unknown registry',
      'schema = 1\n[network]\nregistries = ["npn"]',
      '3:15 `network.registries` is "npn", which is none of cargo, crates, gem, go, jsr, maven, npm, nuget, packagist, pypi, rubygems. [Did you mean `npm`?]',
    ],
    [
      'a port out of range',
      'schema = 1\n[network]\nlisten = [70000]',
      '3:11 `network.listen`: 70000 is not a port (1 to 65535).',
    ],
    [
      'a seed that is a directory',
      'schema = 1\n[filesystem.seed]\n"~/.x/" = { content = "" }',
      '3:1 `~/.x/` in `filesystem.seed` ends like a directory, and only a file has content.',
    ],
    [
      'a seed with a path where a name belongs',
      'schema = 1\n[filesystem.seed]\n"~/.x" = { content = "", unless = ["../y"] }',
      '3:36 `filesystem.seed.~/.x.unless`: "../y" is not the name of a file beside it.',
    ],
    [
      'an absent name with too much content',
      `schema = 1\n[protect.absent.files]\n"~/.x" = "${'x'.repeat(101)}"`,
      `3:1 \`protect.absent.files.~/.x\`: "${'x'.repeat(80)}…" is not text of at most 100 bytes.`,
    ],
    [
      'an absent name that is said to be nothing known',
      'schema = 1\n[protect.absent]\nlinks = []',
      '3:1 Unknown key `links` in `[protect.absent]`. [Known here: directories, files.]',
    ],
    [
      'a loader variable',
      'schema = 1\n[environment]\npass = ["LD_PRELOAD"]',
      '3:9 `environment.pass`: "LD_PRELOAD" decides what code a loader or an interpreter loads, and never passes.',
    ],
    [
      'a loader variable that is set',
      'schema = 1\n[environment.set]\nNODE_OPTIONS = "x"',
      '3:1 `NODE_OPTIONS` in `environment.set` decides what code a loader or an interpreter loads, and never passes.',
    ],
    [
      'a pattern over one',
      'schema = 1\n[environment]\npass = ["PYTHON*"]',
      '3:9 `environment.pass`: "PYTHON*" reaches `PYTHONBREAKPOINT`, which decides what code is loaded.',
    ],
    [
      'everything',
      'schema = 1\n[environment]\npass = ["*"]',
      '3:9 `environment.pass`: "*" would pass everything: name what is needed.',
    ],
    [
      'a star in front',
      'schema = 1\n[environment]\npass = ["*_KEY"]',
      '3:9 `environment.pass`: "*_KEY" is not a variable name (with `*` only at its end).',
    ],
    [
      'an unknown source',
      'schema = 1\n[environment.from]\nX = ["file:/x"]',
      '3:6 `environment.from.X`: "file:/x" is none of `env`, `dotenv:PATH`, `keychain:SERVICE/ACCOUNT`.',
    ],
    [
      'a name with two slashes',
      'schema = 1\nextends = ["a/b/c"]',
      '2:12 `extends`: "a/b/c" is not the name of a profile.',
    ],
    [
      'a duplicate key',
      'schema = 1\nschema = 1',
      '2:1 Not valid TOML: trying to redefine an already defined table or value. [Mend that line; `launcher profiles validate` reads the file again.]',
    ],
    [
      'a byte order mark',
      '\ufeffschema = 1',
      '1:1 The file begins with a byte order mark. [Save it as UTF-8 without a mark.]',
    ],
    [
      'a raw NUL',
      'schema = 1\n# a\0',
      '2:4 The file holds the invisible character U+0000. [Remove it: a profile is plain text.]',
    ],
    [
      'text that turns its direction',
      'schema = 1\ncommand = "x" # \u202e',
      '2:17 The file holds the invisible character U+202E. [Remove it: a profile is plain text.]',
    ],
    [
      'a carriage return alone',
      'schema = 1\rcommand = "x"',
      '1:11 The file holds the invisible character U+000D. [Remove it: a profile is plain text.]',
    ],
    [
      '10,000 brackets',
      `schema = 1\nargs = ${'['.repeat(10_000)}`,
      '2:23 The file nests deeper than any profile does. [Remove that part of the file.]',
    ],
    ['10,000 inline tables', `schema = 1\na = ${'{a='.repeat(10_000)}`, ''],
    [
      '300,000 wrong items',
      `schema = 1\n[filesystem]\nread = [${'"",'.repeat(300_000)}]`,
      '3:60000 The file holds more than 20000 entries. [Remove that part of the file.]',
    ],
    [
      '__proto__',
      'schema = 1\n[environment.set]\n__proto__ = "x"',
      '3:1 The file uses the key `__proto__`. [Remove that part of the file.]',
    ],
    [
      '10 MB',
      `schema = 1\n#${'x'.repeat(10_000_000)}`,
      '1:1 The file is larger than 1 MiB. [A profile is a short list of paths: split it or remove what is not one.]',
    ],
  ])('refuses %s, with the place', (_, text, message, strength: string = 'user') => {
    const found = complaint(text, strength as 'user')
    if (message === '') expect(found).toMatch(/^2:\d+ The file nests deeper/)
    else expect(found).toBe(message)
  })

  it.each([
    ['CRLF', 'schema = 1\r\n[filesystem]\r\nread = ["/x"]\r\n'],
    [
      'hosts of every form',
      'schema = 1\n[network]\nhosts = ["a.b", "*.a.b:443", "**.a.b", "10.0.0.1", "intranet"]',
    ],
    [
      'paths of every form',
      'schema = 1\n[filesystem]\nread = ["/", "~", "~/x", "$HOME", "$PROJECT/a b", "/x/*.[ab]"]',
    ],
    [
      'identity of git',
      'schema = 1\n[environment]\npass = ["GIT_AUTHOR_*", "GIT_COMMITTER_NAME", "LC_*", "NODE_ENV"]',
    ],
  ])('accepts %s', (_, text) => expect(complaint(text)).toBe('fine'))

  it('reports every problem, in the order of the file', () => {
    const checked = checkProfile(
      'schema = 1\nx = 1\n[filesystem]\nread = ["a", "/b", "c"]\n[network]\nmode = "no"',
      FILE,
      'user',
    )
    expect(
      'errors' in checked && checked.errors.map(({ at }) => at!.slice(FILE.length + 1)),
    ).toEqual(['2:1', '4:9', '4:20', '6:1'])
  })

  it.each([
    [
      'random bytes as text',
      String.fromCharCode(...Array.from({ length: 4000 }, (_, index) => (index * 7919) % 251)),
    ],
    ['an archive', 'PK\u0003\u0004\u0014\0\b\0'],
  ])('refuses %s with one of its own errors', (_, text) => {
    expect(() => parseProfile(text, FILE, 'user')).toThrow(LauncherError)
  })

  it('keeps the line and the comment of each value', () => {
    const profile = parseProfile(
      'schema = 1\n[filesystem.linux]\nread = [\n  "/x",\n  "/y", # odd\n]\n[environment.set]\nA = "1" # one',
      FILE,
      'user',
    )
    expect(profile.grants).toEqual([
      {
        path: '/x',
        access: 'read',
        platform: 'linux',
        origin: { strength: 'user', file: FILE, line: 4, key: 'filesystem.linux.read' },
      },
      {
        path: '/y',
        access: 'read',
        platform: 'linux',
        origin: {
          strength: 'user',
          file: FILE,
          line: 5,
          key: 'filesystem.linux.read',
          because: 'odd',
        },
      },
    ])
    expect(profile.environment.set.get('A')!.origin).toEqual({
      strength: 'user',
      file: FILE,
      line: 8,
      key: 'environment.set.A',
      because: 'one',
    })
  })

  it('reads a large file quickly', () => {
    const text = `schema = 1\n[filesystem]\nread = [\n${'  "/some/path/that/is/long", # why\n'.repeat(15_000)}]\n`
    const start = process.cpuUsage()
    expect(parseProfile(text, FILE, 'user').grants).toHaveLength(15_000)
    expect(cpuSince(start)).toBeLessThan(5_000)
  })
})

describe('checkConfig', () => {
  it('holds the same keys in each section, and says so of others', () => {
    const checked = checkConfig(
      'schema = 1\n[all.filesystem]\nnone = ["~/x"]\n[profile.vibe.network]\nhost = []\n[profile."a/b/c"]',
      FILE,
    )
    expect(
      'errors' in checked && checked.errors.map(({ code, message, hint }) => [code, message, hint]),
    ).toEqual([
      ['E_CONFIG', 'Unknown key `host` in `[profile.vibe.network]`.', 'Did you mean `hosts`?'],
      ['E_CONFIG', '`a/b/c` in `profile` is not the name of a profile.', undefined],
    ])
  })
})
