import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hostsOverlap, readPattern } from '../../src/policy/host-pattern.ts'

describe('readPattern', () => {
  it.each([
    ['example.test', 'exact', 'example.test', undefined],
    ['Example.TEST.:8443', 'exact', 'example.test', 8443],
    ['*.example.test', 'one', 'example.test', undefined],
    ['**.example.test:22', 'deep', 'example.test', 22],
    ['*.BÜCHER.example', 'one', 'xn--bcher-kva.example', undefined],
    ['0x0a.1', 'exact', '10.0.0.1', undefined],
    ['[2001:db8::1]:443', 'exact', '2001:db8::1', 443],
    ['localhost:11434', 'exact', 'localhost', 11434],
    ['intranet', 'exact', 'intranet', undefined],
  ])('takes %s', (text, reach, stem, port) => {
    expect(readPattern(text)).toMatchObject({ ok: true, pattern: { reach, stem, port } })
  })

  it.each([
    ['*', 'mode = "any"'],
    ['**', 'mode = "any"'],
    ['*:443', 'mode = "any"'],
    ['*.test', 'top-level domain'],
    ['**.test', 'top-level domain'],
    ['*.test.', 'top-level domain'],
    ['*.localhost', 'top-level domain'],
    ['a.*.test', 'first label'],
    ['*.*.example.test', 'first label'],
    ['***.example.test', 'first label'],
    ['*example.test', 'first label'],
    ['ex*.test', 'first label'],
    ['*.10.0.0.1', 'wildcard'],
    ['localhost', 'name the port'],
    ['127.0.0.1', 'name the port'],
    ['127.8.0.1', 'name the port'],
    ['0x7f.1', 'name the port'],
    ['[::1]', 'name the port'],
    ['xn--a.test', 'is not a host name'],
    ['2001:db8::1', 'brackets'],
    ['https://example.test', 'no scheme'],
    ['example.test/path', 'no path'],
    ['example.test:http', 'port'],
    ['', 'is not a host name'],
    ['*.', 'is not a host name'],
    ['a.test\0', 'character'],
  ])('refuses %j', (text, reason) => {
    const reading = readPattern(text)
    expect(reading.ok ? 'taken' : reading.reason).toContain(reason)
  })
})

describe('hostsOverlap', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b:443', 'a.b', true],
    ['a.b:443', 'a.b:80', false],
    ['x.a.b', '*.a.b', true],
    ['y.x.a.b', '*.a.b', false],
    ['y.x.a.b', '**.a.b', true],
    ['a.b', '**.a.b', false],
    ['*.a.b.c', '**.b.c', true],
    ['**.a.b.c', '*.b.c', false],
    ['**.x.a.b', '*.a.b', false],
    ['**.a.b.c', '**.b.c', true],
    ['**.a.b', '**.c.b', false],
    ['xa.b', '**.a.b', false],
    ['A.b', 'a.B.', true],
    ['192.0.2.1', '192.0.2.1:443', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['[2001:db8::1]', '[2001:DB8:0::1]:443', true],
    ['localhost:80', '127.0.0.1:80', true],
    ['[::1]:80', 'localhost:80', true],
    ['[::1]:80', 'localhost:81', false],
    ['bücher.example', '*.example', false],
    ['bücher.example.test', '**.example.test', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(hostsOverlap(a, b)).toBe(expected)
    expect(hostsOverlap(b, a)).toBe(expected)
  })
})

describe('hostsOverlap and what the patterns cover', () => {
  const covers = (pattern: string, name: string): boolean => {
    const stem = pattern.replace(/^\*+\./, '')
    if (!pattern.startsWith('*')) return name === stem
    if (!name.endsWith(`.${stem}`)) return false
    return pattern.startsWith('**') || !name.slice(0, -stem.length - 1).includes('.')
  }
  const words = fc.array(fc.constantFrom('a', 'b'), { minLength: 2, maxLength: 4 })
  const pattern = fc
    .tuple(fc.constantFrom('', '*.', '**.'), words)
    .map(([wildcard, labels]) => `${wildcard}${labels.join('.')}`)
  /** Every name of up to six labels, which is one more than two patterns can tell apart. */
  const names = [1, 2, 3, 4, 5, 6].flatMap((length) =>
    Array.from({ length: 2 ** length }, (_, bits) =>
      Array.from({ length }, (_, at) => ((bits >> at) & 1 ? 'a' : 'b')).join('.'),
    ),
  )

  it('are the same: some name is in both', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        expect(hostsOverlap(a, b)).toBe(names.some((name) => covers(a, name) && covers(b, name)))
      }),
      { numRuns: 2_000 },
    )
  })
})
