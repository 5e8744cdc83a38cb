import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { launcherCommand, newWorld, ordinary, whyNoKernel, type World } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const reason =
  whyNoKernel() ?? (process.platform === 'darwin' ? 'processes are found through /proc' : undefined)

/** Kills in all; 500 say more, and take ten minutes or so. */
const KILLS = Number(process.env['LAUNCHER_SOAK_KILLS'] ?? '40')
/** Milliseconds after the start within which a run of this test is over or at its agent. */
const SPAN = 900
/** Far more than the second that is promised: on a busy machine a process waits for its turn. */
const PATIENCE = 20_000

describe.each(ordinary())('whatever process of a run is killed, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    world.put('work/project/.env', 'TOKEN=secret\n')
  })
  afterAll(() => world.remove())

  /**
   * Processes whose environment or words name this world's home: launcher, its reaper, bubblewrap,
   * the agent.
   */
  const alive = (): number[] =>
    fs.readdirSync('/proc').flatMap((name) => {
      const pid = Number(name)
      if (!(pid > 0) || pid === process.pid) return []
      try {
        const text = ['environ', 'cmdline'].map((file) =>
          fs.readFileSync(`/proc/${pid}/${file}`, 'latin1'),
        )
        return text.some((one) => one.includes(world.home)) ? [pid] : []
      } catch {
        return []
      }
    })
  /** The helper of the network names no place at all: it is known as a child. */
  const withChildren = (pids: readonly number[]): number[] => [
    ...new Set(
      pids.flatMap((pid) => {
        try {
          const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
          return [pid, ...text.split(' ').filter(Boolean).map(Number)]
        } catch {
          return [pid]
        }
      }),
    ),
  ]
  const gone = async (condition: () => boolean): Promise<boolean> => {
    const end = Date.now() + PATIENCE
    while (!condition() && Date.now() < end) await new Promise((r) => setTimeout(r, 20))
    return condition()
  }

  where(reason)(
    'nothing of it outlives it, and the next start puts the host right',
    async () => {
      const left: string[] = []
      const slow: string[] = []
      const put = { pairs: 0, one: 0, none: 0 }
      for (let kill = 0; kill < KILLS; kill++) {
        const phase = Math.floor(Math.random() * SPAN)
        const command = launcherCommand(world, [
          ...['run', '--quiet', '--network', 'allowlist', '--', '/bin/sh', '-c', 'sleep 1'],
        ])
        const child = spawn(command.file, command.args, { ...command.options, stdio: 'ignore' })
        const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
        await new Promise((resolve) => setTimeout(resolve, phase))
        const now = withChildren(alive())
        const chosen = now.toSorted(() => Math.random() - 0.5).slice(0, Math.random() < 0.3 ? 2 : 1)
        put[chosen.length === 2 ? 'pairs' : chosen.length === 1 ? 'one' : 'none'] += 1
        for (const pid of chosen) {
          try {
            process.kill(pid, 'SIGKILL')
          } catch {
            // It ended by itself meanwhile.
          }
        }
        const start = Date.now()
        const isGone = await gone(
          () => alive().length === 0 && now.every((pid) => !fs.existsSync(`/proc/${pid}`)),
        )
        const which = `kill ${kill} at ${phase} ms`
        if (!isGone) {
          left.push(`${which}: ${alive().join(' ')}`)
          for (const pid of alive()) process.kill(pid, 'SIGKILL')
        }
        // The agent itself lives for a second.
        if (Date.now() - start > 2_500) slow.push(`${which}: ${Date.now() - start} ms`)
        await ended
      }
      console.log(`kills: ${JSON.stringify(put)}; left: ${left.length}; slow: ${slow.join(', ')}`)
      expect(left).toEqual([])
      // What launcher and reaper left when both were killed is put right by the next start.
      const last = launcherCommand(world, ['run', '--quiet', '--', '/bin/true'])
      const code = await new Promise((resolve) =>
        spawn(last.file, last.args, { ...last.options, stdio: 'ignore' }).once('close', resolve),
      )
      expect(code).toBe(0)
      expect(await gone(() => alive().length === 0)).toBe(true)
      expect(fs.readdirSync(`${world.home}/.local/state/launcher/runs`)).toEqual([])
      expect(fs.readdirSync(world.project)).toEqual(['.env'])
    },
    Math.max(300_000, KILLS * 10_000),
  )
})
