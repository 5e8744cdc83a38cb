/**
 * Control (C0, DEL, C1), bidirectional, zero-width and line-separator characters: what could forge
 * or hide text on a terminal.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * A text with each character that is unsafe to print, tabs and line breaks included, put as `shown`
 * says.
 */
export const replaceUnsafe = (text: string, shown: (char: string) => string): string =>
  text.replace(UNSAFE, shown)

/**
 * Text from outside (paths, values, messages of programs) in a form that is safe to print: unsafe
 * characters are shown as escapes.
 */
export const printable = (text: string): string =>
  replaceUnsafe(text, (char) => {
    if (char === '\n') return '\\n'
    if (char === '\t') return '\\t'
    const code = char.charCodeAt(0)
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`
  })
