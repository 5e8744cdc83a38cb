/**
 * The one folding of names, shared by `decide()` and the generators: two names that APFS may treat
 * as one (case-insensitive, normalisation-insensitive; `ß` and `ss` are one inode there) fold to
 * one string. Down, up and down again: `ẞ` and `ß` meet `ss` only through their upper case, `K`
 * (kelvin) only through its lower case. Canonical decomposition, not compatibility: full-width
 * letters are other names there.
 */
export const foldName = (name: string): string => (PLAIN.test(name) ? name : fold(name))

/** Folded already: almost every name there is. */
const PLAIN = /^[^A-Z\u0080-\uffff]*$/

const fold = (name: string): string =>
  name.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFD')

/** The identity, for file systems that compare names byte by byte. */
export const keepName = (name: string): string => name
