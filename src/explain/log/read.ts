import type { Operation } from '../../policy/model.ts'
import { matchLines } from '../messages/match.ts'
import { type Block, blocksOf } from './blocks.ts'
import { triedIn } from './tried.ts'

/** One failure in a log, recognised by a row of the catalogue. */
export interface Sighting {
  /** Of its first line, from one. */
  readonly line: number
  /** How many lines it takes: more than one for a traceback. */
  readonly lines: number
  /** Number of the row in the catalogue. */
  readonly row: number
  /** What was printed, safe to print and bounded. */
  readonly raw: string
  /** As written: absolute, relative, or with `~`. */
  readonly paths: readonly string[]
  /** What was tried with the first path; undefined where the text does not tell. */
  readonly operation: Operation | undefined
  /** The kernel's word, as far as the text tells it. */
  readonly error: 'EPERM' | 'EACCES' | 'EROFS' | 'ENOENT' | undefined
  readonly host: string | undefined
  readonly program: string | undefined
}

/** The failures in a log, and how much of it was not looked at. */
export interface LogReading {
  readonly sightings: readonly Sighting[]
  /** Characters in the middle that were left out because the log is too large. */
  readonly skipped: number
  /** True when there were more failures than are told. */
  readonly hasMore: boolean
}

/** A failure is near the end, its cause often near the start. */
const MAX_HEAD = 1 << 20
const MAX_TAIL = 3 << 20
const MAX_SIGHTINGS = 1_000
/** Blocks that are compared with the catalogue; the same words again cost nothing. */
const MAX_BLOCKS = 20_000
const MAX_RAW = 1_000

/**
 * Recognises every failure in a pasted log or traceback, in its order. Takes any text, in time
 * linear in its (bounded) length; never throws.
 */
export const readLog = (text: string): LogReading => {
  const skipped = Math.max(0, text.length - MAX_HEAD - MAX_TAIL)
  const sightings: Sighting[] = []
  const seen = new Map<string, readonly Omit<Sighting, 'line'>[]>()
  let hasMore = false
  for (const block of blocksOf(linesOf(text, skipped))) {
    const key = block.lines.join('\n')
    let found = seen.get(key)
    if (found === undefined) {
      if (seen.size >= MAX_BLOCKS) {
        hasMore = true
        break
      }
      found = sightingsIn(block)
      seen.set(key, found)
    }
    for (const sighting of found) {
      if (sightings.length >= MAX_SIGHTINGS) hasMore = true
      else sightings.push({ line: block.line, ...sighting })
    }
    if (hasMore) break
  }
  return { sightings, skipped, hasMore }
}

/** Lines with their numbers; those in the part that is left out are counted. */
function* linesOf(
  text: string,
  skipped: number,
): Generator<{ readonly line: number; readonly text: string }> {
  let line = 1
  for (let start = 0; start <= text.length; line++) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    if (skipped === 0 || start < MAX_HEAD || end > MAX_HEAD + skipped)
      yield { line, text: text.slice(start, Math.min(end, start + MAX_HEAD)) }
    start = end + 1
  }
}

const sightingsIn = (block: Block): readonly Omit<Sighting, 'line'>[] => {
  const matches = matchLines(block.lines)
  // A traceback is one failure; git says several things in a row, each about its own file.
  const told = block.kind === 'git' || block.kind === 'line' ? matches : matches.slice(0, 1)
  return told.map(({ row, groups }) => {
    const tried = triedIn(block.lines, groups['call'])
    const paths = [
      groups['path'],
      groups['to'],
      ...(groups['path'] === undefined ? tried.paths : []),
    ].filter((path) => path !== undefined)
    return {
      lines: block.lines.length,
      row: row.id,
      raw: block.lines.join('\n').slice(0, MAX_RAW),
      paths:
        row.operation === 'rename-to' && groups['to'] !== undefined
          ? [groups['to'], ...paths.filter((path) => path !== groups['to'])]
          : paths,
      operation: row.operation ?? tried.operation,
      error: tried.error,
      host: groups['host'],
      program: groups['program'],
    }
  })
}
