import tty from 'node:tty'
import { signal } from './process-table.ts'

/**
 * Passed on to the agent. From a terminal, SIGINT and SIGQUIT reach it directly: it is in the same
 * process group.
 */
const FORWARDED = ['SIGTERM', 'SIGHUP'] as const
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const

export interface SignalRelay {
  /** The agent is known from here on; signals that came before are passed on now. */
  attach(pid: number): void
  /** True when a signal asked for the end before there was an agent. */
  readonly pending: readonly NodeJS.Signals[]
  dispose(): void
}

/**
 * Keeps launcher alive while the agent decides what a signal means to it, as if it had been started
 * directly.
 */
export const relaySignals = (): SignalRelay => {
  let target: number | undefined
  const pending: NodeJS.Signals[] = []
  const hasTerminal = [0, 1, 2].some((fd) => tty.isatty(fd))
  const pass = (name: NodeJS.Signals): void => {
    if (target === undefined) pending.push(name)
    else signal(target, name)
  }
  const ignore = (name: NodeJS.Signals): void => {
    if (target === undefined) pending.push(name)
  }
  const handlers = new Map<NodeJS.Signals, (name: NodeJS.Signals) => void>()
  for (const name of FORWARDED) handlers.set(name, pass)
  for (const name of FROM_TERMINAL) handlers.set(name, hasTerminal ? ignore : pass)
  // Launcher must not stop while the sandbox runs on: nobody would watch. The watch stops it when
  // the agent has stopped.
  for (const name of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) handlers.set(name, () => undefined)
  // Without a listener Node opens its debugger on SIGUSR1, for any program of this machine to
  // connect to. This one stays to the end.
  process.on('SIGUSR1', () => undefined)
  handlers.set('SIGCONT', () => {
    if (target !== undefined) signal(target, 'SIGCONT')
  })
  for (const [name, handler] of handlers) process.on(name, handler)
  return {
    pending,
    attach: (pid) => {
      target = pid
      for (const name of pending.splice(0)) signal(pid, name)
    },
    dispose: () => {
      for (const [name, handler] of handlers) process.off(name, handler)
    },
  }
}

/** Aborted by the first Ctrl-C or TERM, for commands that go on until they are told to stop. */
export const untilInterrupted = (): AbortSignal => {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}
