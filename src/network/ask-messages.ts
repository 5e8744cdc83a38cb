import type net from 'node:net'

/**
 * What a person may say of a host: `once` holds until the run ends, `project` for later runs that
 * ask in the same project, too.
 */
export type Answer = 'once' | 'project' | 'no'

export const ANSWERS: readonly Answer[] = ['once', 'project', 'no']

/** A host that waits for an answer. */
export interface Question {
  /**
   * Counts up in a run, so that an answer to one question is never taken for an answer to the next.
   */
  readonly number: number
  /** `host:port` in its one spelling: nothing that a program sent reaches the screen unread. */
  readonly host: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** What the run tells whoever answers. */
export type FromRun =
  | { readonly kind: 'asked'; readonly question: Question }
  | { readonly kind: 'settled'; readonly number: number; readonly how: Answer | 'nobody answered' }

/** What whoever answers tells the run. */
export interface FromPerson {
  readonly number: number
  readonly answer: Answer
}

/** Reads lines of JSON from a socket; one that is longer than any message ends it. */
export const readMessages = (
  socket: net.Socket,
  heard: (message: Readonly<Record<string, unknown>>) => void,
): void => {
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = `${text}${chunk}`.split('\n')
    text = lines.pop() ?? ''
    if (text.length > MAX_MESSAGE) return void socket.destroy()
    for (const line of lines) {
      const message = parse(line)
      if (!message) return void socket.destroy()
      heard(message)
    }
  })
}

export const writeMessage = (socket: net.Socket, message: FromRun | FromPerson): void =>
  void socket.write(`${JSON.stringify(message)}\n`)

/** An answer; undefined for anything else. */
export const asAnswer = ({
  number,
  answer,
}: Readonly<Record<string, unknown>>): FromPerson | undefined => {
  const known = ANSWERS.find((one) => one === answer)
  return typeof number === 'number' && known !== undefined ? { number, answer: known } : undefined
}

const parse = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const MAX_MESSAGE = 4_096
