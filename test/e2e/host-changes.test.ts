import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcher, newWorld, until, ordinary, whyNoKernel, type World } from './harness.ts'
import { hold } from './held.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ??
  (process.platform === 'darwin' ? 'placeholders and mounts are the Linux backend’s' : undefined)

describe.each(ordinary())('the host during and after a run, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
    world.outside('git', ['init', '-q'])
    world.put('work/project/.env', 'TOKEN=secret\n')
    world.put('work/project/.vscode/settings.json', '{}\n')
  })
  afterEach(() => world.remove())

  const names = (): string[] => fs.readdirSync(world.project).sort()
  const state = (): string => path.join(world.home, '.local/state/launcher')
  const leftOver = (): string[] => fs.readdirSync(path.join(state(), 'runs'))

  where(reason)('what a run puts on the host is gone when it ends', async () => {
    const before = names()
    const run = await hold(world)
    expect(names()).not.toEqual(before)
    run.letGo()
    expect((await run.finished).code).toBe(0)
    expect(names()).toEqual(before)
    expect(leftOver()).toEqual([])
  })

  where(reason)(
    'and within a second after SIGKILL of launcher, with the whole tree dead',
    async () => {
      const before = names()
      const begun = performance.now()
      const run = await hold(
        world,
        'echo ready; echo $$ > pid; while :; do sleep 0.05; echo alive >> beat; done',
      )
      // A second, or as long as a few starts take here and now where the machine is busy.
      const second = Math.max(1_000, 3 * (performance.now() - begun))
      await until('the agent has begun', () => world.exists('work/project/beat'))
      run.child.kill('SIGKILL')
      await until(
        'the placeholders are gone',
        () =>
          JSON.stringify(names().filter((name) => name !== 'beat' && name !== 'pid')) ===
          JSON.stringify(before),
        second,
      )
      await until('the state is empty', () => leftOver().length === 0, second)
      const beat = fs.statSync(path.join(world.project, 'beat')).size
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(fs.statSync(path.join(world.project, 'beat')).size).toBe(beat)
    },
  )

  where(reason)('git lists and adds no held name, inside or outside', async () => {
    world.outside('git', ['config', 'user.name', 'tester'])
    world.outside('git', ['config', 'user.email', 'tester@example.com'])
    world.outside('git', ['add', '.vscode'])
    world.outside('git', ['commit', '-qm', 'one'])
    const looks = 'git status --short; git add -A -n'
    const before = world.outside('sh', ['-c', looks])
    const run = await hold(world, `echo ready; read word; ${looks}`)
    expect(world.outside('sh', ['-c', looks])).toEqual(before)
    run.letGo()
    // The content of what is hidden cannot be looked at inside, so only the listing is the same.
    const { stdout } = await run.finished
    expect(stdout.split('\n').slice(1)).toEqual(['?? .env', ''])
    expect(before.stdout).toBe("?? .env\nadd '.env'\n")
  })

  where(reason)('held names read as nothing inside, also in a second run', async () => {
    const look = 'cat .mcp.json .gitmodules .envrc; ls -A .claude'
    const first = await hold(world, `echo ready; read word; ${look}`)
    const second = await hold(world, `echo ready; read word; ${look}`)
    for (const run of [second, first]) {
      run.letGo()
      expect(await run.finished).toMatchObject({ code: 0, stdout: 'ready\n{}\n', stderr: '' })
    }
  })

  where(reason)('where git lists nothing, the host reads the same as the agent', async () => {
    fs.rmSync(path.join(world.project, '.git'), { recursive: true })
    const run = await hold(world)
    expect(world.read('work/project/.mcp.json')).toBe('{}\n')
    expect(world.read('work/project/.envrc')).toBe('')
    run.letGo()
    expect((await run.finished).code).toBe(0)
    expect(names()).toEqual(['.env', '.vscode'])
  })

  where(reason)('a second run that ends first leaves the names of the first in place', async () => {
    const before = names()
    const first = await hold(world)
    const during = names()
    const second = await hold(world)
    second.letGo()
    expect((await second.finished).code).toBe(0)
    expect(names()).toEqual(during)
    first.letGo()
    expect((await first.finished).code).toBe(0)
    expect(names()).toEqual(before)
  })

  where(reason)('a second run that outlives the first is not ended by its clean-up', async () => {
    const before = names()
    const first = await hold(world)
    const second = await hold(world)
    first.letGo()
    expect((await first.finished).code).toBe(0)
    second.letGo()
    expect(await second.finished).toMatchObject({ code: 0, stdout: 'ready\nafter\n' })
    expect(names()).toEqual(before)
  })

  where(reason)('what a power cut left is repaired by the next run', async () => {
    const before = names()
    const run = await hold(world)
    const [id] = fs.readdirSync(path.join(state(), 'runs'))
    // The reaper is killed first, so that nobody is left to clean up.
    const reapers = fs
      .readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`reaper.sh\0${state()}\0${id}`))
    expect(reapers.length).toBeGreaterThan(0)
    for (const pid of reapers) process.kill(Number(pid), 'SIGKILL')
    run.child.kill('SIGKILL')
    await run.finished
    expect(names()).not.toEqual(before)
    expect((await launcher(world, ['run', '--quiet', '--', 'true'])).code).toBe(0)
    expect(names()).toEqual(before)
    expect(leftOver()).toEqual([])
  })

  where(reason)('an ordinary change on the host does not end the run', async () => {
    const run = await hold(world, 'echo ready; read word; cat new; echo after')
    world.put('work/project/new', 'hello\n')
    world.outside('git', ['add', 'new'])
    run.letGo()
    expect(await run.finished).toMatchObject({ code: 0, stdout: 'ready\nhello\nafter\n' })
  })
})

const commandOf = (pid: string): string => {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
