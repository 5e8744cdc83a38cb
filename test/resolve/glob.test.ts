import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { globFor } from '../../src/resolve/glob.ts'

describe('globs on the real file system', () => {
  let root = '' as AbsolutePath
  beforeAll(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-glob-'))) as AbsolutePath
    for (const name of [
      'a(1)/x.md',
      'a(1)/.dot.md',
      'b c/x.md',
      'b c/deep/y.md',
      '!n/x.md',
      'b\\s/x.md',
      'q{1,2}/x.md',
      "é'/x.md",
    ]) {
      fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true })
      fs.writeFileSync(path.join(root, name), '')
    }
    fs.symlinkSync('a(1)', path.join(root, 'l'))
  })
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

  it.each([
    '*',
    '*/x.md',
    'a(1)/*.md',
    '!n/*',
    'q{1,2}/*',
    'l/*',
    '[ab]*/*.md',
    'none/*',
    '*/none',
  ])('%s means the same with and without fast-glob', async (pattern) => {
    const [own, fast] = await Promise.all(
      [globFor(realHost(process.cwd())), realHost(process.cwd()).glob].map(async (glob) =>
        [...(await glob(root, pattern, 100))].sort(),
      ),
    )
    expect(own).toEqual(fast)
  })

  it.each([
    ['b\\s/*.md', ['b\\s/x.md']],
    ['?(1)/x.md', ['a(1)/x.md']],
  ])('%s is found where fast-glob has no way to say it', async (pattern, expected) => {
    expect(await globFor(realHost(process.cwd()))(root, pattern, 100)).toEqual(expected)
  })

  it('** needs fast-glob, and stops at the limit', async () => {
    const glob = globFor(realHost(process.cwd()))
    expect([...(await glob(root, 'b c/**/*.md', 100))].sort()).toEqual([
      'b c/deep/y.md',
      'b c/x.md',
    ])
    expect(await glob(root, '**', 3)).toHaveLength(3)
  })
})
