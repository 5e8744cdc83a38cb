import { foldName, keepName } from './fold.ts'
import type { Platform } from './host.ts'
import { type AbsolutePath, isWithin } from './paths.ts'

/** How the file systems of a platform tell names apart; works on names and on whole paths. */
export interface Naming {
  /** Two names, or paths, that are one there fold to one string. */
  fold(name: string): string
  /** True when both name one thing. */
  isSame(a: string, b: string): boolean
  /** True when `path` is `root` or lies beneath it. */
  isInside(path: AbsolutePath, root: AbsolutePath): boolean
}

/** Byte by byte: Linux. */
export const EXACT: Naming = { fold: keepName, isSame: (a, b) => a === b, isInside: isWithin }

/** Without regard to case and Unicode form: what APFS does unless a volume was made otherwise. */
export const FOLDING: Naming = {
  fold: foldName,
  isSame: (a, b) => a === b || foldName(a) === foldName(b),
  isInside: (path, root) => isWithin(path, root) || isWithin(folded(path), folded(root)),
}

/** Folding changes no slash and makes none, so an absolute path stays one. */
const folded = (path: AbsolutePath): AbsolutePath => foldName(path) as AbsolutePath

/** The naming of a platform's file systems. */
export const namingOf = (platform: Platform): Naming => (platform === 'macos' ? FOLDING : EXACT)
