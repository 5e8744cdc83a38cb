/** Commands that only read, as Vibe counts them: on the default allowlist of the bash tool from 2.15, and added to existing allowlists by a migration. */
export const READ_ONLY_COMMANDS = [
  'basename', 'cat', 'comm', 'cut', 'date', 'diff', 'dirname', 'du', 'file', 'find', 'fmt', 'fold', 'grep', 'head', 'join', 'less', 'ls', 'md5sum', 'more',
  'nl', 'od', 'paste', 'pwd', 'readlink', 'sha1sum', 'sha256sum', 'shasum', 'sort', 'stat', 'sum', 'tac', 'tail', 'tr', 'uname', 'uniq', 'wc', 'which',
] as const

/** Commands that change files and whose arguments Vibe takes for paths. */
export const MUTATING_COMMANDS = ['cd', 'chmod', 'chown', 'cp', 'mkdir', 'mv', 'rm', 'touch'] as const
