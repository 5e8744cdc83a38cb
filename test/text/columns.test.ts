import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clipColumns, columnsOf, padColumns, rowsOf } from '../../src/text/columns.ts'

describe('columnsOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['Bücher', 6],
    ['cafe\u0301', 4],
    ['日本語', 6],
    ['한국어', 6],
    ['ｶﾅ', 2],
    ['カナ', 4],
    ['Ａ', 2],
    ['…', 1],
    ['→', 1],
    ['✓', 1],
    ['✅', 2],
    ['🚀', 2],
    ['❤', 1],
    ['❤\ufe0f', 2],
    ['👍🏽', 2],
    ['👩\u200d💻', 2],
    ['🇫🇷', 2],
    ['1\ufe0f\u20e3', 2],
    ['a日b', 4],
    ['\u{20000}', 2],
  ])('%s takes %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns)
  })

  /** Unicode's own table, as Python carries it; newer characters than its are left out. */
  const python = (): string | undefined => {
    try {
      return execFileSync(
        '/usr/bin/python3',
        [
          '-c',
          'import unicodedata\nfor c in range(0x20, 0x40000):\n if unicodedata.category(chr(c)) not in ("Cc", "Cs", "Cn", "Co", "Mn", "Me", "Cf"): print(c, unicodedata.east_asian_width(chr(c)))',
        ],
        { encoding: 'utf8', maxBuffer: 1 << 26 },
      )
    } catch {
      return undefined
    }
  }
  const table = python()
  it.skipIf(table === undefined)('agrees with East_Asian_Width for single characters', () => {
    const differing = (table ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([code, width]) => {
        const text = String.fromCodePoint(Number(code))
        return columnsOf(text) !== (width === 'W' || width === 'F' ? 2 : 1)
      })
      .map(([code]) => Number(code).toString(16))
    // Narrow until Unicode 16 made them wide: symbols of the Book of Changes and of counting rods.
    // And the halves of flags, which stand in pairs.
    const newer = /^(?:263[0-7]|268[a-f]|4d[c-f].|1d3[0-7].|1f1[ef].)$/
    expect(differing.filter((code) => !newer.test(code))).toEqual([])
  })
})

const anyText = fc.string({ unit: fc.constantFrom('a', 'ü', '日', '🚀', 'e\u0301', ' ') })

describe('padColumns and clipColumns', () => {
  it('make a text exactly, or at most, so wide', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, columns) => {
        const wide = columnsOf(text)
        expect(columnsOf(padColumns(text, columns))).toBe(Math.max(wide, columns))
        const clipped = clipColumns(text, columns)
        expect(columnsOf(clipped)).toBeLessThanOrEqual(columns)
        expect(clipped).toBe(wide <= columns ? text : clipped)
        expect(clipped.endsWith('…')).toBe(wide > columns)
        if (wide > columns) expect(columnsOf(clipped)).toBeGreaterThanOrEqual(columns - 1)
      }),
    )
  })
})

describe('rowsOf', () => {
  it('breaks between words and goes on below the first', () => {
    expect(rowsOf('  read  ', ['aaa', 'bbb', 'ccc'], 15)).toEqual([
      '  read  aaa bbb',
      '        ccc',
    ])
    expect(rowsOf('  read  ', ['日本', '日本', 'c'], 15)).toEqual([
      '  read  日本',
      '        日本 c',
    ])
    expect(rowsOf('x', [], 10)).toEqual(['x'])
    expect(rowsOf('  read  ', ['a'.repeat(30), 'b'], 15)).toEqual([
      `  read  ${'a'.repeat(30)}`,
      '        b',
    ])
  })
})
