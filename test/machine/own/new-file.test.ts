import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFile } from '../../../src/machine/own/new-file.ts'

let root: string
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'new-file-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

describe('a new file of the user’s', () => {
  it('is for the user alone, in directories for the user alone, with nothing beside it', () => {
    const file = path.join(root, 'a/b/x.toml')
    createFile(file, 'text')
    expect(fs.readFileSync(file, 'utf8')).toBe('text')
    expect([file, path.dirname(file)].map((one) => fs.statSync(one).mode & 0o777)).toEqual([
      0o600, 0o700,
    ])
    expect(fs.readdirSync(path.dirname(file))).toEqual(['x.toml'])
  })

  it.each<[string, (file: string) => void]>([
    ['a file', (file) => fs.writeFileSync(file, 'old')],
    ['a link that leads nowhere', (file) => fs.symlinkSync(path.join(root, 'target'), file)],
  ])('never takes the place of %s', (_, make) => {
    const file = path.join(root, 'x.toml')
    make(file)
    const before = fs.readdirSync(root)
    expect(() => createFile(file, 'text')).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
    expect(fs.readdirSync(root)).toEqual(before)
    expect(fs.existsSync(path.join(root, 'target'))).toBe(false)
  })
})
