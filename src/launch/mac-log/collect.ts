import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { LOG_PROGRAM, logArguments } from './command.ts'
import { createMacLogParser, type MacLogGaps, type MacLogListener } from './parser.ts'

/** Why the log cannot be read, and what to do about it. */
interface MacLogFailure {
  readonly reason: string
  readonly hint: string
}

/** The system's log, read while the agent runs. */
export interface MacLog {
  /**
   * Resolves when the stream is live, with the reason when it will not be. The agent is started
   * after that, either way.
   */
  readonly ready: Promise<MacLogFailure | undefined>
  /** Waits for the last records, ends the stream, and says what it did not tell. */
  stop(): Promise<MacLogGaps>
}

/** Readiness was below 50 ms where it was measured; codex waits as long as this. */
const READY_TIMEOUT = 2_000
/** A record was seen 98 ms after its refusal; what is waited for is more than twice that. */
const GRACE = 250
const MAX_WORDS = 4_096

/**
 * Starts the one stream of a run, outside of the sandbox: `log` refuses to work inside. `file` is
 * another program in tests.
 */
export const openMacLog = (
  tag: string,
  listener: MacLogListener,
  file: string = LOG_PROGRAM,
): MacLog => {
  const child = spawn(file, logArguments(tag), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
  })
  let isLive: () => void = () => undefined
  const live = new Promise<undefined>((resolve) => {
    isLive = () => resolve(undefined)
  })
  const parser = createMacLogParser(tag, { ...listener, onReady: () => isLive() })
  let words = ''
  child.stdout.on('data', (chunk: Buffer) => parser.feed(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < MAX_WORDS) words += chunk.toString('latin1')
    if (words.includes('Filtering the log data')) isLive()
  })
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (code) => resolve(code ?? 1))
  })
  const timeout = delay(READY_TIMEOUT, undefined, { ref: false })
  return {
    ready: Promise.race([
      live,
      ended.then((code) => failureOf(code, words)),
      timeout.then(
        (): MacLogFailure => ({
          reason: `the system log did not answer within ${READY_TIMEOUT / 1000} s`,
          hint: 'denials of this run may be missing',
        }),
      ),
    ]),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        await delay(GRACE)
        const closed = once(child, 'close').catch(() => undefined)
        child.kill('SIGTERM')
        await Promise.race([closed, delay(READY_TIMEOUT, undefined, { ref: false })])
        child.kill('SIGKILL')
      }
      parser.end()
      return parser.gaps
    },
  }
}

/**
 * What `log` says when it will not work: exit 77 for a user who is no administrator, 64 inside a
 * sandbox.
 */
const failureOf = (code: number, words: string): MacLogFailure => {
  if (/must be admin/i.test(words) || code === 77) {
    return {
      reason:
        'only an administrator can read the system log, so the denials of this run cannot be shown',
      hint: 'start launcher as a user of the group admin; enforcement does not need it',
    }
  }
  if (/while sandboxed/i.test(words))
    return {
      reason: 'the system log cannot be read from inside a sandbox',
      hint: 'start launcher from a terminal outside',
    }
  return {
    reason: `the system log could not be read (log ended with ${code})`,
    hint: 'run /usr/bin/log stream yourself to see why',
  }
}
