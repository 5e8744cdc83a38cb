import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openNetworkLog,
  readNetworkLog,
  readRecord,
  recordedRuns,
  writeRecord,
} from '../../src/launch/records.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'

let state: AbsolutePath
beforeEach(() => {
  state = fs.mkdtempSync(path.join(os.tmpdir(), 'records-')) as AbsolutePath
})
afterEach(() => fs.rmSync(state, { recursive: true, force: true }))

const records = (): string[] => fs.readdirSync(path.join(state, 'records')).sort()
const idOf = (number: number): string => `r-${String(number).padStart(4, '0')}-a`

describe('records of runs', () => {
  it('are for the user alone, whole, and read back as they are', () => {
    expect(writeRecord(state, 'r-1', 'text')).toBe(true)
    expect(fs.statSync(path.join(state, 'records/r-1.json')).mode & 0o777).toBe(0o600)
    expect(fs.statSync(path.join(state, 'records')).mode & 0o777).toBe(0o700)
    expect(records()).toEqual(['r-1.json'])
    expect(readRecord(state, 'r-1')).toBe('text')
  })

  it('are fifty, the newest, and their network logs go with them', () => {
    for (let number = 0; number < 60; number++) {
      openNetworkLog(state, idOf(number)).close()
      writeRecord(state, idOf(number), 'x')
    }
    const kept = recordedRuns(state)
    expect(kept).toHaveLength(50)
    expect([kept[0], kept.at(-1)]).toEqual([idOf(59), idOf(10)])
    expect(records().filter((name) => name.endsWith('.net'))).toHaveLength(50)
  })

  it('are not written when they are too large, and nothing is left of them', () => {
    expect(writeRecord(state, 'r-1', 'x'.repeat((4 << 20) + 1))).toBe(false)
    expect(writeRecord(state, 'r-2', 'x'.repeat(4 << 20))).toBe(true)
    expect(records()).toEqual(['r-2.json'])
  })

  it('are absent before the first run', () => {
    expect(recordedRuns(state)).toEqual([])
    expect(readRecord(state, 'r-1')).toBeUndefined()
    expect(readNetworkLog(state, 'r-1')).toBe('')
  })

  it.each<[string, (file: string) => void]>([
    ['a link', (file) => fs.symlinkSync('/etc/passwd', file)],
    ['a directory', (file) => fs.mkdirSync(file)],
  ])('are never read through %s', (_, make) => {
    writeRecord(state, 'r-1', 'x')
    make(path.join(state, 'records/r-2.json'))
    expect(() => readRecord(state, 'r-2')).toThrow(expect.objectContaining({ code: 'E_STATE' }))
    expect(readRecord(state, 'r-1')).toBe('x')
  })

  it('are not written through a draft that somebody put there', () => {
    const target = path.join(state, 'target')
    fs.mkdirSync(path.join(state, 'records'))
    fs.symlinkSync(target, path.join(state, 'records/r-1.draft'))
    expect(writeRecord(state, 'r-1', 'x')).toBe(false)
    expect(fs.existsSync(target)).toBe(false)
  })

  it('do not stop a run when there is no place for them', () => {
    fs.writeFileSync(path.join(state, 'records'), 'a file')
    expect(writeRecord(state, 'r-1', 'x')).toBe(false)
  })

  it('list only what is a run’s', () => {
    writeRecord(state, 'r-1', 'x')
    for (const name of ['../x.json', 'r-.json', 'other.json', 'r-1.json.bak', 'R-2.json'])
      fs.writeFileSync(path.join(state, 'records', path.basename(name)), 'x')
    expect(recordedRuns(state)).toEqual(['r-1'])
  })

  it('are not made through a link, nor is a network log', () => {
    const target = path.join(state, 'target')
    fs.mkdirSync(target)
    fs.symlinkSync(target, path.join(state, 'records'))
    expect(writeRecord(state, 'r-1', 'x')).toBe(false)
    expect(() => openNetworkLog(state, 'r-1')).toThrow(expect.objectContaining({ code: 'E_STATE' }))
    expect(fs.readdirSync(target)).toEqual([])
  })
})

describe('the network log of a run', () => {
  it('that cannot be made is an error with a way out', () => {
    fs.writeFileSync(path.join(state, 'records'), 'a file')
    expect(() => openNetworkLog(state, 'r-1')).toThrow(
      expect.objectContaining({ code: 'E_STATE', hint: expect.any(String) }),
    )
  })

  it('goes when no run came of it, unless something is in it', () => {
    openNetworkLog(state, 'r-1').discard()
    const log = openNetworkLog(state, 'r-2')
    log.add('{}')
    log.discard()
    expect(records()).toEqual(['r-2.net'])
  })

  it('takes nothing after its end, whoever has its descriptor by then', () => {
    const log = openNetworkLog(state, 'r-1')
    log.close()
    const other = path.join(state, 'other')
    const fd = fs.openSync(other, 'w')
    log.add('{}')
    fs.closeSync(fd)
    expect([fs.readFileSync(other, 'utf8'), log.dropped]).toEqual(['', 1])
  })
})
