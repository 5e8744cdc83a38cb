import { SbplError } from './error.ts'
import type { Node } from './reader.ts'

/**
 * Longest string literal, in bytes: a longer one is refused with `Error reading string` (measured
 * by srt).
 */
export const MAX_STRING_BYTES = 1025

/**
 * Length from which a string literal is close enough to the limit to be a mistake soon; srt caps
 * its own at this.
 */
const LONG_STRING_BYTES = 900

/** @throws SbplError (`string-length`) for the first string literal beyond the limit. */
export function requireStringLengths(forms: readonly Node[]): void {
  for (const { node, bytes } of longStrings(forms)) {
    if (bytes > MAX_STRING_BYTES)
      throw new SbplError(
        'string-length',
        `Error reading string: ${bytes} bytes, at most ${MAX_STRING_BYTES}`,
        node,
      )
  }
}

/** String literals of more than `LONG_STRING_BYTES` bytes, in order. */
export function* longStrings(
  forms: readonly Node[],
): Iterable<{ readonly node: Node; readonly bytes: number }> {
  const stack: Node[] = forms.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === 'list') for (const item of node.items.toReversed()) stack.push(item)
    else if (node.kind === 'string' && node.value.length * 3 > LONG_STRING_BYTES) {
      const bytes = new TextEncoder().encode(node.value).length
      if (bytes > LONG_STRING_BYTES) yield { node, bytes }
    }
  }
}
