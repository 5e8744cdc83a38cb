import { describe, expect, it } from 'vitest'
import type { Denial } from '../../src/explain/denials/model.ts'
import { afterRunText } from '../../src/report/after-run.ts'

const denial = (extra: Partial<Denial> = {}): Denial => ({
  operation: 'read',
  kind: 'path',
  path: '/home/u/.ssh/id',
  program: 'cat',
  count: 1,
  first: 0,
  last: 0,
  source: 'strace',
  because: 'it is hidden (profiles/base.toml:1)',
  ...extra,
})
const text = (parts: Partial<Parameters<typeof afterRunText>[0]>): string =>
  afterRunText({ code: 1, denials: [], refused: [], home: '/home/u', ...parts })

describe('after a run', () => {
  it.each<[string, Parameters<typeof text>[0]]>([
    ['it went well', { code: 0 }],
    ['it went well although something was refused', { code: 0, denials: [denial()] }],
    ['it failed and nothing was refused', {}],
    [
      'it failed and what was refused would not work outside either',
      { denials: [denial({ wouldWork: false })] },
    ],
  ])('nothing is said when %s', (_, parts) => {
    expect(text(parts)).toBe('')
  })

  it('the likeliest refusal is named, with the reason and the command', () => {
    expect(text({ denials: [denial(), denial({ path: '/x' })] })).toBe(
      'launcher: the sandbox refused read of ~/.ssh/id (cat): it is hidden (profiles/base.toml:1)\n  1 more; launcher explain shows what to change\n',
    )
  })

  it('refused hosts are named also when it went well', () => {
    const refused = ['a', 'b', 'c', 'd'].map((host, index) => ({
      host: `${host}.example`,
      count: index + 1,
    }))
    expect(text({ code: 0, refused })).toBe(
      'launcher: refused a.example, b.example (2 times), c.example (3 times) and 1 more hosts: launcher net log\n',
    )
  })

  it('there are never more than three lines, whatever names hold', () => {
    const nasty = 'x\n\u001b[2J\u202e'
    const told = text({
      denials: new Array(500).fill(denial({ path: nasty, program: nasty, because: nasty })),
      refused: new Array(9).fill({ host: nasty, count: 2 }),
    })
    expect(told.trimEnd().split('\n').length).toBeLessThanOrEqual(3)
    expect(told.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/)
  })
})
