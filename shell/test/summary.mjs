/** The last lines of `npm test`: each skipped test with its reason, then the counts alone on a line. */
export const summary = ({ passed, failed, skipped }) => [
  ...skipped.map(({ title, reason }) => `skipped: ${oneLine(title)}: ${oneLine(reason ?? 'no reason given')}`),
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
]

const oneLine = (text) => text.replace(/\s+/g, ' ').trim()
