import net from 'node:net'
import path from 'node:path'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { authorityOf } from '../policy/host-name.ts'
import type { HostDecision } from './hosts/rules.ts'
import {
  type Answer,
  asAnswer,
  type FromRun,
  type Question,
  readMessages,
  writeMessage,
} from './ask-messages.ts'
import type { Ask } from './proxy/types.ts'

/** Hosts that a person allowed for this project before, and where that is written. */
export interface Remembered {
  /** The file, as the origin of each. */
  readonly file: string
  readonly hosts: readonly string[]
  /** Writes one more down. */
  add(host: string): void
}

/** Asks a person about new hosts, on a channel of its own: the terminal belongs to the agent. */
export interface Asker {
  readonly ask: Ask
  /**
   * Opens the socket `ask` in a directory that only the user can enter, for `launcher net approve`.
   */
  listen(directory: AbsolutePath): Promise<void>
  close(): void
}

export interface AskerOptions {
  readonly remembered: Remembered
  /** How long a connection is held; nobody's answer is no. */
  readonly timeoutMs?: number
}

/** Name of the socket in a run's directory. */
export const ASK_SOCKET = 'ask'

/**
 * Most hosts that wait at once; a program that asks for ever new names gets no more of a person's
 * time.
 */
const MAX_WAITING = 20
/** Most answers that are kept for the rest of a run. */
const MAX_ANSWERED = 1_000
const TIMEOUT = 30_000

interface Waiting {
  readonly question: Question
  settle(how: Answer | 'nobody answered'): void
  readonly answered: Promise<Answer | 'nobody answered'>
}

/**
 * Asks about names only: an address is granted by an entry for that very address or not at all.
 * What a name resolves to is judged afterwards as always, so that no answer opens a private
 * address. One question for all connections to one host and port.
 */
export const createAsker = ({ remembered, timeoutMs = TIMEOUT }: AskerOptions): Asker => {
  const waiting = new Map<string, Waiting>()
  const answers = new Map<string, Answer | 'before'>(
    remembered.hosts.map((host) => [host, 'before']),
  )
  const people = new Set<net.Socket>()
  let count = 0
  let server: net.Server | undefined
  const tell = (message: FromRun): void => {
    for (const person of people) writeMessage(person, message)
  }
  const question = (host: string): Waiting => {
    const { promise: answered, resolve } = withResolver<Answer | 'nobody answered'>()
    const asked: Question = { number: ++count, host, until: Date.now() + timeoutMs }
    const timer = setTimeout(() => settle('nobody answered'), timeoutMs)
    const settle = (how: Answer | 'nobody answered'): void => {
      if (!waiting.delete(host)) return
      clearTimeout(timer)
      if (how !== 'nobody answered' && answers.size < MAX_ANSWERED) answers.set(host, how)
      if (how === 'project') remembered.add(host)
      tell({ kind: 'settled', number: asked.number, how })
      resolve(how)
    }
    const made = { question: asked, settle, answered }
    waiting.set(host, made)
    tell({ kind: 'asked', question: asked })
    return made
  }
  return {
    ask: async ({ host, port }, refusal) => {
      if (host.kind !== 'name' || host.text === 'localhost') return refusal
      const name = authorityOf(host, port)
      const known = answers.get(name)
      if (known !== undefined) return decided(known, name, refusal, remembered.file)
      const open = waiting.get(name)
      if (!open && waiting.size >= MAX_WAITING)
        return {
          ...refusal,
          because: `${refusal.because}, and ${MAX_WAITING} other hosts wait for your answer`,
        }
      return decided(await (open ?? question(name)).answered, name, refusal, remembered.file)
    },
    listen: async (directory) => {
      server = await listenOn(path.join(directory, ASK_SOCKET))
      server.on('connection', (person) => {
        people.add(person)
        person.on('error', () => person.destroy()).once('close', () => people.delete(person))
        for (const { question: asked } of waiting.values())
          writeMessage(person, { kind: 'asked', question: asked })
        readMessages(person, (message) => {
          const said = asAnswer(message)
          if (!said) return void person.destroy()
          for (const one of [...waiting.values()])
            if (one.question.number === said.number) one.settle(said.answer)
        })
      })
    },
    close: () => {
      for (const { settle } of [...waiting.values()]) settle('nobody answered')
      for (const person of people) person.end()
      server?.close()
    },
  }
}

const decided = (
  how: Answer | 'before' | 'nobody answered',
  host: string,
  refusal: HostDecision,
  file: string,
): HostDecision => {
  const isKept = how === 'project' || how === 'before'
  if (how === 'once' || isKept) {
    const because = isKept
      ? `you allowed ${host} for this project (${file})`
      : `you allowed ${host} for this run (launcher net approve)`
    return {
      allowed: true,
      rule: host,
      origin: { strength: 'user', file: isKept ? file : 'launcher net approve', key: 'ask' },
      because,
      hint: undefined,
    }
  }
  return {
    ...refusal,
    because:
      how === 'no'
        ? `${refusal.because}, and you said no (launcher net approve)`
        : `${refusal.because}, and nobody answered in time (launcher net approve)`,
  }
}

const withResolver = <T>(): { promise: Promise<T>; resolve: (value: T) => void } => {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}

const listenOn = (file: string): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', (cause) =>
      reject(
        new LauncherError('E_STATE', `${file} cannot be listened on: ${cause.message}`, {
          cause,
          hint: 'a socket has a short path: set XDG_STATE_HOME to a shorter one, or leave out --ask',
        }),
      ),
    )
    server.listen(file, () => resolve(server))
  })
