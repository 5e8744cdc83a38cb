import { describe, expect, it } from 'vitest'
import { composePolicy } from '../../src/profile/compose.ts'
import type { Profile } from '../../src/profile/model.ts'
import { checkConfig, checkProfile, parseConfig, parseProfile } from '../../src/profile/parse.ts'
import { checkProjectCap } from '../../src/profile/parse-cap.ts'
import { builtin, grantsOf } from './harness.ts'

const user = (body: string): Profile => parseProfile(`schema = 1\n${body}`, '/u/x.toml', 'user')
const merge = (...layers: readonly Profile[]) => composePolicy('x', layers, 'linux')
const problems = (checked: ReturnType<typeof checkProfile>): string[] =>
  'errors' in checked ? checked.errors.map(({ message }) => message) : []

const BUILTIN = builtin('t', '[caches]\nUV_CACHE_DIR = "uv"\nGOCACHE = "go/build"')

describe('[caches]', () => {
  it('sets each variable to a folder of the project’s own cache, with the line it stands in, and grants nothing itself', () => {
    const policy = merge(BUILTIN)
    expect(
      policy.caches.map(({ variable, place, origin }) => [
        variable,
        place,
        origin.line,
        origin.key,
      ]),
    ).toEqual([
      ['UV_CACHE_DIR', '$CACHE/uv', 3, 'caches.UV_CACHE_DIR'],
      ['GOCACHE', '$CACHE/go/build', 4, 'caches.GOCACHE'],
    ])
    expect(policy.environment.set.get('UV_CACHE_DIR')?.value).toBe('$CACHE/uv')
    expect([policy.grants, policy.create]).toEqual([[], []])
  })

  it.each([
    ['~/.cache/uv', ['~/.cache/uv'], ['~/.cache/uv/']],
    ['/big/uv/', ['/big/uv/'], ['/big/uv/']],
    ['$UV_CACHE_DIR', ['$UV_CACHE_DIR'], ['$UV_CACHE_DIR/']],
    ['$TMPDIR/uv', [], []],
    ['$CACHE/other', [], []],
    ['other', [], []],
  ])(
    'a user moves one to %s: a path other than the run’s or the project’s own is granted and made',
    (place, write, create) => {
      const policy = merge(BUILTIN, user(`[caches]\nUV_CACHE_DIR = "${place}"`))
      expect(policy.caches.map(({ variable }) => variable)).toEqual(['UV_CACHE_DIR', 'GOCACHE'])
      expect(policy.environment.set.get('UV_CACHE_DIR')?.value).toBe(
        place === 'other' ? '$CACHE/other' : place,
      )
      expect(grantsOf(policy)['write']).toEqual(write)
      expect(policy.create.map(({ value }) => value)).toEqual(create)
      expect(
        policy.grants.every(({ origin }) => origin.file === '/u/x.toml' && origin.line === 3),
      ).toBe(true)
    },
  )

  it('the last layer that speaks of a variable decides, in whichever table', () => {
    const set = merge(BUILTIN, user('[environment.set]\nUV_CACHE_DIR = "/x"'))
    expect([
      set.environment.set.get('UV_CACHE_DIR')?.value,
      set.caches.map(({ variable }) => variable),
    ]).toEqual(['/x', ['GOCACHE']])
    const dropped = merge(BUILTIN, user('[environment]\ndrop = ["UV_CACHE_DIR"]'))
    expect([dropped.environment.set.has('UV_CACHE_DIR'), dropped.caches.length]).toEqual([false, 1])
    const back = merge(BUILTIN, user('[environment.set]\nUV_CACHE_DIR = "/x"'), {
      ...parseConfig('schema = 1\n[all.caches]\nUV_CACHE_DIR = "uv"', '/u/config.toml').all!,
    })
    expect(back.environment.set.get('UV_CACHE_DIR')?.value).toBe('$CACHE/uv')
  })

  it.each([
    '',
    '..',
    '../x',
    'a/../b',
    '.',
    'a//b',
    'a/',
    '.hidden',
    '-x',
    'a b',
    'a\\u0000',
    'a\\n',
    '~x',
    '~/a/../b',
    '/x/*',
    '$',
    'a/b/c/d/e',
    'x'.repeat(65),
  ])('refuses the place %j', (place) => {
    expect(
      problems(
        checkProfile(`schema = 1\n[caches]\nUV_CACHE_DIR = "${place}"`, '/u/x.toml', 'user'),
      ),
    ).toHaveLength(1)
  })

  it.each(['LD_PRELOAD', 'NODE_OPTIONS', 'GOFLAGS', 'A-B', ''])(
    'refuses the variable %j',
    (name) => {
      expect(
        problems(checkProfile(`schema = 1\n[caches]\n"${name}" = "x"`, '/u/x.toml', 'user')).length,
      ).toBeGreaterThan(0)
    },
  )

  it('no built-in profile shares a cache with the host, the user’s own files may', () => {
    const text = 'schema = 1\n[caches]\nUV_CACHE_DIR = "~/.cache/uv"'
    expect(problems(checkProfile(text, 'profiles/t.toml', 'builtin'))).toEqual([
      'A built-in profile cannot share a cache with the host.',
    ])
    expect(problems(checkProfile(text, '/u/t.toml', 'user'))).toEqual([])
    expect(
      'errors' in
        checkConfig(
          'schema = 1\n[profile.vibe.caches]\nUV_CACHE_DIR = "~/.cache/uv"',
          '/u/config.toml',
        ),
    ).toBe(false)
  })

  it('a project’s file says nothing about caches', () => {
    const checked = checkProjectCap(
      'schema = 1\n[caches]\nUV_CACHE_DIR = "uv"',
      '/p/.launcher.toml',
      'linux',
    )
    expect('errors' in checked && checked.errors[0]?.message).toMatch(/^`caches` cannot stand here/)
  })
})
