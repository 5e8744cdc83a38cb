import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { targetJson, targetText } from '../../src/report/target.ts'
import { paletteFor } from '../../src/report/text.ts'
import { resolveTarget } from '../../src/resolve/target.ts'
import { fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from '../resolve/policies.ts'
import { program, systemTree, uvTool } from '../fixtures/uv-tool.ts'

const HOME = '/home/u' as AbsolutePath

const explained = async (tree: FakeTree, command: string, policy: PolicyText = {}) => {
  const host = fakeHost({ '/lib64/ld-linux-x86-64.so.2': program(), ...tree })
  const target = resolveTarget(host, command, {
    searchPath: [`${HOME}/.local/bin`, '/usr/bin'],
    project: host.cwd,
    cwd: host.cwd,
    platform: 'linux',
  })
  const { resolved } = await resolveOn(
    host,
    { read: ['/usr'], write: ['$PROJECT'], ...policy },
    { agent: { target } },
  )
  const decider = compilePolicy(resolved)
  const unreadable = [...target.executables, ...target.reads].filter(
    (part) => !decider.decide('read', part.path.real).allowed,
  )
  return { command, target, home: HOME, unreadable, notices: target.notices, decider }
}
const textOf = async (...words: Parameters<typeof explained>): Promise<string> =>
  targetText(await explained(...words), paletteFor(false, {}))

describe('the target as text', () => {
  it('says first whether it starts and whether it can be changed, then each thing with the steps that lead to it, none of them twice', async () => {
    expect(await textOf(uvTool(), 'vibe')).toBe(`vibe is ~/.local/bin/vibe (uv-tool)
inside, all of this can be read and none of it changed

executed
  executable  ~/.local/share/uv/tools/mistral-vibe/bin/vibe
              vibe is ~/.local/bin/vibe
              which is a link to ~/.local/share/uv/tools/mistral-vibe/bin/vibe
  interpreter ~/.local/share/uv/python/cpython-3.12.13-linux-x86_64-gnu/bin/python3.12
              … its first line names ~/.local/share/uv/tools/mistral-vibe/bin/python
              which is a link to ~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu/bin/python3.12
              ~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu is a link to cpython-3.12.13-linux-x86_64-gnu

read
  tree        ~/.local/share/uv/tools/mistral-vibe
              … ~/.local/share/uv/tools/mistral-vibe is its virtual environment
  tree        ~/.local/share/uv/python/cpython-3.12.13-linux-x86_64-gnu
              … its installation is ~/.local/share/uv/python/cpython-3.12.13-linux-x86_64-gnu

links on the way
  ~/.local/bin/vibe -> ~/.local/share/uv/tools/mistral-vibe/bin/vibe
  ~/.local/share/uv/tools/mistral-vibe/bin/python -> ~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu/bin/python3.12
  ~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu -> cpython-3.12.13-linux-x86_64-gnu
  ~/.local/share/uv/python/cpython-3.12.13-linux-x86_64-gnu/bin/python -> python3.12
`)
  })
  it('says that it would not start, and what cannot be read', async () => {
    const text = await textOf(uvTool(), 'vibe', { none: ['~/.local/share/uv/python'] })
    expect(text).toMatch(
      /^it would not start inside: 2 of the 4 things that it needs cannot be read there$/m,
    )
    expect(text.match(/cannot be read inside: /g)).toHaveLength(2)
  })
  it('points out a link that the agent could turn elsewhere', async () => {
    const text = await textOf(
      {
        ...uvTool(),
        '/home/u/p/agent': link('bin/agent'),
        '/home/u/p/bin/agent': program('#!/bin/sh\n'),
      },
      './agent',
    )
    expect(text).toMatch(/\/p\/agent -> bin\/agent {2}the agent can change it$/m)
    expect(text).not.toMatch(/dash {2}the agent can change it/)
  })
  it('prints nothing of a name that a terminal would obey', async () => {
    const text = await textOf(
      { ...systemTree, '/home/u/p/a\u001b]0;x\u0007\nb': program('#!/bin/sh\n') },
      './a\u001b]0;x\u0007\nb',
    )
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(text.split('\n').every((line) => !line.startsWith('b'))).toBe(true)
  })
  it('for programs each chain is whole', async () => {
    const { reads } = targetJson(await explained(uvTool(), 'vibe')) as {
      reads: { chain: string[]; readable: boolean }[]
    }
    expect(reads.map(({ chain, readable }) => [chain[0], readable])).toEqual([
      ['vibe is ~/.local/bin/vibe', true],
      ['vibe is ~/.local/bin/vibe', true],
    ])
  })
})
