/**
 * The one folding of names, shared by `decide()` and the generators: two names that APFS may treat as one
 * (case-insensitive, normalisation-insensitive; `ß` and `ss` are one inode there) fold to one string.
 * Upper case first, so that characters with a one-to-many upper case (`ß` → `SS`) meet their expansion.
 */
export const foldName = (name: string): string => name.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD')

/** The identity, for file systems that compare names byte by byte. */
export const keepName = (name: string): string => name
