import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import type { Hold } from '../../src/backend/bubblewrap/program.ts'
import { holdNames, releaseNames } from '../../src/launch/held-names.ts'
import { createRunState, newRunId, type RunState } from '../../src/launch/state.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { where } from '../e2e/where.ts'

const reason = process.platform === 'linux' ? undefined : 'names are held on Linux only'
const DIRECTORY: Hold = { type: 'directory' }
const SOCKET: Hold = { type: 'socket' }
const file = (content: string): Hold => ({ type: 'file', content })

let root: AbsolutePath
let run: RunState
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-held-'))) as AbsolutePath
  run = newRun()
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const newRun = (): RunState => {
  const id = newRunId()
  return createRunState(id, at('state'), at(`launcher-${id}`))
}
const at = (name: string): AbsolutePath => path.join(root, name) as AbsolutePath
const typeOf = (name: string): string => {
  const stat = fs.lstatSync(at(name), { throwIfNoEntry: false })
  return stat === undefined
    ? 'nothing'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSocket()
        ? 'socket'
        : stat.isFile()
          ? `file ${JSON.stringify(fs.readFileSync(at(name), 'utf8'))}`
          : 'other'
}
const reap = (one: RunState): void =>
  void execFileSync('/bin/sh', [path.resolve('shell/reaper.sh'), one.state, one.id], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
/** Both who may take held names away: launcher, and the reaper that outlives it. */
const CLEANERS: readonly [string, (one: RunState) => void][] = [
  ['launcher', releaseNames],
  ['the reaper', reap],
]
const KINDS: readonly [string, Hold, string][] = [
  ['a directory', DIRECTORY, 'directory'],
  ['a socket', SOCKET, 'socket'],
  ['an empty file', file(''), 'file ""'],
  ['a JSON file', file('{}\n'), 'file "{}\\n"'],
  ['a file with quotes and two lines', file(`'"$x" \n-n`), 'file "\'\\"$x\\" \\n-n"'],
]

describe('a held name', () => {
  for (const [who, clean] of CLEANERS) {
    where(reason).each(KINDS)(`%s is put there, and ${who} takes it away`, (_, hold, type) => {
      holdNames(run, [{ path: at('name'), hold }], [])
      expect(typeOf('name')).toBe(type)
      clean(run)
      expect(typeOf('name')).toBe('nothing')
    })

    where(reason).each(KINDS)(`%s that somebody replaced stays, for ${who}`, (_, hold) => {
      holdNames(run, [{ path: at('name'), hold }], [])
      fs.rmSync(at('name'), { recursive: true })
      fs.writeFileSync(at('name'), 'mine')
      clean(run)
      expect(typeOf('name')).toBe('file "mine"')
    })

    where(reason)(`a file that somebody wrote on stays, for ${who}`, () => {
      holdNames(run, [{ path: at('name'), hold: file('{}\n') }], [])
      fs.appendFileSync(at('name'), '\n')
      clean(run)
      expect(typeOf('name')).toBe('file "{}\\n\\n"')
    })

    where(reason)(`a directory that somebody uses stays, for ${who}`, () => {
      holdNames(run, [{ path: at('name'), hold: DIRECTORY }], [])
      fs.writeFileSync(at('name/x'), '')
      clean(run)
      expect(fs.readdirSync(at('name'))).toEqual(['x'])
    })

    where(reason)(`goes with the last of two runs, for ${who}`, () => {
      const second = newRun()
      holdNames(run, [{ path: at('name'), hold: SOCKET }], [])
      holdNames(second, [], [at('name')])
      clean(run)
      expect(typeOf('name')).toBe('socket')
      clean(second)
      expect(typeOf('name')).toBe('nothing')
    })
  }

  where(reason).each(KINDS)('%s never replaces what is there', (_, hold) => {
    fs.writeFileSync(at('name'), 'mine')
    holdNames(run, [{ path: at('name'), hold }], [])
    releaseNames(run)
    expect(typeOf('name')).toBe('file "mine"')
  })

  where(reason).each(KINDS)('%s is made through no link', (_, hold) => {
    fs.symlinkSync(at('elsewhere'), at('name'))
    holdNames(run, [{ path: at('name'), hold }], [])
    expect([typeOf('elsewhere'), typeOf('name')]).toEqual(['nothing', 'other'])
  })

  where(reason)('is held by its second choice where a socket cannot have the name', () => {
    const long = 'n'.repeat(120)
    const other = file('{}\n')
    holdNames(run, [{ path: at(long), hold: SOCKET, otherwise: other }], [])
    expect(typeOf(long)).toBe('file "{}\\n"')
    releaseNames(run)
    expect(typeOf(long)).toBe('nothing')
  })

  where(reason)('a socket has nobody behind it and holds no descriptor', () => {
    const before = fs.readdirSync('/proc/self/fd').length
    holdNames(run, [{ path: at('name'), hold: SOCKET }], [])
    expect(fs.readdirSync('/proc/self/fd').length).toBe(before)
    expect(fs.readFileSync('/proc/net/unix', 'utf8')).not.toContain(at('name'))
    expect(() => fs.readFileSync(at('name'))).toThrow(/ENXIO/)
  })
})
