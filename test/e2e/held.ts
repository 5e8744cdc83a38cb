import { type ChildProcess, spawn } from 'node:child_process'
import os from 'node:os'
import { type Finished, launcherCommand, type StartOptions, until, type World } from './harness.ts'

/** A run that has said "ready", and goes on when it is given a word on standard input. */
export interface Held {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  output(): string
  letGo(): void
}

/**
 * Starts a shell script as the agent of the default profile and waits until it has said "ready".
 */
export const hold = async (
  world: World,
  script = 'echo ready; read word; echo after',
  options: StartOptions & { readonly launcherArgs?: readonly string[] } = {},
): Promise<Held> => {
  const words = ['run', '--quiet', ...(options.launcherArgs ?? []), '--', '/bin/sh', '-c', script]
  const command = launcherCommand(world, words, options)
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  const finished = new Promise<Finished>((resolve) =>
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128 + (signal ? os.constants.signals[signal] : 0), stdout, stderr }),
    ),
  )
  await until(
    `the agent is up (${stderr})`,
    () => stdout.includes('ready') || child.exitCode !== null,
    60_000,
  )
  return { child, finished, output: () => stdout, letGo: () => void child.stdin.end('go\n') }
}
