import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''
let program = ''
beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-streams-')))
  execFileSync(path.resolve(import.meta.dirname, '../../node_modules/.bin/esbuild'), [
    path.resolve(import.meta.dirname, '../../src/launch/seatbelt.ts'),
    path.resolve(import.meta.dirname, '../../src/launch/descriptors.ts'),
    '--bundle',
    '--platform=node',
    '--format=esm',
    `--outdir=${folder}`,
    '--out-extension:.js=.mjs',
    '--log-level=error',
  ])
  program = path.join(folder, 'program.mjs')
  // As a run does, with another program in the place of sandbox-exec.
  fs.writeFileSync(
    program,
    `import { runSeatbelt } from './seatbelt.mjs'
import { standardStreams } from './descriptors.mjs'
const launch = { argv: JSON.parse(process.argv[2]), environment: process.env, cwd: process.cwd() }
const { code } = await runSeatbelt(launch, () => undefined, standardStreams())
process.exitCode = code
`,
  )
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Says of each standard stream whether it is a file, and copies input to output and error. */
const AGENT = `
const fs = require('node:fs')
const kinds = [0, 1, 2].map((fd) => fs.fstatSync(fd).isFile())
fs.writeFileSync(process.env.KINDS, JSON.stringify(kinds))
const input = fs.readFileSync(0)
process.stdout.write(input, () => process.stderr.write(input, () => (process.exitCode = 7)))
`

const runWith = (size: number): { code: number | null; kinds: unknown; same: boolean[] } => {
  const at = (name: string): string => path.join(folder, name)
  const content = Buffer.alloc(size, 'abcdefg\n')
  fs.writeFileSync(at('in'), content)
  const streams = [
    fs.openSync(at('in'), 'r'),
    fs.openSync(at('out'), 'w'),
    fs.openSync(at('err'), 'w'),
  ]
  const argv = JSON.stringify([process.execPath, '-e', AGENT])
  const { status } = spawnSync(process.execPath, [program, argv], {
    stdio: [streams[0], streams[1], streams[2]],
    env: { ...process.env, KINDS: at('kinds') },
  })
  for (const fd of streams) fs.closeSync(fd ?? 0)
  return {
    code: status,
    kinds: JSON.parse(fs.readFileSync(at('kinds'), 'utf8')),
    same: ['out', 'err'].map((name) => fs.readFileSync(at(name)).equals(content)),
  }
}

describe('files as standard streams under Seatbelt', () => {
  it.each([0, 20, 1_000_000])('are no files inside, and whole outside (%d bytes)', (size) => {
    expect(runWith(size)).toEqual({ code: 7, kinds: [false, false, false], same: [true, true] })
  })

  it('do not keep a run that left something behind', () => {
    const out = path.join(folder, 'left')
    const argv = JSON.stringify(['/bin/sh', '-c', 'sleep 60 & echo $!'])
    const fd = fs.openSync(out, 'w')
    const { status } = spawnSync(process.execPath, [program, argv], {
      stdio: ['ignore', fd, 'ignore'],
      timeout: 50_000,
    })
    fs.closeSync(fd)
    const left = Number(fs.readFileSync(out, 'utf8'))
    process.kill(left, 'SIGKILL')
    expect({ status, left: left > 1 }).toEqual({ status: 0, left: true })
  })
})
