/** sandbox_init crashes above about 17,770 entries. */
export const MAX_ENTRIES = 17_000

/** ARG_MAX is 1 MiB for arguments and environment together. */
export const MAX_ARGUMENT_BYTES = 900_000

/** Longest string in the profile's own text: libsandbox refuses literals above 1025 bytes. */
export const MAX_STRING_BYTES = 900

/** What one argument takes of ARG_MAX: its bytes, the closing zero, its pointer. */
export const argumentBytes = (argument: string): number => Buffer.byteLength(argument) + 9
