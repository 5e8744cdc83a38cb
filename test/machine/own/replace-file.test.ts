import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replaceFile } from '../../../src/machine/own/replace-file.ts'

const OLD = `old = "${'o'.repeat(20_000)}"\n`
const NEW = `new = "${'n'.repeat(30_000)}"\n`

let folder = ''
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-replace-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

let count = 0
const freshFile = (mode = 0o640): string => {
  const directory = path.join(folder, String(count++))
  fs.mkdirSync(directory)
  const file = path.join(directory, 'config.toml')
  fs.writeFileSync(file, OLD)
  fs.chmodSync(file, mode)
  return file
}

const names = (file: string): string[] => fs.readdirSync(path.dirname(file)).sort()

describe('replacing a file', () => {
  it('puts the new content in its place and keeps mode, owner and the old content', () => {
    const file = freshFile()
    const before = fs.statSync(file)
    const { backup } = replaceFile({ file, before: OLD, after: NEW })
    const after = fs.statSync(file)
    expect(fs.readFileSync(file, 'utf8')).toBe(NEW)
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid])
    expect(fs.readFileSync(backup, 'utf8')).toBe(OLD)
    expect(fs.statSync(backup).mode & 0o777).toBe(0o600)
    expect(names(file)).toEqual([path.basename(file), path.basename(backup)].sort())
  })

  it('refuses when the content changed meanwhile, and leaves nothing behind', () => {
    const file = freshFile()
    fs.writeFileSync(file, `${OLD}# edited\n`)
    expect(() => replaceFile({ file, before: OLD, after: NEW })).toThrow(
      'changed since it was read',
    )
    expect(fs.readFileSync(file, 'utf8')).toBe(`${OLD}# edited\n`)
    expect(names(file)).toEqual(['config.toml'])
  })

  it('says what the disk said when it cannot write, and leaves nothing behind', () => {
    const file = freshFile()
    const long = path.join(path.dirname(file), 'n'.repeat(240))
    fs.renameSync(file, long)
    expect(() => replaceFile({ file: long, before: OLD, after: NEW })).toThrow(
      /cannot be replaced \(ENAMETOOLONG.*nothing was changed/,
    )
    expect(names(long)).toEqual([path.basename(long)])
  })

  it('refuses what has a second name: the other would keep the old content', () => {
    const file = freshFile()
    fs.linkSync(file, `${file}.twin`)
    expect(() => replaceFile({ file, before: OLD, after: NEW })).toThrow('2 names')
    expect(fs.readFileSync(file, 'utf8')).toBe(OLD)
  })

  it('refuses a link in the place of the file', () => {
    const file = freshFile()
    const link = `${file}.link`
    fs.symlinkSync(file, link)
    expect(() => replaceFile({ file: link, before: OLD, after: NEW })).toThrow()
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true)
    expect(fs.readFileSync(file, 'utf8')).toBe(OLD)
  })
})
