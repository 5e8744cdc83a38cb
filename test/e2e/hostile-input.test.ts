import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(ordinary())('hostile input, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
  })
  afterAll(() => world.remove())

  const listing = (directory: string): string[] =>
    fs
      .readdirSync(directory, { recursive: true, withFileTypes: true })
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()

  it.each<[string, string | Buffer, RegExp]>([
    ['an unknown key', 'schema = 1\n[filesystem]\nwrit = ["~/x"]\n', /bad\.toml:3:1.*writ.*write/s],
    ['10 MB', Buffer.alloc(10 << 20, 'a'), /bad\.toml/],
    ['binary junk', Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80]), /bad\.toml/],
    ['a profile that extends itself', 'schema = 1\nextends = ["bad"]\n', /bad/],
    ['a path with ..', 'schema = 1\n[filesystem]\nread = ["../../.."]\n', /bad\.toml:3:\d+/],
    ['a NUL in a path', 'schema = 1\n[filesystem]\nread = ["~/a\\u0000b"]\n', /bad\.toml:3:\d+/],
    [
      'an escape sequence in a path',
      'schema = 1\n[filesystem]\nread = ["~/\\u001b]0;owned\\u0007"]\n',
      /bad\.toml:3:\d+/,
    ],
    ['a wrong type', 'schema = 1\n[filesystem]\nread = "~"\n', /bad\.toml:3:\d+/],
    ['broken TOML', 'schema = 1\n[filesystem\n', /bad\.toml:2:\d+/],
    ['10,000 brackets', `schema = 1\nx = ${'['.repeat(10_000)}`, /bad\.toml/],
    ['no schema', 'description = "x"\n', /schema/],
    ['a loader variable', 'schema = 1\n[environment]\npass = ["LD_PRELOAD"]\n', /LD_PRELOAD/],
  ])(
    'a profile with %s is one clear error, 125, nothing started, nothing written',
    async (_, content, words) => {
      world.put('.config/launcher/profiles/bad.toml', '')
      fs.writeFileSync(path.join(world.home, '.config/launcher/profiles/bad.toml'), content)
      const before = listing(world.home)
      const { code, stdout, stderr } = await launcher(world, [
        'run',
        '--profile',
        'bad',
        '--',
        '/bin/sh',
        '-c',
        'echo started',
      ])
      expect(stderr).toMatch(words)
      expect(stderr).toMatch(/^launcher: /)
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(6)
      expect(stderr).not.toContain('\u001b')
      expect(stderr).not.toMatch(/at .*\.(ts|cjs):/)
      expect(code).toBe(125)
      expect(stdout).toBe('')
      expect(listing(world.home)).toEqual(before)
      fs.rmSync(path.join(world.home, '.config/launcher'), { recursive: true })
    },
  )

  where(reason)('a project named with every awkward character works', async () => {
    const odd = newWorld(user, `a b"c[d]\\e'f\né`)
    try {
      odd.outside('git', ['init', '-q'])
      const { code, stdout, stderr } = await launcher(odd, [
        'run',
        '--',
        '/bin/sh',
        '-c',
        'echo fine > file && cat file && mv .git .g; true',
      ])
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'fine\n' })
      expect(odd.exists(`work/a b"c[d]\\e'f\né/.git/HEAD`)).toBe(true)
      expect(stderr.split('\n').filter((line) => line.startsWith('é'))).toEqual([])
    } finally {
      odd.remove()
    }
  })

  it('and gives a Seatbelt profile that parses, without a byte of the name in it', async () => {
    const odd = newWorld(user, `a b"c[d]\\e'f\né`)
    try {
      const { code, stdout } = await launcher(odd, [
        'run',
        '--print-program',
        '--backend',
        'seatbelt',
        '--json',
        '--',
        '/bin/sh',
      ])
      expect(code).toBe(0)
      const program = JSON.parse(stdout) as {
        profile: string
        params: { name: string; value: string }[]
      }
      const { compile } = await import('../../src/backend/seatbelt/sbpl/compile.ts')
      const compiled = compile(
        program.profile,
        Object.fromEntries(program.params.map(({ name, value }) => [name, value])),
      )
      expect(compiled.rules.length).toBeGreaterThan(50)
      expect(program.profile).not.toMatch(/[^\x00-\x7f]|c\[d/)
      expect(compiled.decide('file-write-create', { path: `${odd.project}/new` }).allowed).toBe(
        true,
      )
      expect(compiled.decide('file-write-create', { path: `${odd.home}/new` }).allowed).toBe(false)
    } finally {
      odd.remove()
    }
  })

  where(reason)('a repository cannot widen anything with a .launcher.toml of its own', async () => {
    world.put('.ssh/id_rsa', 'SECRET\n')
    for (const text of [
      'schema = 1\n[filesystem]\nread = ["~/.ssh"]\n',
      'schema = 1\n[protect]\nlift = ["~/.ssh"]\n',
      'schema = 1\n[network]\nmode = "host"\n',
      'schema = 1\n[environment]\npass = ["AWS_SECRET_ACCESS_KEY"]\n',
    ]) {
      world.put('work/project/.launcher.toml', text)
      const { code, stdout } = await launcher(world, [
        'run',
        '--quiet',
        '--',
        '/bin/sh',
        '-c',
        'cat ~/.ssh/id_rsa; echo started',
      ])
      expect(stdout).not.toContain('SECRET')
      if (code !== 125)
        expect(
          (await launcher(world, ['run', '--dry-run', '--json', '--', '/bin/sh'])).stdout,
        ).toMatch(/"mode": \{\s*"value": "none"/)
    }
    fs.rmSync(path.join(world.project, '.launcher.toml'))
  })

  where(reason)(
    'an agent cannot put commands on PATH, and a command of the project gets no profile',
    async () => {
      world.put('work/project/vibe', '#!/bin/sh\necho planted\n', 0o755)
      const { code, stdout } = await launcher(world, ['run', '--quiet', '--', 'vibe'], {
        env: { PATH: `${world.project}:/usr/bin:/bin` },
      })
      expect(stdout).toBe('')
      expect(code).toBe(127)
    },
  )
})
