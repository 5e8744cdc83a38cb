/** A leading `~` replaced by the home directory; `~other` and all else stay as they are. */
export const expandHome = (text: string, home: string): string =>
  text === '~' || text.startsWith('~/') ? `${home}${text.slice(1)}` : text

/** A path as people write it, the home directory as `~`; no short form where home is `/`. */
export const shortenHome = (path: string, home: string): string =>
  path === home
    ? '~'
    : home !== '/' && path.startsWith(`${home}/`)
      ? `~${path.slice(home.length)}`
      : path
