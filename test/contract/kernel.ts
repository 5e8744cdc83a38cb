import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { bubblewrapKernel } from './kernel-bubblewrap.ts'
import { seatbeltKernel } from './kernel-seatbelt.ts'
import { sharedProbe, writeScript } from './machine.ts'
import type { BubblewrapProgram } from '../../src/backend/bubblewrap/program.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What came out of one run under enforcement. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface InsideOptions {
  /** Another user to run as; only root can ask for it. */
  readonly uid?: number
  readonly input?: string
  /** A directory, file or descriptor as standard input instead of `input`. */
  readonly stdin?: number
  /**
   * Changes the program before it is enforced: for tests that break it on purpose. Such a program
   * is not compared with the kernel's mounts.
   */
  readonly mutate?: (program: BubblewrapProgram) => BubblewrapProgram
  /** Changes the options of bubblewrap themselves, to the same end. */
  readonly mutateOptions?: (words: readonly string[]) => readonly string[]
  /** More variables for who is started. */
  readonly env?: Readonly<Record<string, string>>
  /** Called when the sandbox is built and held, just before the program in it is let go. */
  readonly onHeld?: (mountTable: string) => void
}

/** The operating system's own enforcement of a policy. */
export interface Kernel {
  readonly name: string
  /** Why it cannot be asked on this machine; undefined when it can. */
  unavailable(): string | undefined
  start(policy: ResolvedPolicy, argv: readonly string[], options: InsideOptions): Promise<Outcome>
}

/** The kernel of this machine: sandbox-exec on macOS, bubblewrap elsewhere. */
export const kernel: Kernel = process.platform === 'darwin' ? seatbeltKernel : bubblewrapKernel

/** Why tests against the kernel are skipped here, printed once for each file that asks. */
export const skipReason = (): string | undefined => {
  const reason = kernel.unavailable()
  if (reason !== undefined) console.warn(`contract: not run against ${kernel.name}: ${reason}`)
  return reason
}

/**
 * The second user of the suite: no account has to exist for it. Undefined unless the tests run as
 * root.
 */
export const SECOND_UID = process.getuid?.() === 0 ? 54_321 : undefined

/**
 * Runs a CommonJS script by Node under a policy; what it prints is JSON, and so is its standard
 * input.
 */
export const runInside = async (
  policy: ResolvedPolicy,
  program: { readonly script: string; readonly input: Json },
  options: InsideOptions = {},
): Promise<Json> => {
  const file = writeScript(sharedProbe(), program.script)
  const outcome = await kernel.start(
    policy,
    [process.platform === 'darwin' ? process.execPath : '/usr/bin/node', file],
    {
      ...options,
      input: JSON.stringify(program.input),
    },
  )
  if (outcome.code !== 0)
    throw new Error(`the probe ended with ${outcome.code}: ${outcome.stderr.slice(0, 2_000)}`)
  return JSON.parse(outcome.stdout) as Json
}
