import { describe, expect, it } from 'vitest'
import type { Platform } from '../../src/machine/host.ts'
import { quarantineNotices } from '../../src/resolve/quarantine.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { macProgram, resolvePython } from '../fixtures/python-trees.ts'

const FILE = '/Users/u/bin/agent'
const noticesFor = (answer: string | undefined, platform: Platform = 'macos') => {
  const target = resolvePython({ [FILE]: macProgram() }, FILE, { platform: 'macos', arch: 'arm64' })
  const asked: string[][] = []
  const host = fakeHost(
    {},
    { platform, run: (file, args) => (asked.push([file, ...args]), answer) },
  )
  return { found: quarantineNotices(target, host), asked }
}

describe('programs in quarantine', () => {
  it.each([
    '0083;66f1a2b3;Safari;6E1C0B52-6D9D-4B4F-8E57-0F3B1F1E8E11\n',
    '0181;00000000;curl;\n',
    '0001;;;',
  ])('%j: said, with what to do', (answer) => {
    const { found, asked } = noticesFor(answer)
    expect(found).toMatchObject([
      {
        level: 'warning',
        code: 'target-quarantined',
        message: expect.stringMatching(
          /^\/Users\/u\/bin\/agent is in quarantine.*xattr -d/,
        ) as string,
      },
    ])
    expect(asked).toEqual([['/usr/bin/xattr', '-p', 'com.apple.quarantine', FILE]])
  })
  it.each([undefined, '', '00c3;66f1a2b3;Safari;x\n', '0041;;;', 'no such', ';;;', '\u0000'])(
    '%j: nothing to say',
    (answer) => expect(noticesFor(answer).found).toEqual([]),
  )
  it('nobody is asked on Linux', () =>
    expect(noticesFor('0083;x', 'linux')).toEqual({ found: [], asked: [] }))
})
