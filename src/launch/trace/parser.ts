import os from 'node:os'
import type { Operation } from '../../policy/model.ts'
import { type NamedPath, wantedBy } from './calls.ts'
import { outcomeOf, readLine, type TraceLine } from './line.ts'
import { trackProcesses } from './processes.ts'
import { descriptorPath, splitArguments, stringOf } from './text.ts'

/** A call that the kernel refused. */
export interface RefusedCall {
  readonly operation: Operation
  readonly kind: 'path' | 'address'
  /** Absolute, not normalised (`..` and links as the program wrote them), or `host:port`. */
  readonly path: string
  /** True when the call would have made the name. */
  readonly creates: boolean
  /** `EACCES`, `ENOENT`, … */
  readonly error: string
  readonly program: string
  readonly pid: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Who hears what the trace says. */
export interface TraceListener {
  onRefused(call: RefusedCall): void
  /** A process ended: exit code, or 128 + n for a signal. */
  onEnded?(end: { readonly pid: number; readonly status: number; readonly at: number }): void
  /**
   * A refused call whose path cannot be told: it was too long, or relative to a directory that is
   * not known.
   */
  onUnreadable?(call: { readonly name: string; readonly pid: number }): void
}

export interface TraceParser {
  /** Takes a piece of strace's output, cut anywhere. */
  feed(chunk: Uint8Array): void
  /** The output is over; what waited is told now. */
  end(): void
  /** Lines that were dropped for their length. */
  readonly dropped: number
}

/** Two paths of PATH_MAX, each byte an octal escape, and the words around them. */
const MAX_LINE = 64 * 1024
/** Longest working directory that is kept as written. */
const MAX_PLACE = 8 * 1024
/** Errors by which the kernel refuses, or hides: an absent name looks the same as a hidden one. */
const REFUSALS: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOENT',
  'EXDEV',
  'EBUSY',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
])
const CLONES: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork'])

/**
 * Reads the output of {@link traceCommand} as it comes. Nothing is told of bubblewrap's own work:
 * the agent begins with the first program that is executed by another process than the one that was
 * started (`hasSandbox`). `cwd` is where that one was started.
 */
export const createTraceParser = (
  cwd: string,
  listener: TraceListener,
  { hasSandbox }: { readonly hasSandbox: boolean },
): TraceParser => {
  const processes = trackProcesses(cwd)
  const unfinished = new Map<number, { readonly name: string; readonly head: string }>()
  const decoder = new TextDecoder('latin1')
  let rest = ''
  let isSkipping = false
  let dropped = 0
  let first: number | undefined
  let hasBegun = !hasSandbox

  const line = (text: string): void => {
    const read = readLine(text, os.constants.signals)
    if (read === undefined) return
    first ??= read.pid
    replay(processes.admit(read.pid, text))
  }

  const replay = (lines: readonly string[]): void => {
    for (const text of lines) {
      const read = readLine(text, os.constants.signals)
      if (read) take(read)
    }
  }

  const take = (read: TraceLine): void => {
    switch (read.type) {
      case 'unfinished':
        unfinished.set(read.pid, read)
        return
      case 'resumed': {
        const begun = unfinished.get(read.pid)
        unfinished.delete(read.pid)
        if (begun) call(read.pid, read.at, begun.name, begun.head + read.tail)
        return
      }
      case 'ended':
        unfinished.delete(read.pid)
        processes.gone(read.pid)
        if (hasBegun) listener.onEnded?.({ pid: read.pid, status: read.status, at: read.at })
        return
      case 'call':
        call(read.pid, read.at, read.name, read.rest)
        return
      default:
        read satisfies never
    }
  }

  const call = (pid: number, at: number, name: string, text: string): void => {
    const outcome = outcomeOf(text)
    if (outcome === undefined) return
    const traced = processes.get(pid)
    if (name === 'execve' && pid !== first) hasBegun = true
    if (!('error' in outcome)) {
      succeeded(pid, name, text, outcome.value)
      return
    }
    if (!hasBegun || !REFUSALS.has(outcome.error)) return
    const wanted = wantedBy(name, splitArguments(text, 5))
    if (wanted === undefined) {
      if (/"\.\.\./.test(text)) listener.onUnreadable?.({ name, pid })
      return
    }
    const about = { error: outcome.error, program: traced.program, pid, at }
    if (wanted.kind === 'address') {
      listener.onRefused({
        ...about,
        operation: wanted.operation,
        kind: 'address',
        path: wanted.address,
        creates: false,
      })
      return
    }
    for (const path of wanted.paths) {
      const absolute = absoluteOf(path, traced.place.cwd)
      if (absolute === undefined) listener.onUnreadable?.({ name, pid })
      else
        listener.onRefused({
          ...about,
          operation: path.operation,
          kind: 'path',
          path: absolute,
          creates: path.creates,
        })
    }
  }

  const succeeded = (pid: number, name: string, text: string, value: number): void => {
    const traced = processes.get(pid)
    if (name === 'execve') traced.program = stringOf(splitArguments(text, 1)[0]) ?? traced.program
    else if (name === 'chdir') {
      const path = stringOf(splitArguments(text, 1)[0])
      traced.place.cwd =
        path === undefined ? undefined : absoluteOf({ path, from: undefined }, traced.place.cwd)
      // Only `..` and links make it longer than a path can be; the next descriptor names it again.
      if ((traced.place.cwd?.length ?? 0) > MAX_PLACE) traced.place.cwd = undefined
    } else if (name === 'fchdir') traced.place.cwd = descriptorPath(splitArguments(text, 1)[0])
    else if (CLONES.has(name) && value > 0)
      replay(processes.born(pid, value, /\bCLONE_FS\b/.test(text)))
    else if (text.startsWith('AT_FDCWD<'))
      traced.place.cwd = descriptorPath(splitArguments(text, 1)[0]) ?? traced.place.cwd
  }

  return {
    get dropped() {
      return dropped
    },
    feed: (chunk) => {
      const lines = (rest + decoder.decode(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) {
        if (isSkipping) isSkipping = false
        else line(text)
      }
      if (rest.length <= MAX_LINE) return
      if (!isSkipping) dropped += 1
      isSkipping = true
      rest = ''
    },
    end: () => {
      if (rest !== '' && !isSkipping) line(rest)
      replay(processes.orphans())
    },
  }
}

const absoluteOf = (
  { path, from }: Pick<NamedPath, 'path' | 'from'>,
  cwd: string | undefined,
): string | undefined => {
  if (path.startsWith('/')) return path
  const base = from ?? cwd
  if (base === undefined) return undefined
  return path === '' ? base : `${base === '/' ? '' : base}/${path}`
}
