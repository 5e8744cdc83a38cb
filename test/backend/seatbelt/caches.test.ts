import { describe, it } from 'vitest'
import { projectCache } from '../../../src/resolve/own.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { HOME, mac, PROJECT, verdicts } from '../../conformance/mac.ts'
import { fakeHost, type FakeTree, link } from '../../fixtures/fake-host.ts'

const cacheOf = (project: string): string =>
  projectCache(
    fakeHost({}, { platform: 'macos', home: HOME, cwd: PROJECT }),
    project as AbsolutePath,
  )
const OWN = cacheOf(PROJECT)
const OTHER = cacheOf(`${HOME}/work/other`)
const ROOT = '~/.cache/launcher'

/** What tools keep in a home directory, beside the caches of two projects. */
const tools: FakeTree = {
  [`${OWN}/uv/archive-v0/x`]: '',
  [`${OTHER}/uv/archive-v0/x`]: '',
  '~/.bun/bin/bun': '',
  '~/.cache/uv/archive-v0/x': '',
  '~/.cargo/bin/cargo': '',
  '~/.config/uv/uv.toml': '',
  '~/.npmrc': '',
  '~/.nvm/versions/node/v22.0.0/bin/node': '',
  '~/go/bin/gopls': '',
}

describe('the Seatbelt profile of the default policy on a made-up Mac', () => {
  it('opens the project’s own cache, keeps every other closed, and no tool or setting writable', async () => {
    const machine = await mac(tools, { profile: 'default' })
    verdicts(machine, {
      allowed: [
        [
          'read',
          `${OWN}/uv/archive-v0/x`,
          '~/.cargo/bin/cargo',
          '~/.config/uv/uv.toml',
          '~/.nvm/versions/node/v22.0.0/bin/node',
        ],
        ['exec', `${OWN}/uv/archive-v0/x`, '~/.cargo/bin/cargo'],
        ['create', `${OWN}/new`, `${OWN}/uv/new`],
        ['write', `${OWN}/uv/archive-v0/x`],
        ['unlink', `${OWN}/uv/archive-v0/x`],
        ['stat', ROOT, `${ROOT}/projects`],
      ],
      denied: [
        ['stat', OTHER, `${OTHER}/uv/archive-v0/x`],
        ['read', `${OTHER}/uv/archive-v0/x`, '~/.cache/uv/archive-v0/x', '~/.npmrc'],
        [
          'write',
          `${OTHER}/uv/archive-v0/x`,
          '~/.cache/uv/archive-v0/x',
          '~/.npmrc',
          '~/.config/uv/uv.toml',
          '~/.cargo/bin/cargo',
          '~/go/bin/gopls',
          '~/.bun/bin/bun',
          '~/.nvm/versions/node/v22.0.0/bin/node',
        ],
        [
          'create',
          `${OTHER}/new`,
          `${ROOT}/new`,
          `${ROOT}/projects/new`,
          '~/.cargo/bin/new',
          '~/go/bin/new',
          '~/.local/bin/new',
          '~/.npmrc.new',
        ],
        ['list', ROOT, `${ROOT}/projects`, OTHER],
        ['rename-from', OWN],
        ['unlink', OWN],
      ],
    })
  })

  it('keeps other projects’ caches closed where everything around them is granted, through a link as well', async () => {
    for (const tree of [
      tools,
      { ...tools, '~/.cache': link('disk/cache'), '~/disk/cache/else': '' },
    ]) {
      const there =
        tree === tools
          ? tree
          : Object.fromEntries(
              Object.entries(tree).filter(
                ([name]) => name === '~/.cache' || !name.includes('.cache/'),
              ),
            )
      const machine = await mac(there, {
        profile: 'default',
        grants: [['write', tree === tools ? '~/.cache' : '~/disk']],
      })
      const around = tree === tools ? '~/.cache' : '~/disk/cache'
      verdicts(machine, {
        allowed: [['create', `${around}/new`]],
        denied: [
          ['create', `${OTHER}/new`, `${around}/launcher/new`, `${around}/launcher/projects/new`],
          ['rename-from', `${around}/launcher`],
          ['list', `${around}/launcher/projects`],
        ],
      })
    }
  })
})
