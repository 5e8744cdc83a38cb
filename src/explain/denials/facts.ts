import type { Host, Stat } from '../../machine/host.ts'
import { type AbsolutePath, join, parentOf, ROOT } from '../../machine/paths.ts'

/** A path followed link by link; what the resolver's walker returns. */
export interface Followed {
  readonly requested: AbsolutePath
  readonly hops: readonly { readonly path: AbsolutePath; readonly target: string }[]
  readonly real: AbsolutePath
  readonly status: 'exists' | 'missing' | 'dangling' | 'cycle' | 'denied'
}

/** A file that something needs to start, and how one comes to it, each a clause. */
export interface Need {
  readonly path: Followed
  readonly role: string
  readonly chain: readonly string[]
}

/** What is known of the machine outside the sandbox. */
export interface Facts {
  readonly platform: Host['platform']
  readonly home: AbsolutePath
  readonly uid: number
  follow(path: AbsolutePath): Followed
  /** What is there, links not followed. */
  lstat(path: AbsolutePath): Stat | 'denied' | undefined
  canAccess(path: AbsolutePath, mode: 'read' | 'write' | 'execute'): boolean
  /**
   * Interpreters, trees and libraries that an executable needs, the executable itself left out;
   * empty when it cannot be told.
   */
  needs(file: AbsolutePath): readonly Need[]
}

/**
 * Facts of a host. `follow` is the resolver's walker, `needs` its search for what a target is made
 * of.
 */
export const factsOf = (
  host: Host,
  follow: Facts['follow'],
  needs: Facts['needs'] = () => [],
): Facts => ({
  platform: host.platform,
  home: host.home,
  uid: host.uid,
  follow,
  lstat: host.lstat,
  canAccess: host.canAccess,
  needs,
})

/**
 * An absolute path, or one with `..` in it, taken to its real place: each `..` is the real parent,
 * as for the kernel.
 */
export const followAny = (facts: Facts, path: string): Followed => {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  let at = ROOT
  let hops: Followed['hops'] = []
  let followed = facts.follow(at)
  // In runs without `..`: one walk each.
  for (let start = 0; start < names.length; ) {
    const end = names.indexOf('..', start)
    const run = names.slice(start, end < 0 ? undefined : end)
    if (run.length > 0) {
      followed = facts.follow(join(at, run.join('/')))
      hops = [...hops, ...followed.hops]
    }
    if (end < 0) break
    at = parentOf(followed.real)
    followed = facts.follow(at)
    start = end + 1
  }
  return { ...followed, hops }
}
