// The distribution's package manager: which one, what it is called with, and whether it may be called at all.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { say } from '../say.mjs'

/** `refresh` fetches the package lists when a first try fails: a container's image often has none. */
const MANAGERS = [
  {
    tool: 'apt-get',
    install: ['install', '-y', '--no-install-recommends'],
    refresh: ['update', '-qq'],
  },
  { tool: 'dnf', install: ['install', '-y'], refresh: undefined },
  { tool: 'pacman', install: ['-S', '--needed', '--noconfirm'], refresh: ['-Sy'] },
  { tool: 'zypper', install: ['--non-interactive', 'install'], refresh: undefined },
  { tool: 'apk', install: ['add'], refresh: ['update'] },
]

/** Programs whose package has another name. */
const PROGRAMS = { bubblewrap: 'bwrap' }

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

export const missingOf = (packages) =>
  packages.filter((name) => find(PROGRAMS[name] ?? name) === undefined)

/** Installs as root or by a sudo that asks nothing. When neither is possible, or it fails, `command` is what to type. */
export const installPackages = (packages) => {
  const manager = MANAGERS.find(({ tool }) => find(tool))
  if (!manager)
    return { ok: false, command: `install ${packages.join(' ')} with your package manager` }
  const words = [manager.tool, ...manager.install, ...packages]
  const command = `sudo ${words.join(' ')}`
  const prefix = privilege()
  if (!prefix) return { ok: false, command }

  say(`installing ${packages.join(', ')}: ${[...prefix, ...words].join(' ')}`)
  const run = (args) =>
    spawnSync(
      [...prefix, manager.tool][0],
      [...prefix.slice(1), ...(prefix.length ? [manager.tool] : []), ...args],
      {
        stdio: ['ignore', 'ignore', process.stderr],
        env: {
          ...process.env,
          DEBIAN_FRONTEND: 'noninteractive',
          PATH: [process.env.PATH ?? '', ...SYSTEM_PATH].join(':'),
        },
      },
    ).status === 0
  const install = words.slice(1)
  const ok = run(install) || (manager.refresh !== undefined && run(manager.refresh) && run(install))
  return { ok: ok && missingOf(packages).length === 0, command }
}

/** Undefined when this user may not install. */
const privilege = () => {
  if (process.getuid?.() === 0) return []
  return find('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
    ? ['sudo', '-n']
    : undefined
}

/** PATH, then the system's directories: an ordinary user's PATH on some distributions lacks sbin. */
const find = (program) =>
  [...(process.env.PATH ?? '').split(':').filter((entry) => entry.startsWith('/')), ...SYSTEM_PATH]
    .map((directory) => path.join(directory, program))
    .find(isExecutable)

const isExecutable = (file) => {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}
