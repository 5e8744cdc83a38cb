import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { type Finished, launcherCommand, until, type World } from '../e2e/harness.ts'

/** A run whose agent says "ready" and goes on when it reads a line. */
export interface Held {
  readonly child: ChildProcess
  /** Ends when the last process that holds its standard output is gone, whoever started it. */
  readonly finished: Promise<Finished>
  output(): string
  letGo(): void
}

export const hold = async (
  world: World,
  flags: readonly string[],
  script: string,
): Promise<Held> => {
  const { file, args, options } = launcherCommand(world, [
    'run',
    '--quiet',
    ...flags,
    '--',
    '/bin/sh',
    '-c',
    script,
  ])
  const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  // A test that fails half-way must not leave its agent waiting.
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  const finished = new Promise<Finished>((resolve) =>
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })),
  )
  await until(
    `the agent is up (${stderr})`,
    () => stdout.includes('ready') || child.exitCode !== null,
  )
  return { child, finished, output: () => stdout, letGo: () => void child.stdin.end('go\n') }
}
