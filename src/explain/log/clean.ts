import { replaceUnsafe } from '../../text/unsafe-text.ts'

/** Longest line that is looked at; what follows is cut. */
export const MAX_LINE = 4_096

/** Escape sequences of a terminal: CSI, OSC (to BEL, ST or the end), and two-character ones. */
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/**
 * A line of somebody's output: cut to its bound, colours taken away, what is unsafe to print
 * replaced but for tabs. Never longer than {@link MAX_LINE}.
 */
export const cleanLine = (line: string): string =>
  replaceUnsafe(line.slice(0, MAX_LINE).replace(ANSI, ''), (char) =>
    char === '\t' ? char : char === '\r' ? '' : '\ufffd',
  )
