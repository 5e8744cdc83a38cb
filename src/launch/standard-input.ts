import fs from 'node:fs'

/** Standard input to its end, of at most `limit` bytes; undefined when it is longer. */
export const readStandardInput = (limit: number): Uint8Array | undefined => {
  const chunks: Buffer[] = []
  const chunk = Buffer.alloc(65_536)
  for (let length = 0; ; ) {
    const count = readSome(chunk)
    if (count === 0) return Buffer.concat(chunks)
    length += count
    if (length > limit) return undefined
    chunks.push(Buffer.from(chunk.subarray(0, count)))
  }
}

/** A pipe whose writer is slow says EAGAIN where somebody made it non-blocking. */
const readSome = (chunk: Buffer): number => {
  for (;;) {
    try {
      return fs.readSync(0, chunk, 0, chunk.length, null)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EOF') return 0
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}
