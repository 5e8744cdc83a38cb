/** The absolute path: zsh has a builtin of that name. */
export const LOG_PROGRAM = '/usr/bin/log'

/**
 * Arguments of `log` for one run: records of the kernel's Sandbox that carry the run's tag,
 * whichever process caused them, and the built-in refusals (`forbidden-exec-sugid`) and repeats,
 * which may carry none. `tag` is launcher's own (`launcher-ID`); anything else in it is refused by
 * the pattern.
 */
export const logArguments = (tag: string): string[] => [
  'stream',
  '--style',
  'ndjson',
  '--predicate',
  predicateFor(tag),
]

const predicateFor = (tag: string): string => {
  const safe = tag.replaceAll(/[^A-Za-z0-9-]/g, '')
  return `(processID == 0) AND (senderImagePath CONTAINS "/Sandbox") AND (eventMessage CONTAINS "${safe}" OR eventMessage CONTAINS "forbidden-" OR eventMessage CONTAINS "duplicate report")`
}
