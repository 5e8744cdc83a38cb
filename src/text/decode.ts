/** UTF-8 text of a file: undefined when absent; invalid UTF-8 or a NUL is reported as such. */
export const decodeText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Text of any bytes: what is no UTF-8 becomes U+FFFD. */
export const decodeLoosely = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
