import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makePrivateDirectory } from '../../../src/machine/own/private-directory.ts'
import {
  appendPrivate,
  putPrivate,
  readPrivate,
  writeNew,
} from '../../../src/machine/own/private-file.ts'
import { where } from '../../e2e/where.ts'

const whyNotRoot =
  process.getuid?.() === 0 ? undefined : 'only root can give a file to another user'

let root: string
beforeEach(
  () => (root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-private-')))),
)
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const at = (name: string): string => path.join(root, name)
const modeOf = (name: string): string => (fs.lstatSync(at(name)).mode & 0o7777).toString(8)
const PURPOSE = { holds: 'what the test keeps', hint: 'move it away' }
const own = (name: string): void => makePrivateDirectory(at(name), PURPOSE)
const names = (): string[] => fs.readdirSync(root).sort()

describe('a private directory', () => {
  it('is made with all above it, 0700; one that others could look into is closed', () => {
    own('a/b/c')
    fs.mkdirSync(at('open'), { mode: 0o755 })
    own('open')
    own('open')
    expect(['a', 'a/b', 'a/b/c', 'open'].map(modeOf)).toEqual(['700', '700', '700', '700'])
  })

  it.each<[string, () => void, string]>([
    ['a link to a directory', () => fs.symlinkSync(root, at('x')), 'is a link, or not a directory'],
    [
      'a link to nothing',
      () => fs.symlinkSync(at('gone'), at('x')),
      'is a link, or not a directory',
    ],
    ['a file', () => fs.writeFileSync(at('x'), ''), 'is a link, or not a directory'],
    [
      'one that its group can write',
      () => {
        fs.mkdirSync(at('x'))
        fs.chmodSync(at('x'), 0o770)
      },
      'can be written by others (mode 770)',
    ],
  ])('is never %s', (_, make, why) => {
    make()
    expect(() => own('x')).toThrow(
      expect.objectContaining({
        code: 'E_STATE',
        message: expect.stringContaining(why),
        hint: 'move it away',
      }),
    )
    expect(() => own('x')).toThrow('so it cannot hold what the test keeps')
  })

  where(whyNotRoot)('is never another user’s', () => {
    fs.mkdirSync(at('x'), { mode: 0o700 })
    fs.chownSync(at('x'), 61_234, 61_234)
    expect(() => own('x')).toThrow('belongs to another user (uid 61234)')
  })
})

describe('a new file', () => {
  it('is the user’s alone, or like another', () => {
    writeNew(at('x'), 'text')
    writeNew(at('none'), '', { mode: 0 })
    const like = fs.lstatSync(at('x'), { bigint: true })
    writeNew(at('y'), 'more', { like: { ...like, mode: 0o100_640n }, isDurable: true })
    expect(['x', 'none', 'y'].map(modeOf)).toEqual(['600', '0', '640'])
    expect(fs.readFileSync(at('y'), 'utf8')).toBe('more')
  })

  it.each<[string, () => void]>([
    ['a file', () => fs.writeFileSync(at('x'), 'old')],
    ['a link to a file', () => fs.symlinkSync(at('target'), at('x'))],
    ['a directory', () => fs.mkdirSync(at('x'))],
  ])('never takes the place of %s', (_, make) => {
    make()
    const before = names()
    expect(() => writeNew(at('x'), 'text')).toThrow('EEXIST')
    expect(names()).toEqual(before)
  })
})

describe('a file that is put', () => {
  it('takes the place of the old one, and of a link without following it', () => {
    fs.writeFileSync(at('target'), 'other')
    fs.symlinkSync(at('target'), at('x'))
    putPrivate(at('x'), 'new', at('x.draft'))
    expect([fs.lstatSync(at('x')).isFile(), fs.readFileSync(at('x'), 'utf8')]).toEqual([
      true,
      'new',
    ])
    putPrivate(at('x'), 'newer', at('x.draft'))
    expect([fs.readFileSync(at('target'), 'utf8'), names()]).toEqual(['other', ['target', 'x']])
  })

  it('leaves the old one and no draft when it cannot be written', () => {
    fs.mkdirSync(at('x'))
    fs.writeFileSync(at('x/y'), '')
    expect(() => putPrivate(at('x'), 'new', at('x.draft'))).toThrow()
    expect(names()).toEqual(['x'])
  })
})

describe('an appended line', () => {
  it('is added, to a file that is made for it, never through a link', () => {
    appendPrivate(at('x'), 'one')
    appendPrivate(at('x'), 'two')
    expect([fs.readFileSync(at('x'), 'utf8'), modeOf('x')]).toEqual(['one\ntwo\n', '600'])
    fs.symlinkSync(at('x'), at('link'))
    expect(() => appendPrivate(at('link'), 'three')).toThrow('ELOOP')
    expect(fs.readFileSync(at('x'), 'utf8')).toBe('one\ntwo\n')
  })
})

describe('a private file that is read', () => {
  const read = (name: string, limit = 100): string | undefined =>
    readPrivate(at(name), limit, 'remove it')

  it('gives its text, as much of it as was asked for, and nothing where there is none', () => {
    fs.writeFileSync(at('x'), 'text')
    expect([read('x'), read('x', 2), read('none'), read('none/x')]).toEqual([
      'text',
      'te',
      undefined,
      undefined,
    ])
  })

  it.each<[string, () => void]>([
    ['a link', () => fs.symlinkSync('/etc/hostname', at('x'))],
    ['a directory', () => fs.mkdirSync(at('x'))],
    ['a named pipe', () => execFileSync('mkfifo', [at('x')])],
  ])('is never %s', (_, make) => {
    make()
    expect(() => read('x')).toThrow(expect.objectContaining({ code: 'E_STATE', hint: 'remove it' }))
  })

  where(whyNotRoot)('is never another user’s', () => {
    fs.writeFileSync(at('x'), 'theirs')
    fs.chownSync(at('x'), 61_234, 61_234)
    expect(() => read('x')).toThrow('is not a plain file of yours')
  })
})
