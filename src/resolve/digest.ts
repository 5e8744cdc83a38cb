/**
 * SHA-256 of a text's UTF-8, in hex (FIPS 180-4). Our own, because every start asks for one digest
 * of one path, and loading node:crypto for it takes 3 ms, this less than one; a test holds it to
 * node:crypto.
 */
export const digestOf = (text: string): string => {
  const state = Int32Array.from(INITIAL)
  const blocks = padded(new TextEncoder().encode(text))
  for (let at = 0; at < blocks.byteLength; at += BLOCK) mix(state, blocks, at)
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

const BLOCK = 64
const ROUNDS = 64

/** The message, a one bit, zeros, and its length in bits in the last eight bytes. */
const padded = (message: Uint8Array): DataView => {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(bytes.length - 4, message.length << 3)
  return view
}

const mix = (state: Int32Array, blocks: DataView, at: number): void => {
  const w = new Int32Array(ROUNDS)
  for (let i = 0; i < 16; i++) w[i] = blocks.getInt32(at + i * 4)
  for (let i = 16; i < ROUNDS; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!]
    w[i] =
      w[i - 16]! +
      (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
      w[i - 7]! +
      (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  for (let i = 0; i < ROUNDS; i++) {
    const first =
      (h +
        (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
        ((e & f) ^ (~e & g)) +
        CONSTANTS[i]! +
        w[i]!) |
      0
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g]
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = state[i]! + word
}

const turn = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

/** The first primes, from which the standard takes its constants. */
const PRIMES: number[] = []
for (let n = 2; PRIMES.length < ROUNDS; n++)
  if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n)

/** The first 32 bits of a fraction. */
const fraction = (value: number): number => ((value % 1) * 2 ** 32) | 0
const CONSTANTS = PRIMES.map((prime) => fraction(Math.cbrt(prime)))
const INITIAL = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
