import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const checkout = path.resolve(import.meta.dirname, '../..')

/** A user the suite runs as: whoever started it and, when that is root, an ordinary one too. */
export interface User {
  readonly label: string
  readonly uid: number | undefined
}

const ORDINARY = 61_234

/**
 * Who the tests run as here. The ordinary user needs no account: a number is enough for the kernel.
 */
export const users = (): User[] =>
  process.getuid?.() === 0
    ? [
        { label: 'root', uid: undefined },
        { label: 'an ordinary user', uid: ORDINARY },
      ]
    : [{ label: 'an ordinary user', uid: undefined }]

/**
 * The one user, never root if it can be helped, of what root says nothing new about: most of what
 * launcher does asks nobody's id.
 */
export const ordinary = (): User[] => users().slice(-1)

/** Why the kernel cannot enforce here, or undefined when it can. */
export const whyNoKernel = (): string | undefined => {
  if (process.platform === 'darwin')
    return fs.existsSync('/usr/bin/sandbox-exec') ? undefined : 'no sandbox-exec'
  const probe = spawnSync(
    'bwrap',
    ['--unshare-user', '--disable-userns', '--ro-bind', '/', '/', '--', '/bin/true'],
    { encoding: 'utf8' },
  )
  return probe.status === 0
    ? undefined
    : `bubblewrap does not work here: ${probe.stderr || probe.error?.message || 'unknown reason'}`
}

/** An installation that every user can read: dist, profiles and shell, copied once a test run. */
export const installation = (): string => {
  const target = process.env['LAUNCHER_TEST_INSTALLATION'] ?? '/var/tmp/launcher-installed'
  if (fs.existsSync(target)) return target
  execFileSync(process.execPath, [path.join(checkout, 'shell/build.mjs'), '--if-needed'], {
    cwd: checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const made = `${target}-${process.pid}`
  for (const name of ['dist', 'profiles', 'shell', 'package.json'])
    fs.cpSync(path.join(checkout, name), path.join(made, name), { recursive: true })
  fs.chmodSync(made, 0o755)
  try {
    fs.renameSync(made, target)
  } catch {
    // Another worker was first.
    fs.rmSync(made, { recursive: true, force: true })
  }
  return target
}

/**
 * A fresh home with a project in it, owned by the user, outside every directory that a policy
 * grants.
 */
export interface World {
  readonly user: User
  readonly home: string
  readonly project: string
  /** Writes a file below the home; parents are made. */
  put(file: string, content: string, mode?: number): string
  read(file: string): string
  exists(file: string): boolean
  /** Runs a program outside the sandbox as the user. */
  outside(
    file: string,
    args: readonly string[],
    cwd?: string,
  ): { status: number; stdout: string; stderr: string }
  remove(): void
}

export const newWorld = (user: User, projectName = 'project'): World => {
  const root = fs.mkdtempSync('/var/tmp/launcher-e2e-')
  const home = path.join(root, 'home')
  const project = path.join(home, 'work', projectName)
  fs.mkdirSync(project, { recursive: true })
  fs.chmodSync(root, 0o755)
  const own = (): void => {
    if (user.uid !== undefined) giveAll(root, user.uid)
  }
  own()
  const at = (file: string): string => path.resolve(home, file)
  return {
    user,
    home,
    project,
    put: (file, content, mode = 0o644) => {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true })
      fs.writeFileSync(at(file), content)
      fs.chmodSync(at(file), mode)
      own()
      return at(file)
    },
    read: (file) => fs.readFileSync(at(file), 'utf8'),
    exists: (file) => fs.lstatSync(at(file), { throwIfNoEntry: false }) !== undefined,
    outside: (file, args, cwd = project) => {
      const done = spawnSync(file, [...args], {
        cwd,
        encoding: 'utf8',
        env: { ...environment(home), GIT_CONFIG_NOSYSTEM: '1' },
        ...identity(user),
      })
      return { status: done.status ?? -1, stdout: done.stdout, stderr: done.stderr }
    },
    remove: () => removeAll(root),
  }
}

/**
 * Gives a whole tree to a user. In this process: a program for each file that a test puts somewhere
 * would cost more than the test.
 */
const giveAll = (file: string, uid: number): void => {
  try {
    fs.lchownSync(file, uid, uid)
    if (fs.lstatSync(file).isDirectory())
      for (const name of fs.readdirSync(file)) giveAll(path.join(file, name), uid)
  } catch {
    // What lies deeper than a path can be is out of reach for Node.
    execFileSync('chown', ['-R', '-h', `${uid}:${uid}`, file])
  }
}

const removeAll = (root: string): void => {
  try {
    fs.rmSync(root, { recursive: true, force: true })
  } catch {
    spawnSync('/bin/rm', ['-rf', root])
  }
}

const identity = (user: User): { uid?: number; gid?: number } =>
  user.uid === undefined ? {} : { uid: user.uid, gid: user.uid }

const environment = (home: string): Record<string, string> => ({
  HOME: home,
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
  USER: 'tester',
  TERM: 'xterm',
})

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Another installation than the one that all tests share. */
  readonly installation?: string
  /** Limit on open files, soft and hard. */
  readonly openFiles?: number
}

/** Command and environment for a start of launcher, for tests that spawn it their own way. */
export const launcherCommand = (
  world: World,
  args: readonly string[],
  options: StartOptions = {},
): {
  file: string
  args: string[]
  options: { cwd: string; env: Record<string, string>; uid?: number; gid?: number }
} => ({
  ...limited(options.openFiles, [
    process.execPath,
    path.join(options.installation ?? installation(), 'dist/launcher.cjs'),
    ...args,
  ]),
  options: {
    cwd: options.cwd ?? world.project,
    env: { ...environment(world.home), ...options.env },
    ...identity(world.user),
  },
})

const limited = (
  openFiles: number | undefined,
  [file = '', ...args]: readonly string[],
): { file: string; args: string[] } =>
  openFiles === undefined
    ? { file, args }
    : { file: '/bin/sh', args: ['-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh', file, ...args] }

/** Runs launcher to its end. */
export const launcher = (
  world: World,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Finished> => {
  const command = launcherCommand(world, args, options)
  return new Promise((resolve) => {
    const child = spawn(command.file, command.args, {
      ...command.options,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
    child.once('close', (code, signal) =>
      resolve({ code: code ?? 128 + (signal ? os.constants.signals[signal] : 0), stdout, stderr }),
    )
  })
}

/** Runs a shell script as the agent of the default profile. */
export const inside = (
  world: World,
  script: string,
  flags: readonly string[] = [],
  options: StartOptions = {},
): Promise<Finished> =>
  launcher(world, ['run', '--quiet', ...flags, '--', '/bin/sh', '-c', script], options)

/**
 * Waits for a condition by looking, with an end far away: what takes long here may only be waiting
 * for its turn.
 */
export const until = async (
  what: string,
  condition: () => boolean,
  milliseconds = 120_000,
): Promise<void> => {
  const end = Date.now() + milliseconds
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come true within ${milliseconds} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
