import type { CacheRedirect, PolicyGrant, Sourced } from '../policy/model.ts'

/** Where a place of `[caches]` lies: a name is a folder of the project's own cache. */
export const cachePath = (place: string): string =>
  /^[/~$]/.test(place) ? place : `$CACHE/${place}`

/**
 * True for a place that the host's own runs use, too: any path but one in the project's own cache
 * or the run's own folder.
 */
export const isShared = (place: string): boolean =>
  !/^\$(CACHE|TMPDIR)(\/|$)/.test(cachePath(place))

/**
 * A shared cache is granted because its line says so: `[caches]` in the user's own files is the
 * explicit word.
 */
export const sharedGrants = (caches: readonly CacheRedirect[]): PolicyGrant[] =>
  caches
    .filter(({ place }) => isShared(place))
    .map(({ place, origin }) => ({ path: place, access: 'write', origin }))

/** A shared cache that nothing has filled yet is made, as its tool would. */
export const sharedCreates = (caches: readonly CacheRedirect[]): Sourced<string>[] =>
  caches
    .filter(({ place }) => isShared(place))
    .map(({ place, origin }) => ({ value: `${place.replace(/\/+$/, '')}/`, origin }))
