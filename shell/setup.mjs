// What `npm start` and `npm test` share: on a bare clone it sets up what is missing, otherwise it is quiet. Node's own modules only.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { installPackages, missingOf } from './setup/packages.mjs'
import { ROOT } from './root.mjs'
import { complain, say, seconds } from './say.mjs'

/** Ends a set-up step: the text is for people, the script turns it into its exit status. */
export class SetupError extends Error {}

export const requireNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(
      `launcher: needs Node 20.19 or newer, this is ${process.version} (${process.execPath}); put a newer node first on PATH`,
    )
  }
}

/** Dependencies' own install scripts never run: nothing here needs them, and they would run outside any sandbox. */
export const ensureModules = () => {
  const installed = mtimeOf(path.join(ROOT, 'node_modules/.package-lock.json'))
  if (installed >= mtimeOf(path.join(ROOT, 'package-lock.json'))) return
  const start = performance.now()
  say('installing npm packages (npm ci)')
  const npm = npmCommand()
  const result = spawnSync(
    npm[0],
    [...npm.slice(1), 'ci', '--ignore-scripts', '--no-progress', '--loglevel=error'],
    {
      cwd: ROOT,
      env: localEnvironment(),
      stdio: ['ignore', process.stderr, process.stderr],
    },
  )
  if (result.status !== 0)
    throw new SetupError('launcher: npm ci failed; run it by hand in this directory to see why')
  say(`installed npm packages in ${seconds(start)}`)
}

export const ensureBuild = async () => {
  const { build } = await import('./build.mjs')
  try {
    await build({ ifNeeded: true })
  } catch (error) {
    throw new SetupError(`build failed: ${error.message}`, { cause: error })
  }
}

/** bubblewrap is what enforces on Linux: without it nothing may start. macOS has its own. */
export const ensureBubblewrap = () => {
  if (process.platform !== 'linux') return
  const missing = missingOf(['bubblewrap'])
  if (missing.length === 0) return
  const { ok, command } = installPackages(missing)
  if (!ok)
    throw new SetupError(
      `launcher: bubblewrap is missing and cannot be installed from here; type: ${command}`,
    )
}

/** What some tests need; without it they skip and say so. */
export const offerTestPrograms = () => {
  const wanted = [
    'bash',
    'fish',
    'git',
    'zsh',
    ...(process.platform === 'linux' ? ['bubblewrap', 'strace'] : []),
  ]
  const missing = missingOf(wanted)
  if (missing.length === 0) return
  const { ok, command } = installPackages(missing)
  if (!ok)
    say(
      `not installed, so the tests that need them skip: ${missingOf(missing).join(', ')} (${command})`,
    )
}

/** Runs the steps and turns a SetupError into its line and the given exit status. */
export const setUp = async (steps, status) => {
  try {
    for (const step of steps) await step()
    return true
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    complain(error.message)
    process.exitCode = status
    return false
  }
}

/** The npm that runs us, if one does: another on PATH may belong to another Node. */
const npmCommand = () => {
  const running = process.env.npm_execpath
  return running && /npm-cli\.c?js$/.test(running) && fs.existsSync(running)
    ? [process.execPath, running]
    : ['npm']
}

/** Under `npm install -g .` npm tells its children that everything is global; the packages belong here. The user's other settings, a registry for one, stay. */
const localEnvironment = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(global|location|prefix|local_prefix)$/i.test(name),
    ),
  )

const mtimeOf = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
