import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Addition, additionsText, amendProfile } from '../../src/profile/amend.ts'
import { parseProfile } from '../../src/profile/parse.ts'

const item = (table: string, key: string, value: string, reason = 'why'): Addition => ({
  table,
  key,
  value,
  isItem: true,
  reason,
})
const read = (value: string): Addition => item('filesystem', 'read', value)

describe('putting lines into a profile', () => {
  it.each<[string, string | undefined, Addition[], string]>([
    [
      'a new profile',
      undefined,
      [read('~/x')],
      'schema = 1\n\n[filesystem]\nread = [\n  "~/x", # why\n]\n',
    ],
    [
      'a list over several lines, before its first item',
      'schema = 1\n[filesystem]\nread = [ # mine\n  "~/a", # kept\n]\n',
      [read('~/x')],
      'schema = 1\n[filesystem]\nread = [\n  "~/x", # why\n   # mine\n  "~/a", # kept\n]\n',
    ],
    [
      'a list on one line',
      'schema = 1\n[filesystem]\nread = ["~/a"] # mine\n',
      [read('~/x'), read('~/y')],
      'schema = 1\n[filesystem]\nread = [\n  "~/x", # why\n  "~/y", # why\n  "~/a"] # mine\n',
    ],
    [
      'an empty list',
      'schema = 1\n[filesystem]\nread = []\n',
      [read('~/x')],
      'schema = 1\n[filesystem]\nread = [\n  "~/x", # why\n]\n',
    ],
    [
      'a dotted key',
      'schema = 1\nfilesystem.read = ["~/a"]\n',
      [read('~/x')],
      'schema = 1\nfilesystem.read = [\n  "~/x", # why\n  "~/a"]\n',
    ],
    [
      'a table without the list',
      'schema = 1\n[filesystem] # here\nwrite = ["~/a"]\n[network]\nmode = "none"\n',
      [read('~/x')],
      'schema = 1\n[filesystem] # here\nread = [\n  "~/x", # why\n]\nwrite = ["~/a"]\n[network]\nmode = "none"\n',
    ],
    [
      'no table yet, in the order of the lines',
      'schema = 1',
      [read('~/x'), item('filesystem', 'write', '~/y'), item('protect', 'own', '~/.vibe')],
      'schema = 1\n\n[filesystem]\nread = [\n  "~/x", # why\n]\nwrite = [\n  "~/y", # why\n]\n\n[protect]\nown = [\n  "~/.vibe", # why\n]\n',
    ],
    [
      'a key with its value',
      'schema = 1\n',
      [
        {
          table: 'environment.from',
          key: 'KEY',
          value: ['env', 'dotenv:~/.env'],
          isItem: false,
          reason: 'why',
        },
      ],
      'schema = 1\n\n[environment.from]\nKEY = ["env", "dotenv:~/.env"] # why\n',
    ],
  ])('%s', (_, text, additions, expected) => {
    expect(amendProfile(text, additions, '/home/u/a.toml')).toBe(expected)
  })

  it.each<[string, string]>([
    ['a table that is written inline', 'schema = 1\nfilesystem = { write = ["~/a"] }\n'],
    ['a header inside a string', 'schema = 1\ndescription = """\n[filesystem]\n"""\n'],
    ['a file that is no profile', 'schema = 1\nnonsense = 1\n'],
  ])('refuses %s instead of spoiling it', (_, text) => {
    expect(() => amendProfile(text, [read('~/x')], '/home/u/a.toml')).toThrow(
      expect.objectContaining({ code: 'E_PROFILE' }),
    )
  })

  it('takes nothing away and says what was added, whatever the paths and reasons hold', () => {
    const path = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 12 })
      .map((name) => `/x/${name.replaceAll(/[\0/]|\.\./g, '_')}`)
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1, maxLength: 4 }),
        fc.string({ unit: 'binary', maxLength: 20 }),
        (paths, reason) => {
          const before = 'schema = 1 # one\n[filesystem]\nread = ["/a", # two\n "/b"]\n'
          let after: string
          try {
            after = amendProfile(
              before,
              paths.map((value) => item('filesystem', 'read', value, reason)),
              '/home/u/a.toml',
            )
          } catch (error) {
            // Names that no profile may hold.
            expect(error).toMatchObject({ code: 'E_PROFILE' })
            return
          }
          expect(parseProfile(after, 'a', 'user').grants.map((grant) => grant.path)).toEqual([
            ...paths,
            '/a',
            '/b',
          ])
          for (const kept of ['schema = 1 # one', '"/a", # two', ' "/b"]'])
            expect(after).toContain(kept)
        },
      ),
    )
  })

  it('shows the lines alone as they would stand in a profile of their own', () => {
    expect(additionsText([read('~/x')])).toBe('[filesystem]\nread = [\n  "~/x", # why\n]\n')
  })
})
