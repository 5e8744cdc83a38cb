import { describe, expect, it } from 'vitest'
import { fakeHost, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const BIN = '/home/u/.local/bin'
const program = file('x', { mode: 0o755 })
const tree: FakeTree = {
  [`${BIN}/uv`]: program,
  [`${BIN}/other`]: program,
  '/usr/bin/env': program,
  '/opt/uv': program,
}

const searchPath = async (text: PolicyText, platform: 'linux' | 'macos', more: FakeTree = {}) =>
  (
    await resolveOn(
      fakeHost({ ...tree, ...more }, { platform, env: { PATH: `${BIN}:/usr/bin` } }),
      { ...text, read: ['/usr', ...(text.read ?? [])] },
    )
  ).searchPath

describe.each(['linux', 'macos'] as const)('PATH inside, on %s', (platform) => {
  it.each<[string, PolicyText, FakeTree, readonly string[]]>([
    ['holds what can be read', { read: [BIN] }, {}, [BIN, '/usr/bin']],
    [
      'holds a directory of which one program is granted',
      { read: [`${BIN}/uv`] },
      {},
      [BIN, '/usr/bin'],
    ],
    [
      'holds a directory of which one name, a link, is granted',
      { read: [`${BIN}/tool`] },
      { [`${BIN}/tool`]: link('/opt/uv') },
      [BIN, '/usr/bin'],
    ],
    ['leaves out a directory of which nothing is granted', {}, {}, ['/usr/bin']],
    [
      'leaves out a directory of which one name is taken away',
      { none: [`${BIN}/uv`] },
      {},
      ['/usr/bin'],
    ],
    [
      'leaves out a directory beneath which something is granted',
      { read: [`${BIN}/deep/x`] },
      { [`${BIN}/deep/x`]: program },
      ['/usr/bin'],
    ],
  ])('%s', async (_, text, more, expected) => {
    expect(await searchPath(text, platform, more)).toEqual(expected)
  })
})
