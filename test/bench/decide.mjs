// Ratio of a decision on a policy of 10,000 entries to Map lookups of the same path's parts, and memory by number of entries.
import { build } from 'esbuild'
import { createRequire } from 'node:module'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const out = join(mkdtempSync(join(tmpdir(), 'launcher-bench-')), 'decide.cjs')
await build({
  entryPoints: [new URL('../../src/policy/decide.ts', import.meta.url).pathname],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  outfile: out,
  logLevel: 'error',
})
const { compilePolicy } = createRequire(import.meta.url)(out)

const origin = { strength: 'builtin', file: 'bench', key: 'bench' }
const policyOf = (entries) => {
  const grants = []
  const protections = []
  for (let i = 0; i < entries; i++) {
    const path = `/home/u/d${i % 37}/e${i % 101}/f${i}`
    if (i % 3 === 0)
      protections.push({
        path,
        kind: i % 2 ? 'hidden' : 'read_only',
        exists: true,
        entry: 'directory',
        requested: path,
        liftable: true,
        origin,
      })
    else
      grants.push({
        path,
        access: ['none', 'read', 'write'][i % 3],
        kind: 'directory',
        requested: path,
        origin,
      })
  }
  return {
    name: 'bench',
    platform: 'linux',
    foldsNames: false,
    project: '/p',
    home: '/home/u',
    grants,
    protections,
    patterns: [],
    barred: [],
    lifts: [],
    hops: [],
    stats: [],
    sockets: { connect: [], bind: [], masked: [] },
    network: {},
    features: [],
    notices: [],
  }
}
const paths = Array.from({ length: 1_000 }, (_, i) => `/home/u/d${i % 37}/e${i % 101}/f${i}/x/y.ts`)
const time = (work) => {
  const start = process.hrtime.bigint()
  let sum = 0
  for (let round = 0; round < 200; round++) for (const path of paths) sum += work(path)
  return { nanoseconds: Number(process.hrtime.bigint() - start) / (200 * paths.length), sum }
}
const lookupTree = () => {
  const root = new Map()
  for (const path of paths) {
    let node = root
    for (const part of path.slice(1).split('/')) {
      if (!node.has(part)) node.set(part, new Map())
      node = node.get(part)
    }
  }
  return (path) => {
    let node = root
    for (const part of path.slice(1).split('/')) node = node.get(part)
    return node.size
  }
}
const decider = compilePolicy(policyOf(10_000))
const decide = (path) => (decider.decide('read', path).allowed ? 1 : 0)
const lookup = lookupTree()
time(decide), time(lookup)
const ratios = []
for (let i = 0; i < 9; i++) ratios.push(time(decide).nanoseconds / time(lookup).nanoseconds)
ratios.sort((a, b) => a - b)
console.log(
  `decide / Map lookups of the parts, 10,000 entries: median ${ratios[4].toFixed(2)} (min ${ratios[0].toFixed(2)}, max ${ratios[8].toFixed(2)}; aim: at most 10)`,
)
for (const entries of [10_000, 20_000, 40_000]) {
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  const kept = compilePolicy(policyOf(entries))
  globalThis.gc?.()
  console.log(
    `${entries} entries: ${((process.memoryUsage().heapUsed - before) / entries).toFixed(0)} bytes each${kept ? '' : ' '}`,
  )
}
