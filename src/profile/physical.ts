import type { Host } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** As many links as the kernels follow. */
const MAX_LINKS = 40

/** An absolute path without `.` and `..`, each `..` taken as the kernel takes it: from where a link leads, not from its name. */
export const withoutDots = (host: Host, path: string): AbsolutePath => {
  let current = ''
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      const real = realPath(host, current === '' ? '/' : current)
      current = real.slice(0, Math.max(0, real.lastIndexOf('/')))
    } else current += `/${part}`
  }
  return (current === '' ? '/' : current) as AbsolutePath
}

/** Where a path ends when every link is followed; what does not exist stays as it is. */
export const realPath = (host: Host, path: string): AbsolutePath => {
  const rest = path.split('/').reverse()
  let current = ''
  for (let links = 0; rest.length > 0; ) {
    const part = rest.pop()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      current = current.slice(0, Math.max(0, current.lastIndexOf('/')))
      continue
    }
    const next = `${current}/${part}`
    const target = host.readlink(next)
    if (target === undefined || ++links > MAX_LINKS) current = next
    else {
      if (target.startsWith('/')) current = ''
      rest.push(...target.split('/').reverse())
    }
  }
  return (current === '' ? '/' : current) as AbsolutePath
}
