import { expect, it } from 'vitest'
import { replaceUnsafe } from '../../src/text/unsafe-text.ts'

it.each([
  ['a colour', '\u001b[31m', '?[31m'],
  ['a line break, a tab, DEL', 'a\nb\tc\u007f', 'a?b?c?'],
  ['C1', '\u009b31m', '?31m'],
  ['a direction', 'a\u202eb\u2066c\u061cd\u200fe', 'a?b?c?d?e'],
  ['no width', 'a\u200bb\u2060c\ufeffd', 'a?b?c?d'],
  ['separators', 'a\u2028b\u2029c', 'a?b?c'],
])('%s is replaced', (_, text, expected) => expect(replaceUnsafe(text, () => '?')).toBe(expected))

it('letters of every script, marks, blanks and emoji stay', () => {
  const text = 'Grüße, 你好, مرحبا, e\u0301, a\u00a0b, 👍🏽 ~!"\'$'
  expect(replaceUnsafe(text, () => '?')).toBe(text)
})
