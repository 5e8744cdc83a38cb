import type { Host } from '../../machine/host.ts'
import { type AbsolutePath, toAbsolutePath } from '../../machine/paths.ts'

/** The path with every link followed; undefined when something on the way is missing, or links lead in a circle. */
export const realPath = (host: Host, path: string): AbsolutePath | undefined => {
  if (!path.startsWith('/') || path.includes('\0')) return undefined
  const rest = path.split('/').reverse()
  let done = ''
  let links = 0
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      done = done.slice(0, Math.max(done.lastIndexOf('/'), 0))
      continue
    }
    const stat = host.lstat(`${done}/${name}`)
    if (stat === undefined || stat === 'denied') return undefined
    if (stat.type !== 'symlink') {
      done = `${done}/${name}`
      continue
    }
    const target = host.readlink(`${done}/${name}`)
    if (target === undefined || ++links > MAX_LINKS) return undefined
    if (target.startsWith('/')) done = ''
    rest.push(...target.split('/').reverse())
  }
  return toAbsolutePath(done === '' ? '/' : done)
}

/** What Linux allows. */
const MAX_LINKS = 40
