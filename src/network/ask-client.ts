import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { AbsolutePath } from '../machine/paths.ts'
import { ASK_SOCKET } from './ask.ts'
import {
  type Answer,
  ANSWERS,
  type FromRun,
  type Question,
  readMessages,
  writeMessage,
} from './ask-messages.ts'

/** Runs under a state directory that ask, newest first: their sockets answer. */
export const askingRuns = async (
  state: AbsolutePath,
): Promise<{ readonly id: string; readonly connection: net.Socket }[]> => {
  const found = await Promise.all(
    runsOf(state).map(async (id) => {
      const connection = await connect(path.join(state, 'runs', id, ASK_SOCKET))
      return connection ? [{ id, connection }] : []
    }),
  )
  return found.flat()
}

/** What is said to the person who answers. */
export interface Screen {
  asked(question: Question): void
  settled(number: number, how: string): void
  /** A line that is no answer. */
  puzzled(line: string): void
}

/**
 * Shows each question and passes on what the person types, until the run ends, the input ends, or
 * `signal` is aborted.
 */
export const answerQuestions = async (
  connection: net.Socket,
  screen: Screen,
  signal: AbortSignal,
): Promise<void> => {
  const ended = new Promise<void>((resolve) => {
    connection.on('error', () => connection.destroy()).once('close', () => resolve())
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  readMessages(connection, (message) => {
    const told = message as unknown as FromRun
    if (told.kind === 'asked') screen.asked(told.question)
    else screen.settled(told.number, told.how)
  })
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const said = readAnswer(line)
    if (said) writeMessage(connection, said)
    else if (line.trim() !== '') screen.puzzled(line)
  })
  lines.once('close', () => connection.end())
  await ended
  lines.close()
  process.stdin.unref()
  connection.destroy()
}

/**
 * `once 3`, or its first letter; either order. The number keeps an answer that was typed late from
 * meaning the next question.
 */
export const readAnswer = (
  line: string,
): { readonly number: number; readonly answer: Answer } | undefined => {
  const [, word = '', number = ''] =
    /^\s*([a-z]+)\s*(\d{1,9})\s*$/i.exec(line.replace(/^\s*(\d+)\s*([a-z]+)\s*$/i, '$2 $1')) ?? []
  const answer = word === '' ? undefined : ANSWERS.find((one) => one.startsWith(word.toLowerCase()))
  return answer === undefined ? undefined : { number: Number(number), answer }
}

const runsOf = (state: AbsolutePath): string[] => {
  try {
    return fs
      .readdirSync(path.join(state, 'runs'))
      .filter((name) => fs.existsSync(path.join(state, 'runs', name, ASK_SOCKET)))
      .sort()
      .reverse()
  } catch {
    return []
  }
}

/** Nothing where a run was killed and its socket is a leftover. */
const connect = (file: string): Promise<net.Socket | undefined> =>
  new Promise((resolve) => {
    const socket = net.connect(file)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
