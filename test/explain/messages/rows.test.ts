import { describe, expect, it } from 'vitest'
import { readLog } from '../../../src/explain/log/read.ts'
import { ROWS } from '../../../src/explain/messages/rows.ts'
import { cpuSince } from '../../fixtures/cpu.ts'
import { EXAMPLES } from './examples.ts'

describe('the catalogue', () => {
  it('holds every number once, from 1 to 146, and each has an example', () => {
    expect(ROWS.map(({ id }) => id)).toEqual(Array.from({ length: 146 }, (_, index) => index + 1))
    expect([...new Set(EXAMPLES.map(([id]) => id))].sort((a, b) => a - b)).toEqual(
      ROWS.map(({ id }) => id),
    )
  })

  it('says for each row what it means under at least one backend, and what to do', () => {
    expect(
      ROWS.filter(
        ({ means, remedy }) => (means.seatbelt ?? means.bubblewrap ?? '') === '' || remedy === '',
      ).map(({ id }) => id),
    ).toEqual([])
  })

  it.each(EXAMPLES.map(([id, raw, names]) => ({ id, raw, names })))(
    'row $id is recognised: $raw',
    ({ id, raw, names }) => {
      const { sightings } = readLog(raw)
      const found = sightings.find(({ row }) => row === id)
      expect({ rows: sightings.map(({ row }) => row) }).toEqual({
        rows: expect.arrayContaining([id]),
      })
      if (names !== undefined)
        expect([...(found?.paths ?? []), found?.host, found?.program]).toContain(names)
    },
  )

  it.each([
    'compiled 12 files in 3 s',
    'ok',
    'http://localhost:3000 is ready',
    '  at line 3',
    'git status: nothing to commit',
  ])('nothing is recognised in %j', (raw) => {
    expect(readLog(raw).sightings).toEqual([])
  })

  it('has patterns without nested repetition, and each takes a long line quickly', () => {
    const nested = /\([^()]*[+*][^()]*\)[+*]/
    expect(
      ROWS.flatMap(({ id, patterns }) =>
        patterns.filter(({ source }) => nested.test(source)).map(() => id),
      ),
    ).toEqual([])
    const hostile = [
      'EPERM ',
      '/',
      "'",
      ': ',
      'a',
      'not permitted ',
      'npm ERR! ',
      '\u001b[',
      'open x: ',
      '/users/u/.cache/uv ',
    ].map((piece) => piece.repeat(Math.ceil(4_096 / piece.length)))
    const start = process.cpuUsage()
    for (const line of hostile)
      for (const { patterns } of ROWS) for (const pattern of patterns) pattern.test(line)
    expect(cpuSince(start)).toBeLessThan(5_000)
  })
})
