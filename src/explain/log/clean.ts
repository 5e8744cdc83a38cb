/** Longest line that is looked at; what follows is cut. */
export const MAX_LINE = 4_096

/** Escape sequences of a terminal: CSI, OSC (to BEL, ST or the end), and two-character ones. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
/** Control, bidirectional, zero-width and separator characters: what could forge or hide text on a terminal. */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** A line of somebody's output: cut to its bound, colours taken away, what is unsafe to print replaced. Never longer than {@link MAX_LINE}. */
export const cleanLine = (line: string): string =>
  line
    .slice(0, MAX_LINE)
    .replace(ANSI, '')
    .replace(UNSAFE, (char) => (char === '\r' ? '' : '\ufffd'))
