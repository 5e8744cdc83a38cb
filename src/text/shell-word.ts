/**
 * A word as it can be pasted into a POSIX shell: quoted where the shell would read it otherwise.
 */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
