/**
 * The version in a dist-info METADATA file; undefined when the text is none of mistral-vibe's. Only
 * its headers are read, which end at the first empty line.
 */
export const vibeVersionFrom = (metadataText: string): string | undefined => {
  const headers = metadataText.slice(0, LONGEST).replaceAll('\r\n', '\n').split('\n\n', 1)[0] ?? ''
  const name = /^Name:[ \t]*(.+?)[ \t]*$/im.exec(headers)?.[1]
  if (name?.toLowerCase().replace(/[-_.]+/g, '-') !== 'mistral-vibe') return undefined
  return /^Version:[ \t]*(\d[\w.!+-]{0,63})[ \t]*$/im.exec(headers)?.[1]
}

/** Its headers are some kilobytes; the README that follows them is not read. */
const LONGEST = 262_144
