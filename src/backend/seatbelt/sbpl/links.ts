import type { Decision } from './decision.ts'
import { textOf } from './match.ts'
import type { Facts } from './rules.ts'

/**
 * Links of every Mac, by name; firmlinks are not among them, for the kernel has no second name
 * there.
 */
export const SYSTEM_LINKS: Readonly<Record<string, string>> = {
  '/etc': '/private/etc',
  '/home': '/System/Volumes/Data/home',
  '/tmp': '/private/tmp',
  '/var': '/private/var',
}

/** The short path of what lies on the data volume, which is the only one the kernel compares. */
const withoutFirmlink = (path: string): string =>
  /^\/System\/Volumes\/Data\/(Applications|Library|Users|cores|opt|private|usr\/local)(\/|$)/.test(
    path,
  )
    ? path.slice('/System/Volumes/Data'.length)
    : path

/**
 * The verdict on an access by a path that may pass links: each link node must give its metadata,
 * spelled with the directories above it resolved and the link itself not; then the operation is
 * asked of the real path.
 */
export const decideThrough = (
  decide: (operation: string, facts: Facts) => Decision,
  links: Readonly<Record<string, string>>,
  operation: string,
  facts: Facts,
): Decision => {
  const path = textOf(facts['path'])
  if (path === undefined) return decide(operation, facts)
  let real = withoutFirmlink(path)
  for (let hops = 0; hops < MAX_LINKS; hops++) {
    const node = Object.keys(links).find((name) => real === name || real.startsWith(`${name}/`))
    const target = node === undefined ? undefined : links[node]
    if (node === undefined || target === undefined)
      return decide(operation, { ...facts, path: real })
    const isNode = real === node && ON_NODES.has(operation)
    const asked = decide('file-read-metadata', { path: node, 'vnode-type': 'SYMLINK' })
    if (isNode || !asked.allowed)
      return { ...asked, why: `${asked.why}; ${node} is a link on the way and needs its metadata` }
    const above = target.startsWith('/') ? '' : node.slice(0, node.lastIndexOf('/'))
    real = withoutFirmlink(plain(`${above}/${target}${real.slice(node.length)}`))
  }
  return { allowed: false, rule: undefined, line: undefined, why: 'too many links: ELOOP' }
}

/** The directories above a link are resolved, so `..` of its target may be taken by the letter. */
const plain = (path: string): string => {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}

/** As many as macOS follows. */
const MAX_LINKS = 32

/** Operations that a link itself may be meant by; all others are about what it leads to. */
const ON_NODES: ReadonlySet<string> = new Set(['file-read-metadata'])
