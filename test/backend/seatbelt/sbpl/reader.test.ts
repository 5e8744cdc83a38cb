import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SbplError } from '../../../../src/backend/seatbelt/sbpl/error.ts'
import { printNode } from '../../../../src/backend/seatbelt/sbpl/printer.ts'
import { read, type Node } from '../../../../src/backend/seatbelt/sbpl/reader.ts'

const atom = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => ({
    kind: 'string' as const,
    value: text.replace(/[\u0000-\u0008\u000b-\u001f\u007f\ud800-\udfff]/g, ''),
  })),
  fc
    .stringMatching(/^[a-z*%][a-z0-9*?!<>=:/-]{0,12}$/)
    .map((value) => ({ kind: 'symbol' as const, value })),
  fc.integer().map((value) => ({ kind: 'number' as const, value })),
  fc.boolean().map((value) => ({ kind: 'boolean' as const, value })),
)
const { tree } = fc.letrec<{ tree: object }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    atom,
    fc.array(tie('tree'), { maxLength: 5 }).map((items) => ({ kind: 'list' as const, items })),
  ),
}))

const shape = (node: Node): unknown =>
  node.kind === 'list' ? node.items.map(shape) : [node.kind, node.value]

describe('reader', () => {
  it('reads back what the printer wrote', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), (trees) => {
        const nodes = trees as Node[]
        expect(read(nodes.map(printNode).join('\n')).map(shape)).toEqual(nodes.map(shape))
      }),
    )
  })

  it.each([
    ['escapes', String.raw`"a\"b\\c\x41"`, 'a"b\\cA'],
    ['an unknown escape stands for the character', String.raw`"a\.b"`, 'a.b'],
    ['a raw string keeps its backslashes', String.raw`#"^/a\.b$"`, String.raw`^/a\.b$`],
    ['a string over two lines', '"a\nb"', 'a\nb'],
  ])('strings: %s', (_, text, value) =>
    expect(read(text)).toMatchObject([{ kind: 'string', value }]),
  )

  it.each([
    ['#o0644', 0o644],
    ['#xff', 255],
    ['#b101', 5],
    ['-12', -12],
    ['1.5', 1.5],
  ])('numbers: %s', (text, value) => expect(read(text)).toMatchObject([{ kind: 'number', value }]))

  it('gives each expression its line and column, and reads quotes', () => {
    expect(read('; c\n  (a \'b\n "x")')).toMatchObject([
      {
        line: 2,
        column: 3,
        items: [
          { value: 'a', line: 2, column: 4 },
          {
            kind: 'list',
            line: 2,
            column: 6,
            items: [{ value: 'quote' }, { value: 'b', column: 7 }],
          },
          { value: 'x', line: 3, column: 2 },
        ],
      },
    ])
  })

  it.each([
    ['an unclosed parenthesis, at the innermost', '(a\n  (b', 2, 3, /never closed/],
    ['a stray parenthesis', '(a))', 1, 4, /without/],
    ['an unterminated string', '(a "b', 1, 4, /unterminated/],
    ['an unterminated raw string', '#"b', 1, 1, /unterminated/],
    ['NUL in a string', '"a\u0000"', 1, 3, /control/],
    ['NUL between expressions', '(a)\u0000', 1, 4, /unexpected/],
    ['NUL in a comment', '; a\u0000', 1, 4, /control/],
    ['an escaped NUL', String.raw`"\x00"`, 1, 3, /control/],
    ['block comments', '#| a |#', 1, 1, /unsupported syntax|unexpected/],
    ['quasiquotes', '`(a)', 1, 1, /unexpected/],
    ['a quote of nothing', "(a ')", 1, 4, /nothing after/],
    ['nesting beyond the limit', '('.repeat(201), 1, 201, /deeper/],
  ])('errors: %s', (_, text, line, column, message) => {
    expect(() => read(text)).toThrow(SbplError)
    expect(() => read(text)).toThrow(message)
    try {
      read(text)
    } catch (error) {
      expect(error).toMatchObject({ line, column })
    }
  })
})
