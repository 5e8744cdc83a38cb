import { type AbsolutePath, parentOf } from '../../machine/paths.ts'
import type { ConfigFile } from '../shared/config-file.ts'
import { stringsOf } from '../../documents/values.ts'

/** What `trusted_folders.toml` says about a directory. */
export type Trust = 'trusted' | 'untrusted' | 'unknown'

/**
 * The closest ancestor in either list decides, the directory itself first; where both name it, it
 * is not trusted.
 */
export const trustOf = (directory: AbsolutePath, list: ConfigFile): Trust => {
  const trusted = new Set(stringsOf(list.values['trusted']).map(withoutSlash))
  const untrusted = new Set(stringsOf(list.values['untrusted']).map(withoutSlash))
  for (let here = directory; ; here = parentOf(here)) {
    if (untrusted.has(here)) return 'untrusted'
    if (trusted.has(here)) return 'trusted'
    if (here === '/') return 'unknown'
  }
}

const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path)
