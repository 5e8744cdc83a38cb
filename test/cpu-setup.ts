import fs from 'node:fs'
import { afterAll, expect } from 'vitest'
import { cpuOfChildren, cpuSince } from './fixtures/cpu.ts'

/** What the process had used before this file: one process may serve several. */
const counted = globalThis as { launcherCpu?: { own: number; children: number } }

/**
 * Tells the reporter what each file costs: milliseconds of CPU time of its process and, on Linux,
 * of all that it started.
 */
const results = process.env['LAUNCHER_TEST_RESULT']
if (results !== undefined)
  afterAll(() => {
    const before = counted.launcherCpu ?? { own: 0, children: 0 }
    const now = {
      own: cpuSince({ user: 0, system: 0 }),
      children: process.platform === 'linux' ? cpuOfChildren() : 0,
    }
    counted.launcherCpu = now
    const used = { own: now.own - before.own, children: now.children - before.children }
    const file = expect.getState().testPath
    fs.appendFileSync(results, `${JSON.stringify({ kind: 'cpu', file, ...used })}\n`)
  })
