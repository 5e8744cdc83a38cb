import { canonicalOperation, operationEntry } from './tables.ts'

/** Releases of macOS that differ in their operations, oldest first. */
export const MACOS = [13, 14, 15, 26] as const
export type Macos = (typeof MACOS)[number]

/** The one that is meant where none is named. */
export const NEWEST: Macos = 26

/** The release of this number; undefined for one that is not known. */
export const macosOf = (number: number): Macos | undefined =>
  MACOS.find((known) => known === number)

/**
 * Whether a name is no operation, or one that this release has: an unknown one refuses a profile.
 */
export const isNamedOn = (name: string, macos: Macos): boolean => {
  const operation = canonicalOperation(name)
  return operation === undefined || (operationEntry(operation).since ?? 0) <= macos
}
