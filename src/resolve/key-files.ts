import type { AbsolutePath } from '../machine/paths.ts'
import type { Walker } from '../machine/walk.ts'
import type { EnvironmentPolicy, Notice } from '../policy/model.ts'
import type { Expander } from './expand.ts'

/**
 * Files of keys that launcher reads for one variable and that the agent can read as a whole: the
 * variable was meant to spare it the file.
 */
export const keyFileNotices = (
  from: EnvironmentPolicy['from'],
  expander: Expander,
  walk: Walker,
  canRead: (path: AbsolutePath) => boolean,
): Notice[] => {
  const notices = new Map<string, Notice>()
  for (const [name, { value: sources, origin }] of from) {
    for (const source of sources) {
      const file = source.startsWith('dotenv:') ? source.slice('dotenv:'.length) : undefined
      if (file === undefined || notices.has(file)) continue
      const { real, status } = walk(expander.path(file, origin))
      if (status !== 'exists' || !canRead(real)) continue
      notices.set(file, {
        level: 'warning',
        code: 'key-file',
        message: `${file} can be read inside: the agent sees every key in it, not ${name} alone`,
        origin,
      })
    }
  }
  return [...notices.values()]
}
