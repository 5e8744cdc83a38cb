// Overhead of `launcher run --trace`: the same commands in the same sandbox, with and without collection, interleaved in one run.
// Usage: node test/bench/trace.mjs [RUNS]   (needs bubblewrap, strace and a built launcher that knows --trace; without it bare bubblewrap is measured)
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const runs = Number(process.argv[2] ?? 9)
const root = path.resolve(import.meta.dirname, '../..')
const scratch = fs.mkdtempSync('/var/tmp/launcher-bench-')
const env = {
  HOME: path.join(scratch, 'home'),
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LANG: 'C.UTF-8',
}
const project = path.join(scratch, 'home/work/large')
const FILES = 50_000

fs.mkdirSync(project, { recursive: true })
spawnSync('git', ['init', '-q', project])
for (let i = 0; i < FILES; i++) {
  const directory = path.join(project, `src/d${i % 500}`)
  if (i < 500) fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(path.join(directory, `f${i}.ts`), `export const f${i} = ${i}\n`)
}
spawnSync('git', ['add', '-A'], { cwd: project })

const has = (name) => spawnSync('/bin/sh', ['-c', `command -v ${name}`], { env }).status === 0
const search = has('rg') ? ['rg', 'needle', project] : ['grep', '-r', 'needle', project]
const subjects = {
  'git status': ['git', '-C', project, 'status', '--porcelain'],
  [`${search[0]} over ${FILES} files`]: search,
  'python start': ['/usr/bin/python3', '-c', 'import json'],
}

const launcher = path.join(root, 'dist/launcher.cjs')
const knowsTrace =
  fs.existsSync(launcher) &&
  /--trace/.test(
    spawnSync(process.execPath, [launcher, 'run', '--help'], { encoding: 'utf8', env }).stdout ??
      '',
  )
const bwrap = [
  'bwrap',
  '--unshare-user',
  '--unshare-pid',
  '--dev-bind',
  '/',
  '/',
  '--proc',
  '/proc',
  '--',
]
const CALLS = '%file,connect,bind,fchdir,clone,?clone3,?fork,?vfork'
const strace = (pipe) => [
  'strace',
  '-DDD',
  '-f',
  '-y',
  '-ttt',
  '--pidns-translation',
  '--seccomp-bpf',
  '-s',
  '4096',
  '-q',
  '-e',
  'signal=none',
  '-e',
  `trace=${CALLS}`,
  '-o',
  pipe,
  '--',
]
const commandOf = (words, isTraced) =>
  knowsTrace
    ? [
        process.execPath,
        launcher,
        'run',
        '--quiet',
        ...(isTraced ? ['--trace'] : []),
        '--',
        ...words,
      ]
    : [...(isTraced ? strace('/dev/null') : []), ...bwrap, ...words]

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]
try {
  console.log(
    `median of ${runs}, in one run, ${knowsTrace ? 'launcher run' : 'bare bubblewrap, the tracer alone (nobody reads)'}`,
  )
  for (const [name, words] of Object.entries(subjects)) {
    const times = { without: [], with: [] }
    for (let round = -1; round < runs; round++) {
      for (const kind of ['without', 'with']) {
        const [file, ...args] = commandOf(words, kind === 'with')
        const start = process.hrtime.bigint()
        const done = spawnSync(file, args, {
          cwd: project,
          env,
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
        if (done.status === null || done.status > 1)
          throw new Error(`${name} ended with ${done.status}: ${done.stderr}`)
        if (round >= 0) times[kind].push(milliseconds)
      }
    }
    console.log(
      `${name.padEnd(28)} ${median(times.without).toFixed(1).padStart(8)} ms  with collection ${median(times.with).toFixed(1).padStart(8)} ms  ${(median(times.with) / median(times.without)).toFixed(2)} x`,
    )
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true })
}
