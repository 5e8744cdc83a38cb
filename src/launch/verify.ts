import { randomBytes } from 'node:crypto'
import dgram from 'node:dgram'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { LauncherError } from '../errors.ts'
import { absolute, type AbsolutePath, join } from '../machine/paths.ts'

/** What was planted on this machine for one verification. */
export interface Planted {
  readonly canary: AbsolutePath
  /** A marked file in the project. */
  readonly here: AbsolutePath | undefined
  readonly abstract: string | undefined
  readonly listening: readonly { readonly host: string; readonly port: number }[]
  readonly answering: readonly { readonly host: string; readonly port: number }[]
  readonly mark: string
  /** Takes all of it away. */
  remove(): void
}

/** What ends a verification from outside; what was planted goes first. */
const ENDS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/**
 * Plants a marked file in the project where it can be written, and a marked directory with a
 * secret, a program, a directory and a listening socket, and listens and answers on loopback.
 */
export const plant = async (project: AbsolutePath): Promise<Planted> => {
  const made: string[] = []
  const servers: { close(): void }[] = []
  const remove = (): void => {
    for (const signal of ENDS) process.off(signal, onSignal)
    for (const server of servers) server.close()
    for (const one of made) fs.rmSync(one, { recursive: true, force: true })
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    remove()
    process.exit(128 + os.constants.signals[signal])
  }
  for (const signal of ENDS) process.on(signal, onSignal)
  const mark = `.launcher-verify-${randomBytes(4).toString('hex')}`
  // Never beneath the user's TMPDIR: that may be inside the project.
  const canary = absolute(
    fs.realpathSync(
      fs.mkdtempSync(
        path.join(process.platform === 'darwin' ? os.tmpdir() : '/tmp', 'launcher-verify-'),
      ),
    ),
  )
  made.push(canary)
  fs.writeFileSync(path.join(canary, 'secret'), 'canary\n', { mode: 0o600 })
  fs.writeFileSync(path.join(canary, 'program'), '#!/bin/sh\nexit 0\n', { mode: 0o700 })
  fs.mkdirSync(path.join(canary, 'directory'), { mode: 0o700 })
  const here = join(project, `${mark}-here`)
  const isHere = writeIfPossible(here)
  if (isHere) made.push(here)
  const listen = async (where: net.ListenOptions): Promise<net.Server | undefined> =>
    new Promise((resolve) => {
      const server = net.createServer((socket) => socket.on('error', () => undefined).end())
      server.once('error', () => resolve(undefined))
      server.listen(where, () => {
        servers.push(server)
        resolve(server)
      })
    })
  await listen({ path: path.join(canary, 'socket') })
  const abstract = process.platform === 'linux' ? `\0${mark}` : undefined
  const hasAbstract = abstract !== undefined && (await listen({ path: abstract })) !== undefined
  const listening: { host: string; port: number }[] = []
  for (const host of ['127.0.0.1', '::1']) {
    const address = (await listen({ host, port: 0 }))?.address()
    if (typeof address === 'object' && address) listening.push({ host, port: address.port })
  }
  const answering: { host: string; port: number }[] = []
  const echoes = await Promise.all([echoAt('udp4', '127.0.0.1'), echoAt('udp6', '::1')])
  for (const echo of echoes.filter((one) => one !== undefined)) {
    servers.push(echo)
    answering.push({ host: echo.address().address, port: echo.address().port })
  }
  return {
    canary,
    here: isHere ? here : undefined,
    abstract: hasAbstract ? abstract : undefined,
    listening,
    answering,
    mark,
    remove,
  }
}

const writeIfPossible = (file: string): boolean => {
  try {
    fs.writeFileSync(file, '', { mode: 0o600, flag: 'wx' })
    return true
  } catch {
    return false
  }
}

/** Somebody who answers each datagram; undefined where the machine has no such address. */
const echoAt = (type: dgram.SocketType, host: string): Promise<dgram.Socket | undefined> =>
  new Promise((resolve) => {
    const socket = dgram.createSocket(type)
    socket.once('error', () => resolve(undefined))
    socket.on('message', (message, { port, address }) =>
      socket.send(message, port, address, () => undefined),
    )
    socket.bind({ address: host }, () => resolve(socket))
  })

/**
 * What became of each trial, in order: `ok`, or the error's code; undefined where the probe never
 * got there.
 */
export type Outcomes = readonly (string | undefined)[]

/** How the probe is started: words before it, environment, directory. */
export interface ProbeRun {
  readonly before: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: AbsolutePath
}

const TIMEOUT = 120_000

/**
 * Runs the probe over the trials, in the sandbox or outside. Throws E_VERIFY when it did not get
 * through.
 */
export const runProbe = async (
  installation: AbsolutePath,
  trials: readonly object[],
  { before, environment, cwd }: ProbeRun,
): Promise<Outcomes> => {
  // Handed over as text: the installation is not readable inside.
  const script = fs.readFileSync(path.join(installation, 'shell/verify-probe.cjs'), 'utf8')
  const [file, ...words] = [...before, process.execPath, '-e', script]
  const done = await execa(file!, words, {
    cwd,
    env: { ...environment, NODE_OPTIONS: undefined },
    extendEnv: false,
    input: JSON.stringify(trials.map((trial, id) => ({ id, ...trial }))),
    reject: false,
    timeout: TIMEOUT,
    maxBuffer: 4 << 20,
  })
  const outcomes = outcomesOf(done.stdout, trials.length)
  if (outcomes.includes(undefined)) {
    throw new LauncherError(
      'E_VERIFY',
      `the probe did not get through its ${trials.length} attempts (exit ${done.exitCode ?? done.signal ?? 'unknown'})${done.stderr === '' ? '' : `:\n${done.stderr.slice(-2_000)}`}`,
      {
        hint: 'launcher doctor looks at the machine',
      },
    )
  }
  return outcomes
}

/** Whether a program starts and ends by itself, its output thrown away. */
export const startsWell = async (
  words: readonly string[],
  { environment, cwd }: ProbeRun,
): Promise<{ readonly isWell: boolean; readonly how: string }> => {
  const [file, ...rest] = words
  const done = await execa(file!, rest, {
    cwd,
    env: environment,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
    maxBuffer: 1 << 20,
  })
  const code = done.exitCode
  return {
    isWell: code !== undefined && (code < 125 || code > 127),
    how: done.timedOut
      ? 'did not end within 60 s'
      : code === undefined
        ? `ended by ${done.signal ?? 'a failure'}`
        : `exit ${code}${code >= 125 && code <= 127 ? `: ${done.stderr.trim().split('\n').at(-1) ?? ''}` : ''}`,
  }
}

const outcomesOf = (text: string, count: number): (string | undefined)[] => {
  const outcomes = new Array<string | undefined>(count).fill(undefined)
  for (const line of text.split('\n')) {
    const said = parsed(line)
    if (said && said.id >= 0 && said.id < count) outcomes[said.id] = said.code
  }
  return outcomes
}

const parsed = (line: string): { id: number; code: string } | undefined => {
  try {
    const said: unknown = JSON.parse(line)
    return typeof said === 'object' &&
      said !== null &&
      'id' in said &&
      'code' in said &&
      typeof said.id === 'number' &&
      typeof said.code === 'string'
      ? { id: said.id, code: said.code }
      : undefined
  } catch {
    return undefined
  }
}
