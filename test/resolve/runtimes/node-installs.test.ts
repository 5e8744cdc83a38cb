import { describe, expect, it } from 'vitest'
import type { ResolvedPolicy } from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import type { Target } from '../../../src/resolve/types.ts'
import { mac } from '../../conformance/mac.ts'
import { fakeHost } from '../../fixtures/fake-host.ts'
import { macInstalls } from '../../fixtures/mac-installs.ts'
import { homeOf, type NodeInstall, nodeInstalls } from '../../fixtures/node-installs.ts'
import { systemTree } from '../../fixtures/uv-tool.ts'

/** Without the network, which needs the proxy of a run. */
const offline = (resolved: ResolvedPolicy): ResolvedPolicy => ({
  ...resolved,
  network: { ...resolved.network, mode: { ...resolved.network.mode, value: 'none' } },
})

const resolve = (install: NodeInstall): Target => {
  const host = fakeHost({ ...systemTree, ...install.tree }, { env: install.env ?? {} })
  return resolveTarget(host, install.command, {
    searchPath: [...install.path, '/usr/bin', '/bin'],
    project: `${homeOf('linux')}/p` as AbsolutePath,
    cwd: host.cwd,
    platform: 'linux',
  })
}
const reals = (parts: Target['reads']): string[] => parts.map((part) => part.path.real)
/** Every link that a start of the program reads: on the way to it, and on the way to each part. */
const links = (target: Target): string[] => target.hops.map((hop) => hop.path)

describe.each(nodeInstalls('linux').map((install) => [install.name, install] as const))(
  '%s',
  (_, install) => {
    const target = resolve(install)

    it('executes the program, then what its first line names', () =>
      expect(reals(target.executables)).toEqual(install.executes))
    it('grants these roots and no wider one', () =>
      expect(reals(target.reads).sort()).toEqual([...install.roots].sort()))
    it('passes these links', () =>
      expect(links(target)).toEqual(expect.arrayContaining([...install.links])))
    it('leaves what lies beside it', () => {
      const granted = [...reals(target.executables), ...reals(target.reads)]
      expect(
        install.beside.filter((path) =>
          granted.some((root) => path === root || path.startsWith(`${root}/`)),
        ),
      ).toEqual([])
    })
    it('warns of nothing', () =>
      expect(
        target.notices
          .filter((notice) => notice.level === 'warning')
          .map((notice) => notice.message),
      ).toEqual([]))
    it('starts the program, not a shim', () => expect(target.file).not.toMatch(/shim/))
    it('says why of each part, from the command on', () => {
      const parts = [...target.executables, ...target.reads]
      expect(
        parts.filter(
          (part) =>
            part.chain[0]?.startsWith(
              install.command.includes('/') ? 'the command is' : `${install.command} is`,
            ) !== true,
        ),
      ).toEqual([])
      expect(
        parts.filter((part) => part.chain.some((clause) => clause === '' || clause.endsWith('.'))),
      ).toEqual([])
    })
  },
)

describe.each(
  [...nodeInstalls('macos'), ...macInstalls()].map((install) => [install.name, install] as const),
)('the Seatbelt profile for %s', (_, install) => {
  const machine = () =>
    mac(install.tree, {
      profile: install.profile ?? 'base',
      words: [install.command, '--version'],
      purpose: 'run',
      change: offline,
      env: { PATH: [...install.path, '/usr/bin', '/bin'].join(':') },
    })

  it('lets each exec, open and readlink of the chain through, and nothing beside it', async () => {
    const { may, asks, prepared } = await machine()
    expect(reals(prepared.resolution.target?.executables ?? [])).toEqual(install.executes)
    for (const path of install.executes)
      expect({ path, may: may('exec', path) }).toEqual({ path, may: true })
    for (const path of install.roots)
      expect({
        path,
        read: may('read', path),
        list: may('list', path),
        write: may('write', path),
      }).toEqual({ path, read: true, list: true, write: false })
    for (const path of install.links)
      expect({ path, may: asks('file-read-metadata', { path, 'vnode-type': 'SYMLINK' }) }).toEqual({
        path,
        may: true,
      })
    for (const path of install.beside)
      expect({ path, read: may('read', path), exec: may('exec', path) }).toEqual({
        path,
        read: false,
        exec: false,
      })
  })
})
