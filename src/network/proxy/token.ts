import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * A test for the token whose time does not depend on where a candidate differs, nor on its length.
 */
export const tokenTest = (token: string): ((candidate: string) => boolean) => {
  const expected = digest(token)
  return (candidate) => timingSafeEqual(digest(candidate), expected)
}

/**
 * The password in a `Proxy-Authorization: Basic …` header; undefined for any other scheme or form.
 */
export const basicPassword = (header: string | undefined): string | undefined => {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : text.slice(colon + 1)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
