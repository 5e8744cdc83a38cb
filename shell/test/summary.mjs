/** The last lines of `npm test`: the time of each group, each skipped test with its reason, then the counts alone on a line. */
export const summary = ({ passed, failed, skipped, seconds = [] }) => [
  ...(seconds.length > 0
    ? [
        `time by group: ${seconds.map(([group, time]) => `${group} ${time.toFixed(1)} s`).join(', ')}`,
      ]
    : []),
  ...skipped.map(
    ({ title, reason }) => `skipped: ${oneLine(title)}: ${oneLine(reason ?? 'no reason given')}`,
  ),
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`,
]

const oneLine = (text) => text.replace(/\s+/g, ' ').trim()
