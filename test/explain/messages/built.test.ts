import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLog } from '../../../src/explain/log/read.ts'
import { EXAMPLES } from './examples.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')

/** GNU's tools quote as the locale says. */
const STYLES: readonly (readonly [style: string, quoted: (raw: string) => string])[] = [
  ['as they are', (raw) => raw],
  ['in typographic quotes', (raw) => raw.replaceAll(/'([^'\n]*)'/g, '‘$1’')],
]

describe('the built program', () => {
  let home: string
  beforeAll(() => {
    home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-built-')))
    fs.mkdirSync(path.join(home, 'project'))
    execFileSync(process.execPath, [path.join(ROOT, 'shell/build.mjs'), '--if-needed'])
  })
  afterAll(() => fs.rmSync(home, { recursive: true, force: true }))

  it.each(STYLES)('finds in a pasted log what its source finds, quotes %s', (_, quoted) => {
    const log = EXAMPLES.map(([, raw]) => `${quoted(raw)}\n\n`).join('')
    const { sightings, hasMore } = readLog(log)
    const expected = sightings.map(({ row, line }) => `${row} in line ${line}`)
    expect({ hasMore, seen: expected.length > 100 }).toEqual({ hasMore: false, seen: true })

    const built = spawnSync(
      process.execPath,
      [path.join(ROOT, 'dist/launcher.cjs'), 'explain', '-', '--profile', 'default', '--json'],
      {
        cwd: path.join(home, 'project'),
        encoding: 'utf8',
        env: { HOME: home, PATH: '/usr/bin:/bin' },
        input: log,
      },
    )
    expect({ status: built.status, stderr: built.stderr }).toEqual({ status: 1, stderr: '' })
    const { answers } = JSON.parse(built.stdout)
    expect(
      answers.map((one: { row: number; line: number }) => `${one.row} in line ${one.line}`),
    ).toEqual(expected)
  })
})
