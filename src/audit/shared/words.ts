/**
 * The value of a flag of a command line, `--flag value` or `--flag=value`; undefined when it is not
 * there.
 */
export const wordAfter = (words: readonly string[], flag: string): string | undefined => {
  const at = words.indexOf(flag)
  return (
    words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) ??
    (at < 0 ? undefined : words[at + 1])
  )
}
