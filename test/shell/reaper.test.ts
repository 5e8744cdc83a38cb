import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { until } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const reaperScript = path.resolve(import.meta.dirname, '../../shell/reaper.sh')
const onlyLinux =
  process.platform === 'linux' ? undefined : 'bubblewrap and its gate exist on Linux only'

describe('the reaper of a launcher that was killed', () => {
  let state: string
  let run: string
  const children: ChildProcess[] = []
  beforeEach(() => {
    state = fs.mkdtempSync(path.join(os.tmpdir(), 'reaper-'))
    run = path.join(state, 'runs/r-1')
    fs.mkdirSync(run, { recursive: true })
  })
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    fs.rmSync(state, { recursive: true, force: true })
  })

  const reaper = async (): Promise<ChildProcess> => {
    const child = spawn('/bin/sh', [reaperScript, state, 'r-1', 'lock'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.push(child)
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    return child
  }

  /** Waits at the gate like bubblewrap, for which the end of the pipe is leave, too. */
  const waiter = (): { child: ChildProcess; ended: Promise<string | number | null> } => {
    const gate = fs.openSync(path.join(run, 'gate'), 'r+')
    const theirs = fs.openSync(path.join(run, 'gate'), 'r')
    const child = spawn(
      '/bin/sh',
      [
        '-c',
        'read -r _ <&3; exec 3<&-; touch "$1"; exec sleep 60',
        'waiter',
        path.join(state, 'started'),
      ],
      { stdio: ['ignore', 'inherit', 'inherit', theirs] },
    )
    for (const fd of [gate, theirs]) fs.closeSync(fd)
    children.push(child)
    return {
      child,
      ended: new Promise((resolve) => child.once('exit', (code, by) => resolve(by ?? code))),
    }
  }

  where(onlyLinux)(
    'lets nobody go on who waits at the gate, though nobody told it of them, and takes the run away',
    async () => {
      const process = await reaper()
      const { ended } = waiter()
      process.stdin!.end()
      expect(await ended).toBe('SIGKILL')
      await until('the run is gone', () => !fs.existsSync(run))
      expect(fs.existsSync(path.join(state, 'started'))).toBe(false)
    },
  )

  where(onlyLinux)('that became its agent keeps the run until the agent has ended', async () => {
    const reaping = await reaper()
    const agent = spawn('sleep', ['60'])
    children.push(agent)
    reaping.stdin!.end(`unlock\nbecome ${agent.pid}\n`)
    await until(
      'it waits',
      () => spawnSync('pgrep', ['-P', String(reaping.pid), 'sleep']).status === 0,
    )
    expect(fs.existsSync(run)).toBe(true)
    agent.kill('SIGKILL')
    await until('the run is gone', () => !fs.existsSync(run))
  })

  where(onlyLinux)('leaves alone who was let go', async () => {
    const process = await reaper()
    const { child } = waiter()
    fs.writeFileSync(path.join(run, 'gate'), 'x\n')
    await until('it was let go', () => fs.existsSync(path.join(state, 'started')))
    process.stdin!.end()
    await until('the run is gone', () => !fs.existsSync(run))
    expect([child.exitCode, child.signalCode]).toEqual([null, null])
  })
})
