import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { BACKEND_NAMES, chooseBackend } from '../../src/backend/backends.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { look } from '../../src/run/prepare.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { shipped } from '../profile/harness.ts'

const SRC = path.resolve(import.meta.dirname, '../../src')

const sources = (folder: string): string[] =>
  fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    return entry.isDirectory() ? sources(file) : file.endsWith('.ts') ? [file] : []
  })

/** A decision by a backend's name: what a new backend would have to be added to. */
const BRANCH =
  /(?:===|!==|case)\s*'(?:bubblewrap|seatbelt)'|'(?:bubblewrap|seatbelt)'\s*(?:===|!==)/

describe('backends', () => {
  it('are told apart by nobody but themselves', () => {
    const outside = sources(SRC).filter((file) => !file.startsWith(path.join(SRC, 'backend')))
    expect(outside.length).toBeGreaterThan(100)
    expect(outside.filter((file) => BRANCH.test(fs.readFileSync(file, 'utf8')))).toEqual([])
  })

  it.each([
    ['linux', 'bubblewrap'],
    ['macos', 'seatbelt'],
  ] as const)('on %s it is %s', (platform, name) => {
    const host = fakeHost({}, { platform })
    expect(chooseBackend(undefined, host).name).toBe(name)
    expect(BACKEND_NAMES.map((one) => chooseBackend(one, host).name)).toEqual(BACKEND_NAMES)
    expect(() => chooseBackend('chroot', host)).toThrow('chroot is not a backend')
  })

  it('say that they are of another system', () => {
    for (const name of BACKEND_NAMES) {
      const backend = chooseBackend(name, fakeHost({}))
      const other = fakeHost({}, { platform: backend.platform === 'linux' ? 'macos' : 'linux' })
      const network = { out: [], inward: [] }
      expect(() => backend.probe(other, { project: other.cwd, network })).toThrow(/macOS|Linux/)
    }
  })

  it.each(BACKEND_NAMES)('%s shows the program of a policy of either system', async (name) => {
    for (const platform of ['linux', 'macos'] as const) {
      const host = fakeHost({}, { platform, env: { PATH: '/usr/bin' } })
      const request = { ...emptyRequest, profile: 'default', words: ['true'] }
      const { resolution } = await look(request, { host, builtins: shipped })
      const program = chooseBackend(name, host).compile(resolution.resolved, {
        runId: 'r-1',
        tty: () => undefined,
        proxyPort: undefined,
      })
      const { text, steps } = program.view()
      expect(text.length + steps.length).toBeGreaterThan(20)
    }
  })
})
