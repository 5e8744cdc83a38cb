// What finding out a target adds to a start, in a fresh process: a uv tool with 100 dependencies and a Node agent with 1,000 packages,
// as npm, pnpm and bun lay it out, against `node -e 0`. Medians of one run. As in dist/, the code comes with V8's cache of what a
// start of `true` compiles; what only these targets use is compiled anew each time. Usage: node test/bench/resolve.mjs [RUNS]
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const runs = Number(process.argv[2] ?? 15)
const source = path.resolve(import.meta.dirname, '../../src')
const scratch = fs.mkdtempSync('/var/tmp/launcher-bench-')
const home = path.join(scratch, 'home')
const project = path.join(home, 'p')
const env = { HOME: home, PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' }

const put = (file, content = '', mode = 0o644) => {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, content, { mode })
  return file
}
const link = (file, target) => {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.symlinkSync(target, file)
}
const names = (count) => Array.from({ length: count }, (_, i) => `package-${i}`)
const manifest = (name, needs) =>
  JSON.stringify({
    name,
    version: '1.0.0',
    dependencies: Object.fromEntries(needs.map((one) => [one, '1'])),
  })
const SCRIPT = '#!/usr/bin/env node\n'
/** Ten direct dependencies, each of which needs ten of the next hundred, and so on: a tree of a thousand. */
const needs = (i, count) =>
  Array.from({ length: 10 }, (_, j) => (i + 1) * 10 + j)
    .filter((one) => one < count)
    .map((one) => `package-${one}`)

const uv = () => {
  const base = path.join(home, '.local/share/uv/python/cpython-3.12.11-linux-x86_64-gnu')
  const venv = path.join(home, '.local/share/uv/tools/agent')
  const python = spawnSync(
    '/usr/bin/env',
    ['python3', '-c', 'import os, sys; print(os.path.realpath(sys.executable))'],
    { encoding: 'utf8' },
  ).stdout.trim()
  fs.mkdirSync(path.join(base, 'bin'), { recursive: true })
  fs.copyFileSync(python, path.join(base, 'bin/python3.12'))
  put(path.join(base, 'lib/python3.12/os.py'))
  link(path.join(base, '../cpython-3.12-linux-x86_64-gnu'), path.basename(base))
  link(
    path.join(venv, 'bin/python'),
    path.join(base, '../cpython-3.12-linux-x86_64-gnu/bin/python3.12'),
  )
  put(path.join(venv, 'bin/agent'), `#!${venv}/bin/python\n`, 0o755)
  put(
    path.join(venv, 'pyvenv.cfg'),
    `home = ${path.join(base, '../cpython-3.12-linux-x86_64-gnu/bin')}\ninclude-system-site-packages = false\n`,
  )
  put(path.join(venv, 'uv-receipt.toml'), '[tool]\nrequirements = [{ name = "agent" }]\n')
  for (const name of ['agent', ...names(100)]) {
    const site = path.join(venv, 'lib/python3.12/site-packages')
    put(path.join(site, name, '__init__.py'))
    for (const file of ['METADATA', 'RECORD', 'WHEEL', 'INSTALLER'])
      put(path.join(site, `${name}-1.0.0.dist-info`, file))
  }
  link(path.join(home, '.local/bin/agent'), path.join(venv, 'bin/agent'))
  return path.join(home, '.local/bin')
}
const flat = (modules, extra) => {
  put(path.join(modules, 'agent/package.json'), manifest('agent', names(10)))
  put(path.join(modules, 'agent/bin/agent.js'), SCRIPT, 0o755)
  names(1000).forEach((name, i) =>
    put(path.join(extra, name, 'package.json'), manifest(name, needs(i, 1000))),
  )
}
const npm = () => {
  const prefix = path.join(home, '.npm-global')
  flat(
    path.join(prefix, 'lib/node_modules'),
    path.join(prefix, 'lib/node_modules/agent/node_modules'),
  )
  link(path.join(prefix, 'bin/agent'), '../lib/node_modules/agent/bin/agent.js')
  return path.join(prefix, 'bin')
}
const bun = () => {
  const modules = path.join(home, '.bun/install/global/node_modules')
  flat(modules, modules)
  link(path.join(home, '.bun/bin/agent'), '../install/global/node_modules/agent/bin/agent.js')
  return path.join(home, '.bun/bin')
}
const pnpm = () => {
  const at = path.join(home, '.local/share/pnpm')
  const store = path.join(at, 'global/5/.pnpm')
  const slot = (name, needed) => {
    put(path.join(store, `${name}@1.0.0/node_modules/${name}/package.json`), manifest(name, needed))
    for (const one of needed)
      link(
        path.join(store, `${name}@1.0.0/node_modules/${one}`),
        `../../${one}@1.0.0/node_modules/${one}`,
      )
  }
  slot('agent', names(10))
  names(1000).forEach((name, i) => slot(name, needs(i, 1000)))
  const program = put(
    path.join(store, 'agent@1.0.0/node_modules/agent/bin/agent.js'),
    SCRIPT,
    0o755,
  )
  put(
    path.join(at, 'agent'),
    `#!/bin/sh\nbasedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")\n\nexec node  "$basedir/${path.relative(at, program)}" "$@"\n`,
    0o755,
  )
  return at
}

const entry = path.join(scratch, 'resolve.ts')
fs.mkdirSync(project, { recursive: true })
fs.writeFileSync(
  entry,
  `import { realHost } from ${JSON.stringify(path.join(source, 'machine/real/host.ts'))}
import { resolveTarget } from ${JSON.stringify(path.join(source, 'resolve/target.ts'))}
const host = realHost('/')
const start = process.hrtime.bigint()
const target = resolveTarget(host, process.argv[2] ?? '', { searchPath: [process.env['AGENT_PATH'] ?? '', '/usr/bin', '/bin'], project: ${JSON.stringify(project)} as never, cwd: ${JSON.stringify(project)} as never, platform: host.platform })
const took = Number(process.hrtime.bigint() - start) / 1e6
process.stdout.write(JSON.stringify({ took, reads: target.reads.length, runtime: target.runtime }))
`,
)
const bundle = path.join(scratch, 'resolve.cjs')
const cache = `${bundle}.cache`
const loader = put(
  path.join(scratch, 'load.cjs'),
  `const fs = require('fs'), vm = require('vm')
const [file, cache] = ${JSON.stringify([bundle, cache])}
const cachedData = fs.existsSync(cache) ? fs.readFileSync(cache) : undefined
const script = new vm.Script('(function (exports, require, module, __filename, __dirname) {' + fs.readFileSync(file, 'latin1') + '\\n})', { filename: file, cachedData })
script.runInThisContext()(module.exports, require, module, file, __dirname)
if (cachedData === undefined) fs.writeFileSync(cache, script.createCachedData())
`,
)
const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]
try {
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: bundle,
    logLevel: 'error',
  })
  spawnSync(process.execPath, [loader, 'true'], { cwd: project, env })
  const subjects = {
    'uv tool, 100 dependencies': uv(),
    'npm -g, 1,000 packages': npm(),
    'pnpm, 1,000 packages': pnpm(),
    'bun, 1,000 packages': bun(),
  }
  const times = { base: [], ...Object.fromEntries(Object.keys(subjects).map((name) => [name, []])) }
  const found = {}
  for (let round = -1; round < runs; round++) {
    const start = process.hrtime.bigint()
    spawnSync(process.execPath, ['-e', '0'], { env })
    if (round >= 0) times.base.push(Number(process.hrtime.bigint() - start) / 1e6)
    for (const [name, directory] of Object.entries(subjects)) {
      const done = spawnSync(process.execPath, [loader, 'agent'], {
        cwd: project,
        env: { ...env, AGENT_PATH: directory },
        encoding: 'utf8',
      })
      if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`)
      found[name] = JSON.parse(done.stdout)
      if (round >= 0) times[name].push(found[name].took)
    }
  }
  console.log(
    `median of ${runs}, each in a fresh process; aim: under 0.5 times node -e 0 (${median(times.base).toFixed(1)} ms)`,
  )
  for (const name of Object.keys(subjects)) {
    console.log(
      `${name.padEnd(28)} ${median(times[name]).toFixed(1).padStart(6)} ms  ${(median(times[name]) / median(times.base)).toFixed(2)} x node  (${found[name].runtime}, ${found[name].reads} roots)`,
    )
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true })
}
