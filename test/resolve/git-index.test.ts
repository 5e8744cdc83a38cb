import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseGitIndex } from '../../src/resolve/git-index.ts'

describe('an index of git', () => {
  let place: string
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', place, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: place, GIT_CONFIG_NOSYSTEM: '1' },
    })
  const index = (): Uint8Array => fs.readFileSync(path.join(place, '.git/index'))
  beforeAll(() => {
    place = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-index-'))
    git('init', '-q')
    for (let at = 0; at < 20; at++) {
      const directory = path.join(place, `d${at % 3}`)
      fs.mkdirSync(directory, { recursive: true })
      fs.writeFileSync(path.join(directory, 'é'.repeat(at + 1)), `${at}`)
    }
    fs.symlinkSync('d0', path.join(place, 'link'))
    git('add', '-A')
  })
  afterAll(() => fs.rmSync(place, { recursive: true, force: true }))

  const listed = (): { path: string; id: string }[] =>
    git('ls-files', '-sz')
      .split('\0')
      .filter(Boolean)
      .map((line) => ({ path: line.split('\t')[1]!, id: line.split(' ')[1]! }))

  it.each(['2', '4'])('of version %s names what git names', (version) => {
    git('update-index', '--index-version', version)
    const read = parseGitIndex(index())
    expect(read?.map(({ path, id }) => ({ path, id }))).toEqual(listed())
    expect(read?.find(({ path }) => path === 'link')?.type).toBe('symlink')
  })

  it('of version 3, with an intent to add, names what git names', () => {
    git('update-index', '--index-version', '2')
    fs.writeFileSync(path.join(place, 'later'), 'x')
    git('add', '-N', 'later')
    expect(index()[7]).toBe(3)
    expect(parseGitIndex(index())?.map(({ path, id }) => ({ path, id }))).toEqual(listed())
    git('rm', '-q', '--cached', 'later')
  })

  it('that is split names only a part, and is not read', () => {
    git('update-index', '--split-index')
    expect(parseGitIndex(index())).toBeUndefined()
    git('update-index', '--no-split-index')
    expect(parseGitIndex(index())).toBeDefined()
  })

  it('never gives a path that leads out of the work tree', () => {
    const bytes = Buffer.from(index())
    const text = bytes.toString('latin1').replace('d0/', '../')
    expect(text).toContain('../')
    const read = parseGitIndex(Buffer.from(text, 'latin1'))
    expect(read?.some(({ path }) => path.includes('..'))).toBe(false)
    expect(read).toHaveLength(listed().length - 1)
  })

  it('that is damaged anywhere gives entries or nothing, and never throws', () => {
    const whole = index()
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(whole.length),
        (at, byte, length) => {
          const bytes = Buffer.from(whole.subarray(0, length))
          if (at < length) bytes[at] = byte
          for (const one of parseGitIndex(bytes) ?? []) expect(one.path).not.toBe('')
        },
      ),
    )
  })
})
