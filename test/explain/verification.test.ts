import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../src/explain/attempts.ts'
import { exitCodeOf, verify } from '../../src/explain/verification.ts'

const attempt = (expected: Attempt['expected']): Attempt => ({
  what: 'w',
  because: 'b',
  expected,
  inside: { deed: 'read' },
  control: { deed: 'read' },
})

describe('what an attempt proves', () => {
  it.each<[string, Attempt['expected'], string | undefined, string | undefined, string, number]>([
    ['refused inside and possible outside: it holds', 'denied', 'EACCES', 'ok', 'holds', 0],
    ['possible inside although it must not: it differs', 'denied', 'ok', 'ok', 'differs', 1],
    ['the same when the control failed', 'denied', 'ok', 'ENOENT', 'differs', 1],
    ['refused inside and outside: it proves nothing', 'denied', 'ENOENT', 'ENOENT', 'unproven', 2],
    ['no control at all', 'denied', 'EACCES', undefined, 'unproven', 2],
    [
      'possible inside as it must be, whatever the control says',
      'allowed',
      'ok',
      undefined,
      'holds',
      0,
    ],
    ['refused inside although it must work', 'allowed', 'EACCES', 'ok', 'differs', 1],
    ['no answer although it must work', 'allowed', undefined, 'ok', 'differs', 1],
    ['no terminal to try it on', 'denied', 'ENOTTY', 'ENOTTY', 'not tried', 0],
    ['no program to try it with', 'denied', 'ENOTOOL', 'ok', 'not tried', 0],
    ['a kernel that refuses it to everybody', 'denied', 'EPERM', 'EIO', 'not tried', 0],
    ['injected inside although the control could not', 'denied', 'ok', 'ENOTTY', 'differs', 1],
  ])('%s', (_, expected, kernel, control, verdict, exit) => {
    const rows = verify([attempt(expected)], [kernel], [control])
    expect(rows.map((row) => row.verdict)).toEqual([verdict])
    expect(exitCodeOf(rows)).toBe(exit)
  })

  it('a row that differs outweighs one that is unproven', () => {
    expect(
      exitCodeOf(
        verify([attempt('denied'), attempt('denied')], ['ENOENT', 'ok'], ['ENOENT', 'ok']),
      ),
    ).toBe(1)
  })
})
