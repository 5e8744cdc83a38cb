import fs from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { compileBubblewrap } from '../../src/backend/bubblewrap/program.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { join } from '../../src/machine/paths.ts'
import { grant, origin, protection } from '../policy/builders.ts'
import { kernel, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'

/**
 * What mounts cannot express is refused by name when the policy is compiled; an approximation would
 * disagree with `decide()`.
 */
describe('the bubblewrap program refuses', () => {
  const place = workspace()
  afterAll(() => place.dispose())
  const refuses = (parts: Partial<ResolvedPolicy>, words: RegExp): void =>
    expect(() => compileBubblewrap(withBase(parts))).toThrow(words)
  const socket = { path: join(place.root, 's'), origin: origin() }

  it('an entry beneath /dev or /proc, which it makes itself', () => {
    refuses({ grants: [grant('none', '/dev/shm', { origin: origin('flag') })] }, /\/dev\/shm/)
    refuses(
      { grants: [grant('read', '/dev/kmsg', { kind: 'file' }), grant('write', '/dev/dri')] },
      /\/dev/,
    )
    refuses(
      { protections: [protection('hidden', '/proc/cpuinfo', { entry: 'file' })] },
      /\/proc\/cpuinfo/,
    )
  })
  it('another access to what it makes itself', () => {
    refuses(
      { grants: [grant('read', '/dev/null', { kind: 'file', origin: origin('flag') })] },
      /\/dev\/null/,
    )
    refuses({ grants: [grant('none', '/proc', { origin: origin('flag') })] }, /\/proc/)
    refuses({ protections: [protection('hidden', '/dev')] }, /\/dev/)
  })
  it('a socket that may be made in a directory that is not writable; in one that is, it may', () => {
    refuses(
      { grants: [grant('read', place.root)], sockets: { connect: [], bind: [socket], masked: [] } },
      /socket|made/,
    )
    expect(() =>
      compileBubblewrap(
        withBase({
          grants: [grant('write', place.root)],
          sockets: { connect: [], bind: [socket], masked: [] },
        }),
      ),
    ).not.toThrow()
  })
  it('a grant of the root itself', () => {
    refuses({ grants: [grant('read', '/')] }, /root/)
    refuses({ grants: [grant('write', '/')] }, /root/)
  })
  it('more words than bubblewrap takes', () => {
    refuses(
      {
        grants: Array.from({ length: 900 }, (_, at) =>
          grant('read', join(place.root, `a${at}/b/c/f`), { kind: 'file' }),
        ),
      },
      /too many|more than/,
    )
  })
  it('none of it for sockets of the host that lie beneath /dev, which is another directory inside', () => {
    expect(() =>
      compileBubblewrap(
        withBase({
          sockets: {
            connect: [],
            bind: [],
            masked: [{ path: join('/dev' as typeof place.root, 'log'), origin: origin() }],
          },
        }),
      ),
    ).not.toThrow()
  })
})

const reason = skipReason()
describe.skipIf(reason !== undefined)('as many words as are accepted', () => {
  const place = workspace()
  afterAll(() => place.dispose())
  it('start', async () => {
    const grants = Array.from({ length: 400 }, (_, at) => {
      const directory = join(place.root, `a${at}/b/c`)
      fs.mkdirSync(directory, { recursive: true })
      fs.writeFileSync(join(directory, 'f'), '')
      return grant('read', join(directory, 'f'), { kind: 'file' })
    })
    expect((await kernel.start(withBase({ grants }), ['/bin/true'], {})).code).toBe(0)
  })
})
