import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRecord } from '../../src/explain/read-record.ts'
import { type RunRecord, recordText } from '../../src/explain/record.ts'
import { grant, policyOf } from '../policy/builders.ts'

const RECORD: RunRecord = {
  version: 1,
  id: 'r-1',
  profile: 'vibe',
  project: '/p',
  backend: 'bubblewrap',
  argv: ['vibe'],
  started: 1,
  ended: 2,
  exit: 0,
  collector: 'strace',
  gaps: [],
  denials: [
    {
      operation: 'read',
      kind: 'path',
      path: '/x',
      program: 'cat',
      count: 1,
      first: 1,
      last: 1,
      source: 'strace',
    },
  ],
  policy: policyOf({ grants: [grant('write', '/p')] }),
}

describe('the record of a run', () => {
  it('is read as it was written', () => {
    expect(parseRecord(recordText(RECORD))).toEqual(RECORD)
  })

  it('keeps so many denials and no more', () => {
    const [denial] = RECORD.denials
    expect(
      parseRecord(recordText({ ...RECORD, denials: new Array(5_000).fill(denial) }))?.denials,
    ).toHaveLength(2_000)
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another kind of value', '[]'],
    ['null', 'null'],
    ['another version', JSON.stringify({ ...RECORD, version: 2 })],
    ['a collector nobody knows', JSON.stringify({ ...RECORD, collector: 'dtrace' })],
    ['words that are none', JSON.stringify({ ...RECORD, argv: [1] })],
    ['a denial that is none', JSON.stringify({ ...RECORD, denials: [{}] })],
    ['no policy', JSON.stringify({ ...RECORD, policy: null })],
    ['a document that is nested too deep', '['.repeat(100_000)],
  ])('is none for %s', (_, text) => {
    expect(parseRecord(text)).toBeUndefined()
  })

  it('is read or refused without an error, whatever a value becomes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(RECORD)), fc.jsonValue(), (key, value) => {
        const read = parseRecord(JSON.stringify({ ...RECORD, [key]: value }))
        if (read) expect(typeof read.id).toBe('string')
      }),
    )
  })
})
