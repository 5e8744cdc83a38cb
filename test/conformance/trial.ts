import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, type StartOptions, type User, type World } from '../e2e/harness.ts'

/**
 * What an attempt is called, and the shell script that makes it: status 0 means that it came
 * through.
 */
export type Attempts = Readonly<Record<string, string>>

export interface Trial {
  readonly projectName?: string
  readonly setup?: (world: World) => void
  readonly flags?: readonly string[] | ((world: World) => readonly string[])
  readonly options?: StartOptions
  /** Starts once before, so that what the profile lists under `create` is there. */
  readonly isWarm?: boolean
  /**
   * Must fail inside and change nothing on the host; the same must come through outside, so that
   * "denied" never means "was not there".
   */
  readonly refused?: Attempts
  /** As `refused`, where nobody may do it outside either; `works` is then its twin. */
  readonly refusedAnyway?: Attempts
  /** The neighbours that must come through inside. */
  readonly works: Attempts
}

/** Something that must never be printed inside. */
export const SECRET = 'SECRET-d41d8cd9'

/** Makes the attempts as the agent of a fresh world, then outside. */
export const trial = async (
  user: User,
  {
    projectName,
    setup,
    flags = [],
    options = {},
    isWarm = false,
    refused = {},
    refusedAnyway = {},
    works,
  }: Trial,
): Promise<void> => {
  const fresh = (): World => {
    const world = newWorld(user, projectName)
    setup?.(world)
    return world
  }
  const denied = { ...refused, ...refusedAnyway }
  const world = fresh()
  try {
    const words = typeof flags === 'function' ? flags(world) : flags
    if (isWarm) await inside(world, 'true', words, options)
    const before = snapshot(world.home)
    const first = await inside(world, scriptOf(denied), words, options)
    expect(outcomes(denied, first.stdout), first.stderr).toEqual(all(denied, false))
    expect(`${first.stdout}${first.stderr}`).not.toContain(SECRET)
    expect(snapshot(world.home)).toEqual(before)
    const second = await inside(world, scriptOf(works), words, options)
    expect(outcomes(works, second.stdout), second.stderr).toEqual(all(works, true))
  } finally {
    world.remove()
  }
  for (const [name, script] of Object.entries(refused)) {
    const twin = fresh()
    try {
      const { status, stderr } = twin.outside('/bin/sh', ['-c', script])
      expect({ name, status, stderr }, 'the same attempt outside').toMatchObject({
        name,
        status: 0,
      })
    } finally {
      twin.remove()
    }
  }
}

/** Each attempt in a shell of its own, its end printed as `@NUMBER STATUS`. */
export const scriptOf = (attempts: Attempts): string =>
  Object.values(attempts)
    .map((script, at) => `(\n${script}\n) < /dev/null; printf '\\n@%s %s\\n' ${at} $?`)
    .join('\n')

/** Whether each attempt came through; undefined when its end was never printed. */
export const outcomes = (
  attempts: Attempts,
  stdout: string,
): Record<string, boolean | undefined> => {
  const statuses = new Map(
    [...stdout.matchAll(/^@(\d+) (\d+)$/gm)].map(([, at, status]) => [Number(at), status === '0']),
  )
  return Object.fromEntries(Object.keys(attempts).map((name, at) => [name, statuses.get(at)]))
}

const all = (attempts: Attempts, value: boolean): Record<string, boolean> =>
  Object.fromEntries(Object.keys(attempts).map((name) => [name, value]))

/**
 * Names, types, modes, times of files and contents below a directory, without launcher's own state
 * and caches.
 */
export const snapshot = (root: string): Record<string, string> => {
  const found: Record<string, string> = {}
  const visit = (directory: string): void => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name)
      const name = path.relative(root, file)
      if (name === '.local/state/launcher' || name === '.cache/launcher') continue
      const stat = fs.lstatSync(file)
      // Directories change their times when a held name comes and goes.
      const content = entry.isFile()
        ? `${stat.mtimeMs} ${stat.nlink} ${fs.readFileSync(file, 'latin1')}`
        : entry.isSymbolicLink()
          ? fs.readlinkSync(file)
          : ''
      found[name] = `${stat.mode.toString(8)} ${content}`
      if (entry.isDirectory()) visit(file)
    }
  }
  visit(root)
  // Their parents are made with them.
  for (const name of ['.cache', '.local', '.local/state']) delete found[name]
  return found
}

/** A symlink in a world's home, with whatever target. */
export const symlink = (world: World, target: string, name: string): void => {
  const file = path.join(world.home, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.symlinkSync(target, file)
  if (world.user.uid === undefined) return
  fs.lchownSync(file, world.user.uid, world.user.uid)
  fs.chownSync(path.dirname(file), world.user.uid, world.user.uid)
}

/** Runs git outside and throws when it fails. */
export const git = (world: World, args: readonly string[], cwd?: string): void => {
  const done = world.outside(
    'git',
    [
      '-c',
      'user.email=t@example.com',
      '-c',
      'user.name=t',
      '-c',
      'protocol.file.allow=always',
      ...args,
    ],
    cwd,
  )
  if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
}
