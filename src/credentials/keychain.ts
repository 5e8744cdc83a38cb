import type { Host } from '../machine/host.ts'

/**
 * Reads an item of the keychain, `SERVICE/ACCOUNT`: undefined where there is none, or where the
 * user said no.
 */
export type Keychain = (item: string) => string | undefined

/**
 * The keychain of this machine, as one start asks it: this may bring up a question on the screen,
 * so each item is read once, however often that start looks again.
 */
export const openKeychain = (host: Host): Keychain => {
  const known = new Map<string, string | undefined>()
  return (item) => {
    if (!known.has(item)) known.set(item, fromKeychain(item, host))
    return known.get(item)
  }
}

/** Through Apple's own tool; the item's value never appears in an argument. */
const fromKeychain = (item: string, host: Host): string | undefined => {
  const slash = item.lastIndexOf('/')
  const [service, account] = [item.slice(0, slash), item.slice(slash + 1)]
  return host
    .run('/usr/bin/security', ['find-generic-password', '-s', service, '-a', account, '-w'], 30_000)
    ?.replace(/\n$/, '')
}
