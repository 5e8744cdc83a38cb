import fs from 'node:fs'
import path from 'node:path'
import type { Finding } from '../backend/bubblewrap/judge.ts'
import type { Exposed } from './types.ts'

/** Names that are looked at beneath one place. */
const MAX_NAMES = 5_000
/** The clock of files ticks more slowly than ours. */
const TICK = 50

/**
 * Files at or beneath places whose protection was off, that changed since: by the host, or by what
 * ran inside in that moment. A second name would stay open to the agent.
 */
export const exposedFiles = (places: readonly string[], since: number): Exposed[] =>
  places.flatMap((place) => namesBeneath(place).flatMap((file) => exposedAt(file, since)))

const exposedAt = (path: string, since: number): Exposed[] => {
  const stat = lookAt(path)
  if (stat === 'unknown' || (stat?.isDirectory() && namesIn(path) === undefined))
    return [{ path, because: 'could not be looked at afterwards', hasOtherName: false }]
  if (!stat || stat.isDirectory() || stat.ctimeMs < since - TICK) return []
  const hasOtherName = stat.isFile() && stat.nlink > 1
  const because = hasOtherName
    ? 'has another name since then, which nothing protects'
    : 'changed while its protection was off'
  return [{ path, because, hasOtherName }]
}

/** A directory that cannot be listed comes along as itself. */
const namesBeneath = (place: string): string[] => {
  const found = [place]
  for (const one of found) {
    if (found.length >= MAX_NAMES) break
    const stat = lookAt(one)
    if (stat !== 'unknown' && stat?.isDirectory())
      for (const name of namesIn(one) ?? []) found.push(path.join(one, name))
  }
  return found
}

/** The host goes on meanwhile: what was there a moment ago may be gone. */
const lookAt = (file: string): fs.Stats | 'unknown' | undefined => {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false })
  } catch {
    return 'unknown'
  }
}

/** Undefined where it cannot be listed; nothing where it is gone. */
const namesIn = (directory: string): string[] | undefined => {
  try {
    return fs.readdirSync(directory)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : undefined
  }
}

/**
 * True where a writable file was removed on the host and has no name left anywhere: what is written
 * there goes nowhere.
 */
export const isNameless = (init: number, { repair }: Finding): boolean => {
  if (repair?.kind !== 'place' || repair.place.access !== 'write' || !repair.place.isStale)
    return false
  if (fs.lstatSync(repair.at, { throwIfNoEntry: false })) return false
  return fs.statSync(`/proc/${init}/root${repair.at}`, { throwIfNoEntry: false })?.nlink === 0
}
