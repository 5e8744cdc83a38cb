import fs from 'node:fs'
import { afterAll, expect } from 'vitest'
import { cpuOfChildren, cpuSince } from './fixtures/cpu.ts'

/** Tells the reporter what each file costs: milliseconds of CPU time of its process and, on Linux, of all that it started. */
const results = process.env['LAUNCHER_TEST_RESULT']
if (results !== undefined)
  afterAll(() => {
    const own = cpuSince({ user: 0, system: 0 })
    const children = process.platform === 'linux' ? cpuOfChildren() : 0
    const file = expect.getState().testPath
    fs.appendFileSync(results, `${JSON.stringify({ kind: 'cpu', file, own, children })}\n`)
  })
