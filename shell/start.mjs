// `npm start`: sets up what is missing, then the main job. `npm start -- run claude` acts on the directory npm was called from.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { userEnvironment } from './setup/environment.mjs'
import { ROOT } from './root.mjs'
import { ensureBubblewrap, ensureBuild, ensureModules, requireNode, setUp } from './setup.mjs'

/** On a terminal, Ctrl-C reaches the whole foreground group, the child included: passing it on would deliver it twice, which many agents take for "quit at once". */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT']
const PASSED_ON = ['SIGHUP', 'SIGTERM']

const run = (words) => {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/launcher.cjs'), ...words], {
    cwd: directory(),
    env: userEnvironment(process.env, ROOT),
    stdio: 'inherit',
  })
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal))
  for (const signal of FROM_TERMINAL)
    process.on(signal, () => (process.stdin.isTTY ? undefined : child.kill(signal)))
  child.on('error', (error) => {
    process.stderr.write(`launcher: ${error.message}\n`)
    process.exitCode = 125
  })
  child.on('close', (code, signal) => {
    process.exit(signal ? 128 + os.constants.signals[signal] : (code ?? 125))
  })
}

const directory = () => {
  const called = process.env.INIT_CWD
  return called && fs.existsSync(called) ? called : process.cwd()
}

if (await setUp([requireNode, ensureModules, ensureBubblewrap, ensureBuild], 125)) {
  const words = process.argv.slice(2)
  run(words.length === 0 ? ['demo'] : words)
}
