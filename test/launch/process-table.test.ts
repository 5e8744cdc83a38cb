import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { readersOf } from '../../src/launch/process-table.ts'
import { where } from '../e2e/where.ts'

const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'process-table-')))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

describe('readersOf', () => {
  where(process.platform === 'linux' ? undefined : 'there is no /proc')(
    'finds who waits at a pipe, not who holds it open for them',
    () => {
      const pipe = path.join(directory, 'pipe')
      spawnSync('mkfifo', [pipe])
      const [ours, theirs] = [fs.openSync(pipe, 'r+'), fs.openSync(pipe, 'r')]
      const [holder, reader] = [ours, theirs].map((fd) =>
        spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', fd] }),
      )
      try {
        fs.closeSync(theirs)
        expect(readersOf(pipe)).toEqual([reader!.pid])
        expect(readersOf(path.join(directory, 'other'))).toEqual([])
      } finally {
        for (const child of [holder, reader]) child!.kill('SIGKILL')
        fs.closeSync(ours)
      }
    },
  )
})
