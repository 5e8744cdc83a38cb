import { type AbsolutePath, components } from '../../machine/paths.ts'

/**
 * Regex text (printable ASCII only) for every spelling of a name that APFS takes for it: case,
 * composed or decomposed, and the few characters that fold to ASCII (the Kelvin sign, the long s,
 * the dotless i, sharp s, ligatures). A regex sees bytes, and a byte that is not ASCII is written
 * as "any such byte": a name that differs from a protected one only in such bytes is denied too. It
 * errs on that side only.
 */
export const spellingsOf = (name: string): string => {
  const clusters = clustersOf(name)
  let text = ''
  for (let i = 0; i < clusters.length; ) {
    const end = runEnd(clusters, i)
    text += end === i + 1 ? clusterSpelling(clusters[i]!) : runSpelling(clusters.slice(i, end))
    i = end
  }
  return text
}

/** Regex text for one character of a folded name: `[gG]`. */
export const charSpelling = (char: string): string => clusterSpelling(char)

/**
 * Regex text for exactly this path; each byte that cannot stand in ASCII text is any such byte, so
 * pair it with a `subpath` of the same path.
 */
export const exactText = (path: AbsolutePath): string =>
  components(path)
    .map(
      (name) =>
        `/${[...Buffer.from(name)].map((byte) => (byte >= 0x20 && byte <= 0x7e ? quote(String.fromCharCode(byte)) : FOREIGN)).join('')}`,
    )
    .join('')

/** True when {@link exactText} matches this path and no other. */
export const isExact = (path: AbsolutePath): boolean => [...path].every(isPrintable)

/** One byte that is not printable ASCII: part of a UTF-8 sequence, or a control character. */
export const FOREIGN = '[^ -~]'

/**
 * Strings of ASCII letters that single other characters fold to, with the sizes of those in bytes.
 * A test keeps the list complete.
 */
export const FOLDED_TO_ASCII: ReadonlyMap<string, readonly number[]> = new Map([
  ['i', [2]],
  ['k', [3]],
  ['s', [2]],
  ['`', [3]],
  [';', [2]],
  ['ss', [2, 3]],
  ['ff', [3]],
  ['fi', [3]],
  ['fl', [3]],
  ['ffi', [3]],
  ['ffl', [3]],
  ['st', [3]],
])

/** A letter with its marks is one cluster, however it is composed. */
const clustersOf = (name: string): string[] =>
  foldCase(foldCase(name)).match(/[\s\S]\p{M}*/gu) ?? []

/** Once gives `\u00df` for the capital sharp s, twice gives `ss`. */
const foldCase = (name: string): string =>
  name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD')

/** End of the stretch from `start` in which one character may stand for several letters. */
const runEnd = (clusters: readonly string[], start: number): number => {
  let end = start + 1
  for (let i = start; i < end; i++) {
    for (const folded of FOLDED_TO_ASCII.keys())
      if (folded.length > 1 && isAt(clusters, i, folded)) end = Math.max(end, i + folded.length)
  }
  return end
}

const isAt = (clusters: readonly string[], i: number, text: string): boolean =>
  clusters.slice(i, i + text.length).join('') === text

/** Every way to write a stretch; where there are too many, anything made of its letters and other bytes. */
const runSpelling = (clusters: readonly string[]): string => {
  let ways: string[] = ['']
  const byEnd: string[][] = [ways]
  for (let end = 1; end <= clusters.length; end++) {
    ways = byEnd[end - 1]!.map((way) => way + clusterSpelling(clusters[end - 1]!))
    for (const [folded, sizes] of FOLDED_TO_ASCII) {
      const start = end - folded.length
      if (folded.length > 1 && start >= 0 && isAt(clusters, start, folded))
        ways.push(
          ...byEnd[start]!.flatMap((way) => sizes.map((size) => way + FOREIGN.repeat(size))),
        )
    }
    byEnd.push(ways)
    if (ways.length > MAX_WAYS)
      return `([${[...new Set(clusters)].map((char) => `${char}${char.toUpperCase()}`).join('')}]|${FOREIGN})+`
  }
  return `(${ways.join('|')})`
}

const MAX_WAYS = 32

const clusterSpelling = (cluster: string): string => {
  // A plain sign has one form and its case; most names hold nothing else.
  if (isPrintable(cluster) && !FOLDED_TO_ASCII.has(cluster)) return letter(cluster)
  const forms = [cluster, cluster.toUpperCase()].flatMap((form) => [
    form.normalize('NFC'),
    form.normalize('NFD'),
  ])
  const sizes = FOLDED_TO_ASCII.get(cluster) ?? []
  const texts = new Set([
    ...forms.filter((form) => !isPrintable(form)).map(formText),
    ...sizes.map((size) => FOREIGN.repeat(size)),
  ])
  if (isPrintable(cluster)) texts.add(letter(cluster))
  return texts.size === 1 ? [...texts][0]! : `(${[...texts].join('|')})`
}

const formText = (form: string): string =>
  [...form]
    .map((char) =>
      isPrintable(char) ? letter(char.toLowerCase()) : FOREIGN.repeat(Buffer.byteLength(char)),
    )
    .join('')

const letter = (char: string): string =>
  char.toUpperCase() === char ? quote(char) : `[${char}${char.toUpperCase()}]`

/** A class for what is special to the engine, but for the signs that are special inside a class. */
const quote = (char: string): string =>
  /[\\^[\]]/.test(char) ? `\\${char}` : /[.$()|*+?{}]/.test(char) ? `[${char}]` : char

const isPrintable = (char: string): boolean => char.length === 1 && char >= ' ' && char <= '~'
