import fs from 'node:fs'
import path from 'node:path'

/** One UTF-16 unit: two escapes side by side are one character under the flags u and v, as the two units are. */
const BEYOND_ASCII = /[^\0-\x7f]/
const EVERY = new RegExp(BEYOND_ASCII, 'g')

/**
 * The text of a bundle with what esbuild leaves beyond ASCII escaped: it escapes strings and names, but prints regular
 * expressions and tagged templates as they are written. In the first an escape means the same. In the second it does not:
 * throws where one holds such a character.
 */
export const escapeBeyondAscii = async (text) => {
  if (!BEYOND_ASCII.test(text)) return text
  const { transform } = await import('esbuild')
  const untagged = await transform(text, {
    charset: 'ascii',
    loader: 'js',
    supported: { 'template-literal': false },
  })
  if (count(untagged.code) < count(text))
    throw new Error('a tagged template holds a character beyond ASCII: write it as an escape')
  return text.replace(
    new RegExp(`(\\\\*)(${BEYOND_ASCII.source})`, 'g'),
    // A lone backslash before it only says that the character stands for itself.
    (_, slashes, unit) => slashes.slice(0, slashes.length - (slashes.length % 2)) + escape(unit),
  )
}

const count = (text) => text.match(EVERY)?.length ?? 0

const escape = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Throws where a program in `directory` holds a byte beyond ASCII: the loader reads as latin1, and would run something else. */
export const requireAscii = (directory) => {
  for (const name of fs.readdirSync(directory).filter((file) => file.endsWith('.cjs'))) {
    const text = fs.readFileSync(path.join(directory, name), 'latin1')
    const at = text.search(BEYOND_ASCII)
    if (at === -1) continue
    const around = JSON.stringify(text.slice(Math.max(0, at - 30), at))
    throw new Error(
      `${name} holds a byte beyond ASCII (after ${around}), which its loader misreads`,
    )
  }
}
