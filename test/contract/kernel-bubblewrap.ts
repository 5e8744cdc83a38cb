import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { bubblewrapOptions } from '../../src/backend/bubblewrap/argv.ts'
import { mountGate } from '../../src/backend/bubblewrap/gate.ts'
import { compileBubblewrap, type Placeholder } from '../../src/backend/bubblewrap/program.ts'
import { seccompFilter } from '../../src/backend/bubblewrap/seccomp.ts'
import { DESCRIPTORS } from '../../src/launch/bubblewrap.ts'
import { makeHeld } from '../../src/launch/held-names.ts'
import { mountTableOf } from '../../src/launch/process-table.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { Kernel, Outcome } from './kernel.ts'
import { nothingFile, standinFile } from './machine.ts'

const PROGRAM = ['/usr/bin/bwrap', '/bin/bwrap', '/usr/local/bin/bwrap'].find((file) =>
  fs.existsSync(file),
)

/**
 * Linux: the program is started as `src/launch/bubblewrap.ts` starts it: options and filter through
 * descriptors, an environment made from nothing, held until the kernel's mounts are the planned
 * ones. Only the shield against Ctrl-C is left out.
 */
export const bubblewrapKernel: Kernel = {
  name: 'bubblewrap',
  unavailable: () => (PROGRAM === undefined ? 'bubblewrap (bwrap) is not installed' : undefined),
  start: async (policy, argv, options) => {
    const compiled = compileBubblewrap(policy)
    const program = options.mutate ? options.mutate(compiled) : compiled
    const placed = hold(program.placeholders, options.uid)
    try {
      const child = spawn(PROGRAM!, ['--args', String(DESCRIPTORS.args), '--', ...argv], {
        cwd: '/',
        env: { PATH: '/usr/bin', HOME: '/', LANG: 'C.UTF-8', ...options.env },
        stdio: [options.stdin ?? 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
        ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      })
      const ended = collect(child)
      const words = bubblewrapOptions(program, {
        cwd: '/' as AbsolutePath,
        sources: { standinFile: standinFile(options.uid), nothing: nothingFile },
        descriptors: DESCRIPTORS,
      })
      const told = options.mutateOptions ? options.mutateOptions(words) : words
      feed(child, DESCRIPTORS.args, told.map((word) => `${word}\0`).join(''))
      feed(child, DESCRIPTORS.seccomp, seccompFilter(process.arch))
      if (options.stdin === undefined) feed(child, 0, options.input ?? '')
      if (!options.mutate && !options.mutateOptions)
        await compare(child, mountGate(program, compilePolicy(policy)), ended, options.onHeld)
      feed(child, DESCRIPTORS.block, 'x')
      return await ended
    } finally {
      for (const path of placed.reverse())
        fs.rmSync(path, {
          recursive: false,
          force: true,
          ...(fs.lstatSync(path).isDirectory() ? { recursive: true } : {}),
        })
    }
  },
}

/** Puts the held names on the host; they are empty, so taking them away can lose nothing. */
const hold = (placeholders: readonly Placeholder[], uid: number | undefined): string[] =>
  placeholders.map(({ path, hold: how }) => {
    makeHeld(path, how)
    if (uid !== undefined) fs.chownSync(path, uid, uid)
    return path
  })

const pipeOf = (child: ChildProcess, descriptor: number): Duplex =>
  (child.stdio as readonly unknown[])[descriptor] as Duplex

const feed = (child: ChildProcess, descriptor: number, content: string | Uint8Array): void => {
  const stream = pipeOf(child, descriptor)
  // A program that ends early closes its side; its exit tells, not this.
  stream.on('error', () => undefined)
  stream.end(content)
}

const collect = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const output: [Buffer[], Buffer[]] = [[], []]
    child.stdout?.on('data', (chunk: Buffer) => output[0].push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => output[1].push(chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({
        code: code ?? 255,
        stdout: Buffer.concat(output[0]).toString('utf8'),
        stderr: Buffer.concat(output[1]).toString('utf8'),
      }),
    )
  })

const compare = async (
  child: ChildProcess,
  gate: ReturnType<typeof mountGate>,
  ended: Promise<Outcome>,
  onHeld?: (table: string) => void,
): Promise<void> => {
  const pid = await Promise.race([initPid(child), ended.then(() => undefined)])
  if (pid === undefined) throw new Error(`bubblewrap did not start: ${(await ended).stderr}`)
  const isOver = { value: false }
  void ended.then(() => (isOver.value = true))
  let table = mountTableOf(pid)
  for (; !gate.isSealed(table); table = mountTableOf(pid)) {
    if (isOver.value) throw new Error(`bubblewrap ended while building: ${(await ended).stderr}`)
    await delay(1)
  }
  const problems = gate.differences(table, mountTableOf('self'))
  if (problems.length > 0) {
    child.kill('SIGKILL')
    throw new Error(`the kernel's mounts are not the planned ones: ${problems.join('; ')}`)
  }
  const host = mountTableOf('self')
  const { gained } = gate.judge({ released: table, before: table, now: table, host })
  if (gained.length > 0) {
    child.kill('SIGKILL')
    throw new Error(`the planned mounts give more than the policy: ${gained.join('; ')}`)
  }
  onHeld?.(table)
}

const initPid = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    let text = ''
    const stream = pipeOf(child, DESCRIPTORS.info)
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const match = /"child-pid":\s*(\d+)[\s,}]/.exec(text)
      if (match) resolve(Number(match[1]))
    })
  })
