/** Control (C0, DEL, C1), bidirectional, zero-width and line-separator characters: what could forge or hide text on a terminal. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** A text with each character that is unsafe to print, tabs and line breaks included, put as `shown` says. */
export const replaceUnsafe = (text: string, shown: (char: string) => string): string =>
  text.replace(UNSAFE, shown)
