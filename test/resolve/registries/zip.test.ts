import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zipEntry } from '../../../src/resolve/registries/zip.ts'
import { fakeHost } from '../../fixtures/fake-host.ts'
import { where } from '../../e2e/where.ts'
import { realHost } from '../../../src/machine/real/host.ts'
import { onPath } from './installed.ts'
import { zip } from './zips.ts'

const entry = (bytes: Uint8Array, name: string, limit?: number): string | undefined => {
  const found = zipEntry(
    fakeHost({ '/a.zip': bytes }),
    '/a.zip',
    (candidate) => candidate === name,
    limit,
  )
  return found && Buffer.from(found).toString()
}

describe('an entry of a zip archive', () => {
  const files = { 'a/b.txt': 'first', 'c.txt': 'second '.repeat(1000) }
  it.each([
    ['deflated', false],
    ['stored', true],
  ])('is read when it is %s', (_, isStored) => {
    expect(entry(zip(files, { isStored }), 'a/b.txt')).toBe('first')
    expect(entry(zip(files, { isStored }), 'c.txt')).toBe(files['c.txt'])
    expect(entry(zip(files, { isStored }), 'b.txt')).toBeUndefined()
  })

  it('is found before a comment at the end', () =>
    expect(entry(Buffer.concat([zip(files), Buffer.from('a comment')]), 'a/b.txt')).toBe('first'))

  it('is not read when it is larger than allowed, whatever the archive claims', () => {
    const bomb = { big: 'x'.repeat(1 << 20) }
    expect(entry(zip(bomb), 'big', 1 << 20)).toHaveLength(1 << 20)
    expect(entry(zip(bomb), 'big', 1000)).toBeUndefined()
    expect(entry(zip(bomb, { claimed: 10 }), 'big', 1000)).toBeUndefined()
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['an end record alone', Buffer.from(`PK\x05\x06${'\xff'.repeat(18)}`, 'latin1')],
  ])('is not there in %s', (_, bytes) => expect(entry(bytes, 'a')).toBeUndefined())

  it('never throws, however the archive is damaged', () => {
    const good = zip(files)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(good.length),
        (changes, cut) => {
          const bad = Buffer.from(good)
          for (const [at, byte] of changes) bad[at] = byte
          expect(() => entry(bad.subarray(0, cut || undefined), 'c.txt')).not.toThrow()
        },
      ),
      { numRuns: 2000 },
    )
  })

  where(onPath('python3') ? undefined : 'python3 is not installed')(
    'is read from an archive of another program’s making',
    () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-zip-'))
      try {
        const file = path.join(folder, 'x.zip')
        execFileSync('python3', [
          '-c',
          'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nz.writestr("a","1"*9999)\nz.writestr("d/b","hello")\nz.comment=b"c"\nz.close()',
          file,
        ])
        expect(
          Buffer.from(zipEntry(realHost(folder), file, (name) => name === 'd/b') ?? []).toString(),
        ).toBe('hello')
      } finally {
        fs.rmSync(folder, { recursive: true })
      }
    },
  )
})
