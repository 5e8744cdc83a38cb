import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cpuOfChildren } from '../fixtures/cpu.ts'
import { inside, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'APFS refuses such names'
    : fs.existsSync('/usr/bin/perl')
      ? undefined
      : 'no perl')

describe.each(ordinary())('a project that somebody else prepared, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
    world.put('work/project/ordinary/.env', 'TOKEN=secret\n')
  })
  afterEach(() => world.remove())

  where(reason)(
    'with a directory whose name is no text is refused: nothing in it could be protected',
    async () => {
      fs.mkdirSync(Buffer.concat([Buffer.from(`${world.project}/d`), Buffer.from([0xff])]))
      const { code, stdout, stderr } = await inside(world, 'echo started')
      expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
      expect(stderr).toMatch(/not text \(UTF-8\)/)
    },
  )

  where(reason ?? (user.uid === undefined ? 'root can list any directory' : undefined))(
    'with a directory that cannot be listed has it hidden whole',
    async () => {
      world.put('work/project/closed/.env', 'TOKEN=secret\n')
      fs.chmodSync(path.join(world.project, 'closed'), 0o300)
      const { stdout } = await inside(
        world,
        'chmod 700 closed; cat closed/.env; cat ordinary/.env; echo end',
      )
      expect(stdout).toBe('end\n')
      fs.chmodSync(path.join(world.project, 'closed'), 0o700)
    },
  )

  where(reason)('deeper than a path can be has its depths hidden', async () => {
    const walk = (then: string): string => `for (1 .. 160) { ${then} chdir "d" x 30 or last }`
    const made = world.outside('/usr/bin/perl', [
      '-e',
      `${walk('mkdir "d" x 30;')} open F, ">.env"; print F "TOKEN=secret\n"`,
    ])
    expect(made.status).toBe(0)
    expect(world.outside('/usr/bin/perl', ['-e', `${walk('')} exec "cat", ".env"`]).stdout).toBe(
      'TOKEN=secret\n',
    )
    const { stdout } = await inside(
      world,
      `/usr/bin/perl -e '${walk('')} exec "cat", ".env"'; echo end`,
    )
    expect(stdout).toBe('end\n')
  })

  it('with a pattern made to be slow costs no time', async () => {
    world.put(
      'work/project/.launcher.toml',
      `schema = 1\n[protect]\nhidden = ["$PROJECT/${'**/'.repeat(9)}a*b*c*d*e*f*g*h*i*"]\n`,
    )
    fs.mkdirSync(path.join(world.project, Array(50).fill('aaaa').join('/')), { recursive: true })
    const start = process.platform === 'linux' ? cpuOfChildren() : undefined
    expect((await launcher(world, ['run', '--dry-run', '--', '/bin/sh'])).code).toBe(0)
    if (start !== undefined) expect(cpuOfChildren() - start).toBeLessThan(5_000)
  })

  where(reason)('cannot take itself away and leave bubblewrap to say so', async () => {
    world.put('work/project/.launcher.toml', 'schema = 1\n[filesystem]\nnone = ["$PROJECT"]\n')
    const { code, stderr } = await inside(world, 'echo started')
    expect(code).toBe(125)
    expect(stderr).toMatch(/project .* cannot be read inside/)
  })

  it('a flag in the place of a value starts nothing', async () => {
    const { code, stdout, stderr } = await launcher(world, [
      'run',
      '--quiet',
      '--read',
      '--dry-run',
      '--',
      '/bin/sh',
      '-c',
      'echo started',
    ])
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/--read needs a value/)
  })
})
