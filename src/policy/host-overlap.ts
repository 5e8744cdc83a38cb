/** True when some host and port match both patterns. A removed host takes a wildcard that covers it along: an entry that stayed would still reach it. */
export const hostsOverlap = (a: string, b: string): boolean => {
  const left = split(a)
  const right = split(b)
  if (left.port !== undefined && right.port !== undefined && left.port !== right.port) return false
  return namesOverlap(left.labels, right.labels)
}

interface Pattern {
  readonly labels: readonly string[]
  readonly port: string | undefined
}

const split = (pattern: string): Pattern => {
  const colon = pattern.indexOf(':')
  const name = (colon < 0 ? pattern : pattern.slice(0, colon)).toLowerCase()
  return { labels: name.split('.'), port: colon < 0 ? undefined : pattern.slice(colon + 1) }
}

/** `*` stands for one label and `**` for one or more, both only in front. */
const namesOverlap = (a: readonly string[], b: readonly string[]): boolean => {
  const aDeep = a[0] === '**'
  const bDeep = b[0] === '**'
  if (!aDeep && !bDeep)
    return (
      a.length === b.length &&
      a.every((label, index) => label === b[index] || label === '*' || b[index] === '*')
    )
  const shared = Math.min(a.length, b.length) - 1
  const longEnough = (aDeep || a.length >= b.length) && (bDeep || b.length >= a.length)
  const same = Array.from({ length: shared }, (_, index) => index + 1).every((back) => {
    const left = a[a.length - back]!
    const right = b[b.length - back]!
    return left === right || left === '*' || right === '*'
  })
  return longEnough && same
}
