import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeCreated } from '../../src/launch/create.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { where } from '../e2e/where.ts'
import { errorOf } from '../profile/harness.ts'

let root: string
beforeEach(
  () => (root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-create-')))),
)
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const at = (name: string): AbsolutePath => path.join(root, name) as AbsolutePath
const modeOf = (name: string): string => (fs.lstatSync(at(name)).mode & 0o777).toString(8)
const own = (name: string): void =>
  makeCreated([{ path: at(name), kind: 'directory', isOwn: true }])

describe('makeCreated', () => {
  it('makes directories 0700 and empty files 0600, and leaves what is there as it is', () => {
    fs.writeFileSync(at('kept'), 'content', { mode: 0o644 })
    makeCreated([
      { path: at('a/b'), kind: 'directory' },
      { path: at('a/f'), kind: 'file' },
      { path: at('kept'), kind: 'file' },
    ])
    expect([
      modeOf('a'),
      modeOf('a/b'),
      modeOf('a/f'),
      fs.readFileSync(at('kept'), 'utf8'),
      modeOf('kept'),
    ]).toEqual(['700', '700', '600', 'content', '644'])
  })

  it('makes a file with its content, and leaves one that is there as it is', () => {
    fs.writeFileSync(at('kept'), 'mine')
    makeCreated([
      { path: at('seed'), kind: 'file', content: '{}' },
      { path: at('kept'), kind: 'file', content: '{}' },
    ])
    expect([fs.readFileSync(at('seed'), 'utf8'), fs.readFileSync(at('kept'), 'utf8')]).toEqual([
      '{}',
      'mine',
    ])
    expect(modeOf('seed')).toBe('600')
  })

  it('makes no file through a link', async () => {
    fs.symlinkSync(at('elsewhere'), at('link'))
    makeCreated([{ path: at('link'), kind: 'file' }])
    expect(fs.existsSync(at('elsewhere'))).toBe(false)
  })
})

describe('a directory of launcher’s own', () => {
  it('is made 0700, kept with what is in it, and closed when others could look in', () => {
    own('new')
    fs.mkdirSync(at('open'), { mode: 0o755 })
    fs.writeFileSync(at('open/x'), 'x')
    own('open')
    own('open')
    expect([modeOf('new'), modeOf('open'), fs.readdirSync(at('open'))]).toEqual([
      '700',
      '700',
      ['x'],
    ])
  })

  it.each<[string, () => void, RegExp]>([
    [
      'a link to a directory',
      () => fs.symlinkSync(os.homedir(), at('x')),
      /is a link, or not a directory/,
    ],
    [
      'a link to nothing',
      () => fs.symlinkSync(at('gone'), at('x')),
      /is a link, or not a directory/,
    ],
    ['a file', () => fs.writeFileSync(at('x'), ''), /not a directory/],
    [
      'writable by the group',
      () => (fs.mkdirSync(at('x')), fs.chmodSync(at('x'), 0o770)),
      /can be written by others \(mode 770\)/,
    ],
    [
      'writable by everybody',
      () => (fs.mkdirSync(at('x')), fs.chmodSync(at('x'), 0o1777)),
      /can be written by others \(mode 1777\)/,
    ],
  ])('is refused when its place is %s, which stays untouched', async (_, plant, message) => {
    plant()
    const before = fs.lstatSync(at('x'))
    expect(await errorOf(() => own('x'))).toMatchObject({
      code: 'E_STATE',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/move it away/) as string,
    })
    expect([
      fs.lstatSync(at('x')).mode,
      fs.lstatSync(at('x')).ino,
      fs.existsSync(at('gone')),
    ]).toEqual([before.mode, before.ino, false])
  })

  where(process.getuid?.() === 0 ? undefined : 'only root can give a directory away')(
    'is refused when it belongs to somebody else',
    async () => {
      fs.mkdirSync(at('x'))
      fs.chownSync(at('x'), 61_234, 61_234)
      expect(await errorOf(() => own('x'))).toMatchObject({
        code: 'E_STATE',
        message: expect.stringMatching(/belongs to another user \(uid 61234\)/) as string,
      })
    },
  )

  it('an error of the file system names the path and the purpose', async () => {
    expect(await errorOf(() => own('absent/x'))).toMatchObject({
      code: 'E_STATE',
      message: expect.stringMatching(/absent\/x, which holds the caches of this project/) as string,
    })
  })
})
