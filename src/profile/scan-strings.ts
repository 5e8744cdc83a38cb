import { type Place, scanToml } from './scan.ts'
import { pathKey } from '../documents/text.ts'
import { readString } from './scan-tokens.ts'

/**
 * Strings of a few top-level keys (a string, or a list of strings), without a parser or a schema:
 * enough to see which command a profile claims.
 */
export const topLevelStrings = <K extends string>(
  text: string,
  keys: readonly K[],
): Partial<Record<K, readonly string[]>> => {
  const scan = scanToml(text)
  const lines = text.split('\n')
  const offsetOf = ({ line, column }: Place): number =>
    lines.slice(0, line - 1).reduce((sum, item) => sum + item.length + 1, 0) + column - 1
  const stringAt = (at: number): string | undefined =>
    /["']/.test(text[at] ?? '') ? readString({ text, at }, true) : undefined
  const result: Partial<Record<K, readonly string[]>> = {}
  for (const key of keys) {
    const place = scan.places.get(pathKey([key]))
    if (place === undefined) continue
    const items: string[] = []
    for (let index = 0; ; index++) {
      const item = scan.places.get(pathKey([key, index]))
      const value = item && stringAt(offsetOf(item))
      if (value === undefined) break
      items.push(value)
    }
    const start = offsetOf(place)
    const equals = text.indexOf('=', start)
    const single =
      items.length > 0 || equals < 0
        ? undefined
        : stringAt(equals + 1 + /^[ \t]*/.exec(text.slice(equals + 1, equals + 200))![0].length)
    if (single !== undefined) result[key] = [single]
    else if (items.length > 0) result[key] = items
  }
  return result
}
