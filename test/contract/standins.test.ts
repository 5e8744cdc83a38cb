import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { join } from '../../src/machine/paths.ts'
import { cpuOfChildren } from '../fixtures/cpu.ts'
import { grant, protection } from '../policy/builders.ts'
import { kernel, runInside, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'

const reason = skipReason()
const place = workspace()
const project = join(place.root, 'p')
const policy = withBase({
  grants: [grant('write', project)],
  protections: [
    protection('hidden', join(project, '.env'), { entry: 'file' }),
    protection('hidden', join(project, 'secrets')),
  ],
})
const git = (...args: string[]): string =>
  spawnSync('/usr/bin/git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    cwd: project,
    encoding: 'utf8',
    env: { HOME: place.root, PATH: '/usr/bin' },
  }).stdout

afterAll(() => place.dispose())

describe.skipIf(reason !== undefined || !fs.existsSync('/usr/bin/git'))(
  'what stands in for hidden things (L10)',
  () => {
    beforeAll(() => {
      fs.mkdirSync(join(project, 'secrets'), { recursive: true })
      for (const name of ['.env', 'secrets/key', 'code'])
        fs.writeFileSync(join(project, name), `${name}\n`)
      git('init', '-q')
      git('add', '-A')
      git('commit', '-qm', 'first')
    })
    const sh = (script: string): ReturnType<typeof kernel.start> =>
      kernel.start(
        policy,
        ['/bin/sh', '-c', `cd ${project}; export HOME=${project}; ${script}`],
        {},
      )

    it('is of the same type, and cannot be read, listed, entered or changed', async () => {
      expect((await sh('stat -c %F .env secrets')).stdout).toBe('regular empty file\ndirectory\n')
      for (const attempt of [
        'cat .env',
        'ls secrets',
        'cat secrets/key',
        'echo x > .env',
        'chmod 644 .env',
        'chmod 755 secrets',
        'rm -f .env',
        'mv secrets s',
        'touch secrets/new',
      ]) {
        expect((await sh(attempt)).code, attempt).not.toBe(0)
      }
      expect((await sh('cat code')).stdout).toBe('code\n')
    })

    it('lets no deletion and no emptied file be committed; what else changed is', async () => {
      const commit = 'git -c user.name=t -c user.email=t@example.org'
      await sh(
        `echo more >> code; ${commit} add -A; ${commit} add code; ${commit} commit -m second`,
      )
      expect(git('log', '--format=%s')).toBe('second\nfirst\n')
      expect(git('show', 'HEAD:.env')).toBe('.env\n')
      expect(git('show', 'HEAD:secrets/key')).toBe('secrets/key\n')
      expect(git('show', 'HEAD:code')).toBe('code\nmore\n')
      expect(git('status', '--porcelain')).toBe('')
    })
  },
)

describe.skipIf(reason !== undefined)('descriptors (L8)', () => {
  it('only the three standard ones reach the program, not those that bubblewrap is given', async () => {
    const { stdout } = await kernel.start(policy, ['/bin/sh', '-c', 'ls /proc/$$/fd; true'], {})
    // Higher ones are what the test runner itself inherited; a run closes those before it starts
    // anything.
    expect(
      stdout
        .trim()
        .split('\n')
        .map(Number)
        .filter((fd) => fd < 10),
    ).toEqual([0, 1, 2])
  })

  it('a directory as standard input leads out, and is refused before a start', async () => {
    const outside = join(place.root, 'outside')
    fs.mkdirSync(join(outside, 'd'), { recursive: true })
    fs.writeFileSync(join(outside, 'secret'), 'secret')
    const fd = fs.openSync(join(outside, 'd'), 'r')
    const led = await kernel.start(policy, ['/bin/sh', '-c', 'cat /proc/self/fd/0/../secret'], {
      stdin: fd,
    })
    expect(led.stdout).toBe('secret')
    const check = path.join(place.root, 'check.cjs')
    const source = (name: string): string =>
      JSON.stringify(new URL(`../../src/${name}`, import.meta.url).pathname)
    buildSync({
      stdin: {
        contents: `import { standardStreams } from ${source('launch/descriptors.ts')}
          import { standardStreams as refusal } from ${source('run/guards/request.ts')}
          const error = refusal({ streams: standardStreams() })
          if (error) throw error`,
        resolveDir: '/',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: check,
      logLevel: 'silent',
    })
    const withStdin = (stdin: number | 'ignore'): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [check], { stdio: [stdin, 'ignore', 'pipe'] })
    expect(String(withStdin(fd).stderr)).toContain('standard input is a directory')
    expect(withStdin('ignore').status).toBe(0)
    fs.closeSync(fd)
  })
})

describe.skipIf(reason !== undefined)('cost (L20)', () => {
  it('five hundred operations in one sandbox cost less than ten starts', async () => {
    const script = `const fs = require('node:fs')
const count = JSON.parse(fs.readFileSync(0, 'utf8'))
for (let at = 0; at < count; at++) fs.readdirSync(${JSON.stringify(project)})
process.stdout.write('0')`
    const time = async (operations: number): Promise<number> => {
      const start = cpuOfChildren()
      await runInside(policy, { script, input: operations })
      return cpuOfChildren() - start
    }
    // The clock of CPU time ticks in hundredths of a second: a start never counts as nothing.
    const one = Math.max(await time(1), 10)
    expect(await time(500)).toBeLessThan(10 * one)
  })
})
