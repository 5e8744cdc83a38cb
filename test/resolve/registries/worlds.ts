import type { Sourced } from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import type { RegistryWorld } from '../../../src/resolve/registries/model.ts'
import { registryHosts } from '../../../src/resolve/registries/registry-hosts.ts'
import { type FakeOverrides, type FakeTree, fakeHost, file } from '../../fixtures/fake-host.ts'

/** A word of `[network] registries`, as a profile has it. */
export const word = (value: string): Sourced<string> => ({
  value,
  origin: {
    strength: 'builtin',
    file: 'profiles/toolchains/x.toml',
    line: 3,
    key: 'network.registries',
  },
})

/** A program on the fake PATH. */
export const program = file('#!/bin/sh\n', { mode: 0o755 })

export interface Given {
  /** The user's own environment; PATH is `/usr/bin` unless it says otherwise. */
  readonly env?: Readonly<Record<string, string>>
  /** The environment inside. */
  readonly inside?: Readonly<Record<string, string>>
  readonly platform?: FakeOverrides['platform']
  readonly world?: Partial<RegistryWorld>
}

/** What a word gives on a made-up machine: home `/home/u`, project `/home/u/p`. */
export const ask = (words: string | readonly string[], tree: FakeTree, given: Given = {}) => {
  const host = fakeHost(tree, {
    env: { PATH: '/usr/bin', ...given.env },
    ...(given.platform && { platform: given.platform }),
  })
  const found = registryHosts([words].flat().map(word), {
    host,
    project: '/home/u/p' as AbsolutePath,
    home: host.home,
    env: given.inside ?? {},
    ...given.world,
  })
  return {
    ...found,
    names: found.hosts.map(({ value }) => value),
    from: Object.fromEntries(
      found.hosts.map(({ value, origin }) => [
        value,
        `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}`,
      ]),
    ),
    variables: Object.fromEntries([...found.environment].map(([name, { value }]) => [name, value])),
    told: found.notices.map(({ message }) => message),
  }
}
