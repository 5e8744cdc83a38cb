import { decodeText } from '../text/decode.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { AuditWorld } from './dialect.ts'
import { MAX_DOCUMENT_BYTES } from '../documents/document.ts'
import type { Source } from './model.ts'

/** A file as it was read, or why it was not. */
export interface ReadSource {
  readonly source: Source
  readonly text?: string
  /** `dangling`: a link that leads nowhere. `bad`: it is there but is no text. */
  readonly failure?: 'missing' | 'dangling' | 'denied' | 'bad'
}

/**
 * Reads a configuration file of at most 1 MiB of UTF-8, with the chain of links that leads to it.
 * Never throws.
 */
export const readSource = (world: AuditWorld, file: AbsolutePath, layer: string): ReadSource => {
  const { hops, real, status } = world.walk(file)
  const source = (state: string): Source => ({ layer, file, hops, real, state })
  if (status === 'dangling' || status === 'cycle')
    return {
      source: source(status === 'cycle' ? 'a circle of links' : 'a link that leads nowhere'),
      failure: 'dangling',
    }
  const read = world.host.read(file, MAX_DOCUMENT_BYTES)
  if (!read.ok) {
    if (read.failure === 'missing') return { source: source('missing'), failure: 'missing' }
    if (read.failure === 'denied') return { source: source('cannot be read'), failure: 'denied' }
    return {
      source: source(
        read.failure === 'too-large'
          ? 'larger than 1 MiB'
          : read.failure === 'not-a-file'
            ? 'not a regular file'
            : `cannot be read (${read.code})`,
      ),
      failure: 'bad',
    }
  }
  const text = decodeText(read.bytes)
  return text === undefined
    ? { source: source('not valid UTF-8'), failure: 'bad' }
    : { source: source('used'), text }
}
