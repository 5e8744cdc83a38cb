import { cleanLine } from './clean.ts'

/** Lines that belong to one failure. */
export interface Block {
  /** Of its first line, from one. */
  readonly line: number
  readonly lines: readonly string[]
  /** Which kind of report it was taken for. */
  readonly kind: 'python' | 'node' | 'go' | 'rust' | 'npm' | 'git' | 'line'
}

/** How one kind of report begins and goes on. */
interface Shape {
  readonly kind: Block['kind']
  readonly begins: RegExp
  readonly goesOn: RegExp
  /** A line that belongs to it and is its last. */
  readonly ends?: RegExp
  /** A line that one report holds once: the next begins another. */
  readonly once?: RegExp
}

const SHAPES: readonly Shape[] = [
  {
    kind: 'python',
    begins: /^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):/,
    goesOn: /^(?:\s|$)/,
    ends: /^[\w.]+(?:Error|Exception|Exit|Interrupt|Warning|Group)\b/,
  },
  { kind: 'npm', begins: /^npm (?:ERR!|error)/, goesOn: /^npm (?:ERR!|error)/ },
  {
    kind: 'go',
    begins: /^(?:panic: |fatal error: )/,
    goesOn: /^(?:$|goroutine |\s|\w[\w./*()-]*\(|exit status|created by |\[signal)/,
  },
  {
    kind: 'rust',
    begins: /^thread '.{0,200}' panicked at/,
    goesOn: /^(?:\s|note: |stack backtrace|[A-Z`'"].{0,500}(?:os error|kind: )|called `)/,
  },
  {
    kind: 'node',
    begins: /^(?:node:[\w/]+:\d+$|\/\S+:\d+$|Uncaught |\w*Error(?: \[\w+\])?: )/,
    goesOn: /^(?:\s|$|\}|Node\.js v)/,
    once: /^(?:Uncaught )?\w*Error(?: \[\w+\])?: /,
  },
  {
    kind: 'git',
    begins: /^(?:error|fatal|warning|git: error): /,
    goesOn: /^(?:error|fatal|hint|warning|and the repository exists\.|Please make sure|$)(?::|$| )/,
  },
]

/** Lines of one report that are kept; a traceback may be as deep as recursion. */
const MAX_BLOCK = 200

/**
 * Lines put together as the programs that printed them meant: a traceback is one, so is a run of
 * `npm ERR!`.
 */
export const blocksOf = (
  lines: Iterable<{ readonly line: number; readonly text: string }>,
): Block[] => {
  const blocks: Block[] = []
  let open: { shape: Shape; line: number; lines: string[] } | undefined
  const close = (): void => {
    if (open) blocks.push({ line: open.line, lines: trimmed(open.lines), kind: open.shape.kind })
    open = undefined
  }
  for (const { line, text: raw } of lines) {
    const text = cleanLine(raw)
    if (open && belongs(open.shape, open.lines, text)) {
      const isLast = open.shape.ends?.test(text) === true
      if (open.lines.length < MAX_BLOCK || isLast) open.lines.push(text)
      if (isLast) close()
      continue
    }
    close()
    const shape = SHAPES.find(({ begins }) => begins.test(text))
    if (shape) open = { shape, line, lines: [text] }
    else if (text.trim() !== '') blocks.push({ line, lines: [text], kind: 'line' })
  }
  close()
  return blocks
}

const belongs = ({ ends, goesOn, once }: Shape, lines: readonly string[], text: string): boolean =>
  ends?.test(text) === true ||
  goesOn.test(text) ||
  (once?.test(text) === true && !lines.some((line) => once.test(line)))

const trimmed = (lines: readonly string[]): readonly string[] => {
  const last = lines.findLastIndex((line) => line.trim() !== '')
  return lines.slice(0, last + 1)
}
