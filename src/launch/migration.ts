import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { LauncherError } from '../errors.ts'
import { absolute, type AbsolutePath } from '../machine/paths.ts'

/** The configuration files of an agent, by their layer; `null` for one that is not there. */
export interface SettingsTexts {
  readonly user: string
  readonly project: string | null
}

/** What the agent made of them, and why it could not load them after all. */
export interface MigratedTexts extends SettingsTexts {
  readonly failure: string | null
}

const TIMEOUT = 120_000

/**
 * A program's words and what they are started from: `launcher run … --` before the agent's own
 * interpreter.
 */
export interface Cage {
  /** Given an empty directory for a project, the words that start something inside. */
  readonly words: (project: AbsolutePath) => readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Has the agent's own code load copies of its configuration, inside and with nothing but an empty
 * directory of its own; gives what it left. Throws E_AGENT_CONFIG where that did not work.
 */
export const migrateInside = async (
  script: AbsolutePath,
  interpreter: AbsolutePath,
  texts: SettingsTexts,
  { words, environment }: Cage,
): Promise<MigratedTexts> => {
  // Never beneath the user's TMPDIR: that may be inside the project.
  const base = process.platform === 'darwin' ? os.tmpdir() : '/tmp'
  const project = absolute(fs.realpathSync(fs.mkdtempSync(path.join(base, 'launcher-migrate-'))))
  try {
    const [file, ...rest] = [...words(project), interpreter, '-c', fs.readFileSync(script, 'utf8')]
    const done = await execa(file!, rest, {
      cwd: project,
      env: environment,
      extendEnv: false,
      input: JSON.stringify(texts),
      reject: false,
      timeout: TIMEOUT,
      maxBuffer: 8 << 20,
    })
    return parsed(done.stdout) ?? failed(done)
  } finally {
    fs.rmSync(project, { recursive: true, force: true })
  }
}

const failed = (done: { exitCode?: number; signal?: string; stderr: string }): never => {
  throw new LauncherError(
    'E_AGENT_CONFIG',
    `the agent's own migration did not get through (${done.exitCode === undefined ? (done.signal ?? 'no answer in time') : `exit ${done.exitCode}`}); nothing was changed${done.stderr === '' ? '' : `:\n${done.stderr.trim().slice(-2000)}`}`,
    { hint: 'make the changes that launcher audit names by hand' },
  )
}

/** What came out is the agent's: taken only in the form that was asked for. */
const parsed = (output: string): MigratedTexts | undefined => {
  let value: unknown
  try {
    value = JSON.parse(output)
  } catch {
    return undefined
  }
  const { user, project, failure } = (value ?? {}) as Record<string, unknown>
  return typeof user === 'string' &&
    (typeof project === 'string' || project === null) &&
    (typeof failure === 'string' || failure === null)
    ? { user, project, failure }
    : undefined
}
