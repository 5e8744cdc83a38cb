import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { startTimeOf } from './process-table.ts'
import type { RunState } from './state.ts'

/** A process in a session of its own that cleans up when launcher is gone, however it went. */
export interface Reaper {
  /** Resolves when it is ready: from then on everything recorded for the run will be taken away. */
  readonly ready: Promise<void>
  /** Keeps other runs from changing what is on the host. Resolves when it does. */
  lock(): Promise<void>
  /** Lets other runs change what is on the host again. */
  unlock(): void
  /**
   * The process whose tree must not outlive launcher; under bubblewrap, the first of the sandbox.
   */
  watch(pid: number): void
  /**
   * Launcher is stopped, or goes on: meanwhile the reaper looks at the mounts of the process it
   * watches.
   */
  pause(isStopped: boolean): void
  /**
   * Launcher is about to become the agent: what is on the host stays until that process has ended.
   * Resolves when the reaper can read it.
   */
  become(): Promise<void>
  /**
   * Takes everything away: with `clean` here, while the reaper holds the lock, and what that leaves
   * by the reaper.
   */
  finish(clean: () => boolean): Promise<void>
}

/** Starts the reaper; with `lock`, it holds the state's lock until {@link Reaper.unlock}. */
export const startReaper = (script: AbsolutePath, run: RunState, lock: boolean): Reaper => {
  const child = spawn('/bin/sh', [script, run.state, run.id, ...(lock ? ['lock'] : [])], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  })
  // Writing to a reaper that is gone is found out by `ready` or `finish`, not by a crash here.
  child.stdin?.on('error', () => undefined)
  const exited = exitOf(child)
  return {
    ready: readiness(child, exited),
    lock: async () => {
      const locked = wordOf(child)
      child.stdin?.write('lock\n')
      await Promise.race([locked, exited])
    },
    unlock: () => void child.stdin?.write('unlock\n'),
    watch: (pid) => void child.stdin?.write(`agent ${pid} ${startTimeOf(pid)}\n`),
    pause: (isStopped) => void child.stdin?.write(isStopped ? 'stopped\n' : 'continued\n'),
    become: () =>
      new Promise((resolve) => child.stdin?.write(`become ${process.pid}\n`, () => resolve())),
    finish: async (clean) => {
      const locked = wordOf(child)
      child.stdin?.write('done\nlock\n')
      // Without the reaper nobody holds the lock; cleaning up is still better than leaving it to
      // the next run.
      await Promise.race([locked, exited])
      const isClean = clean()
      child.stdin?.end()
      // Nothing is left for it to do: launcher need not wait for it to see that.
      if (isClean) child.unref()
      else await exited
    },
  }
}

const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', () => resolve(127))
  })

const wordOf = (child: ChildProcess): Promise<'word'> =>
  new Promise((resolve) => child.stdout?.once('data', () => resolve('word')))

const readiness = async (child: ChildProcess, exited: Promise<number>): Promise<void> => {
  const code = await Promise.race([wordOf(child), exited])
  if (code !== 'word') {
    throw new LauncherError(
      'E_STATE',
      `the process that cleans up after the run did not start (exit ${code})`,
      {
        hint:
          code === 69
            ? 'flock (util-linux) is needed'
            : 'check that /bin/sh works and that the state directory is writable',
      },
    )
  }
}

/** Cleans up after runs whose launcher and reaper are both gone. */
export const sweep = (script: AbsolutePath, state: AbsolutePath, runs: readonly string[]): void => {
  for (const run of runs) {
    spawnSync('/bin/sh', [script, state, run], {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      timeout: 10_000,
    })
  }
}
