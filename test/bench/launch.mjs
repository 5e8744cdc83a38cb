// Start-up, measured in one run: `launcher run -- true` against `node -e 0`, bare bubblewrap, and both together.
// Prints ratios of medians; an absolute time is only the machine's. Usage: node test/bench/launch.mjs [RUNS]
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const runs = Number(process.argv[2] ?? 40)
const root = path.resolve(import.meta.dirname, '../..')
const launcher = path.join(root, 'dist/launcher.cjs')
const scratch = fs.mkdtempSync('/var/tmp/launcher-bench-')
// NODE_EXTRA_CA_CERTS alone triples Node's own start.
const env = {
  HOME: path.join(scratch, 'home'),
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
}
const bwrap = [
  'bwrap',
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--ro-bind',
  '/usr',
  '/usr',
  '--symlink',
  'usr/bin',
  '/bin',
  '--symlink',
  'usr/lib',
  '/lib',
  '--symlink',
  'usr/lib64',
  '/lib64',
  '--dev',
  '/dev',
  '--proc',
  '/proc',
  '--',
  '/usr/bin/true',
]

const project = (name, files) => {
  const directory = path.join(scratch, 'home/work', name)
  fs.mkdirSync(directory, { recursive: true })
  spawnSync('git', ['init', '-q', directory])
  for (let i = 0; i < files; i++) {
    const sub = path.join(directory, `src/d${i % 500}`)
    if (i < 500) fs.mkdirSync(sub, { recursive: true })
    fs.writeFileSync(path.join(sub, `f${i}.ts`), '')
  }
  return directory
}
const empty = project('empty', 0)
const large = project('large', 50_000)

const subjects = {
  'node -e 0': { argv: [process.execPath, '-e', '0'], cwd: empty },
  'bare bwrap true': { argv: bwrap, cwd: empty },
  'launcher run -- true, empty project': {
    argv: [process.execPath, launcher, 'run', '--', 'true'],
    cwd: empty,
  },
  'launcher run --network allowlist -- true': {
    argv: [process.execPath, launcher, 'run', '--network', 'allowlist', '--', 'true'],
    cwd: empty,
  },
  'launcher run -- true, 50,000 files': {
    argv: [process.execPath, launcher, 'run', '--', 'true'],
    cwd: large,
  },
  'launcher run --dry-run -- true, empty': {
    argv: [process.execPath, launcher, 'run', '--dry-run', '--', 'true'],
    cwd: empty,
  },
  'launcher run --dry-run -- true, 50,000': {
    argv: [process.execPath, launcher, 'run', '--dry-run', '--', 'true'],
    cwd: large,
  },
}
const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
try {
  for (let round = -2; round < runs; round++) {
    for (const [name, { argv, cwd }] of Object.entries(subjects)) {
      const start = process.hrtime.bigint()
      const done = spawnSync(argv[0], argv.slice(1), {
        cwd,
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
      if (done.status !== 0) throw new Error(`${name} ended with ${done.status}: ${done.stderr}`)
      if (round >= 0) times[name].push(milliseconds)
    }
  }
  const median = (name) => times[name].toSorted((a, b) => a - b)[Math.floor(runs / 2)]
  const base = median('node -e 0')
  const both = base + median('bare bwrap true')
  console.log(`median of ${runs}, in one run; aim: at most 1.6 times (node -e 0 + bare bwrap)`)
  for (const name of Object.keys(subjects)) {
    const spread = times[name].toSorted((a, b) => a - b)
    console.log(
      `${name.padEnd(42)} ${median(name).toFixed(1).padStart(7)} ms (${spread[0].toFixed(1)} to ${spread.at(-1).toFixed(1)})  ${(median(name) / base).toFixed(2)} x node  ${(median(name) / both).toFixed(2)} x both`,
    )
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true })
}
