import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { digestOf } from '../../src/resolve/digest.ts'

it('digestOf is SHA-256 as node:crypto computes it, for any text', () => {
  const digest = (text: string): string =>
    createHash('sha256').update(new TextEncoder().encode(text)).digest('hex')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ minLength: 50, maxLength: 70 }),
      ),
      (text) => digestOf(text) === digest(text),
    ),
    { numRuns: 500 },
  )
  // One block, its last byte, the first that needs another, and a path as long as any can be.
  for (const length of [0, 55, 56, 63, 64, 119, 120, 4096])
    expect(digestOf('x'.repeat(length))).toBe(digest('x'.repeat(length)))
})
