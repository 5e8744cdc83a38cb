import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Writes V8's code cache of a bundle and returns its name. Made after a warm-up run, else without one. */
export const writeCache = (root, target, { name, warm }) => {
  const bundle = path.join(target, `${name}.cjs`)
  const hash = createHash('sha256').update(fs.readFileSync(bundle)).digest('hex').slice(0, 16)
  const cache = `${name}-${hash}.cache`
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-build-')))
  try {
    const project = path.join(scratch, 'project')
    makeRepository(project)
    const installation = installationWith(root, target, path.join(scratch, 'installation'))
    const run = (starts) =>
      execFileSync(
        process.execPath,
        [
          path.join(root, 'shell/build/warm.cjs'),
          bundle,
          path.join(target, cache),
          installation,
          JSON.stringify(starts),
        ],
        {
          cwd: project,
          env: environment(scratch),
          stdio: ['ignore', 'ignore', 'pipe'],
          timeout: 20_000,
        },
      )
    try {
      run(warm)
    } catch {
      run([])
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  return cache
}

/** What a project nearly always is. Made by hand: git need not be there. */
const makeRepository = (project) => {
  for (const name of ['hooks', 'objects', 'refs'])
    fs.mkdirSync(path.join(project, '.git', name), { recursive: true })
  fs.writeFileSync(path.join(project, '.git/HEAD'), 'ref: refs/heads/main\n')
  fs.writeFileSync(
    path.join(project, '.git/config'),
    '[core]\n\trepositoryformatversion = 0\n\tbare = false\n',
  )
}

/** The checkout as it will be, with the new dist/: a warm-up must take the same way as a start does, and dist/ of now may be old or absent. */
const installationWith = (root, target, installation) => {
  fs.mkdirSync(installation)
  for (const name of ['package.json', 'profiles', 'shell'])
    fs.symlinkSync(path.join(root, name), path.join(installation, name))
  fs.symlinkSync(target, path.join(installation, 'dist'))
  return installation
}

/** No NODE_OPTIONS: the cache is bound to V8's flags. A home of its own: a warm-up must neither read nor leave anything of the user's. */
const environment = (home) => ({
  HOME: home,
  PATH: process.env.PATH,
  TMPDIR: process.env.TMPDIR ?? '/tmp',
  XDG_CACHE_HOME: `${home}/cache`,
  XDG_CONFIG_HOME: `${home}/config`,
  XDG_STATE_HOME: `${home}/state`,
})
