// Builds dist/: `node shell/build.mjs [--if-needed]`. What each step is for stands with the step.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { requireAscii } from './build/ascii.mjs'
import { bundleEntry } from './build/bundle.mjs'
import { writeCache } from './build/cache.mjs'
import { buildProfiles } from './build/profiles.mjs'
import { replaceDirectory, sweep } from './build/replace.mjs'
import { stampOf } from './build/stamp.mjs'
import { ROOT } from './root.mjs'
import { complain, say, seconds } from './say.mjs'

/**
 * One bundle per way to start. `only` leaves out of a bundle every command that its routes never reach: half a megabyte that
 * `run` would have to read. `warm` are the words of the runs whose compiled functions go into the cache, one after another in
 * one process: the first starts nothing, and where the last cannot start (no bubblewrap, a container) only warmth is lost.
 */
const ENTRIES = [
  { name: 'cli', source: 'src/cli.ts', routes: [], warm: [['--version']] },
  {
    name: 'run',
    source: 'src/cli.ts',
    routes: ['run'],
    only: ['program', 'run'],
    warm: [
      ['run', '--dry-run', '--', '/bin/sh'],
      ['run', '--', 'true'],
    ],
  },
]

/** Files that dist/ needs beside the bundles, from the checkout's root: the shell's grammar for audit and what runs it. */
const COPY = [
  'node_modules/tree-sitter-bash/tree-sitter-bash.wasm',
  'node_modules/web-tree-sitter/web-tree-sitter.wasm',
]

const DIST = path.join(ROOT, 'dist')

/** Returns true when something was built. */
export const build = async ({ ifNeeded = false } = {}) => {
  const start = performance.now()
  const stamp = stampOf(ROOT)
  if (ifNeeded && readIfThere(path.join(DIST, 'stamp')) === stamp) return false

  sweep(ROOT)
  const target = path.join(ROOT, `dist.tmp-${process.pid}-${randomBytes(3).toString('hex')}`)
  fs.mkdirSync(target, { mode: 0o755 })
  const discard = () => fs.rmSync(target, { recursive: true, force: true })
  process.on('exit', discard)
  try {
    const caches = {}
    await buildProfiles(ROOT, target)
    for (const entry of ENTRIES) await bundleEntry(ROOT, target, entry)
    for (const file of COPY)
      fs.copyFileSync(path.join(ROOT, file), path.join(target, path.basename(file)))
    for (const entry of ENTRIES) caches[entry.name] = writeCache(ROOT, target, entry)
    writeLoader(target, caches)
    requireAscii(target)
    fs.writeFileSync(path.join(target, 'stamp'), stamp)
    replaceDirectory(target, DIST)
  } finally {
    discard()
    process.off('exit', discard)
  }
  say(
    `built dist/: ${ENTRIES.map(({ name }) => `${name} ${kilobytes(path.join(DIST, `${name}.cjs`))}`).join(', ')} in ${seconds(start)}`,
  )
  return true
}

const writeLoader = (target, caches) => {
  const routes = Object.fromEntries(
    ENTRIES.flatMap(({ name, routes }) => routes.map((route) => [route, name])),
  )
  const loader = fs
    .readFileSync(path.join(ROOT, 'shell/build/loader.cjs'), 'utf8')
    .replace('var ROUTES = {}', `var ROUTES = ${JSON.stringify(routes)}`)
    .replace('var CACHES = {}', `var CACHES = ${JSON.stringify(caches)}`)
  fs.writeFileSync(path.join(target, 'launcher.cjs'), loader, { mode: 0o755 })
}

const kilobytes = (file) => `${Math.round(fs.statSync(file).size / 1000)} kB`

const readIfThere = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined)

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => process.exit(130))
  try {
    await build({ ifNeeded: process.argv.includes('--if-needed') })
  } catch (error) {
    complain(`build failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
