import { join, type AbsolutePath } from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import type { ResolveContext } from './context.ts'

const MANIFEST_LIMIT = 1 << 20
const MAX_NAMES = 256

/** What a JSON file of at most 1 MB holds; undefined when it is absent, larger or broken. */
export const readJson = (context: ResolveContext, file: AbsolutePath): unknown => {
  try {
    return JSON.parse(textOf(context.host, file, MANIFEST_LIMIT) ?? '')
  } catch {
    return undefined
  }
}

/** The own property of a value that was read from a file; undefined when there is none. */
export const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined

/**
 * True for what npm would take as the name of a package: at most one scope, and no way out of
 * `node_modules`.
 */
export const isPackageName = (name: string): boolean =>
  /^(?:@[\w.-]+\/)?[\w.-]+$/.test(name) && !name.includes('..')

/** Packages that a package asks for, as its package.json lists them. */
export interface Manifest {
  readonly name: string | undefined
  readonly dependencies: readonly string[]
  /** Those that may be absent: made for another system, or left to whoever uses the package. */
  readonly optional: readonly string[]
  /** Files that the package puts on PATH, relative to it. */
  readonly programs: readonly string[]
}

/** The package.json of the package at `root`; undefined when it cannot be read. */
export const readManifest = (context: ResolveContext, root: AbsolutePath): Manifest | undefined => {
  const manifest = readJson(context, join(root, 'package.json'))
  if (typeof manifest !== 'object' || manifest === null) return undefined
  const name = memberOf(manifest, 'name')
  const bin = memberOf(manifest, 'bin')
  const programs =
    typeof bin === 'string'
      ? [bin]
      : typeof bin === 'object' && bin !== null
        ? Object.values(bin).filter((one) => typeof one === 'string')
        : []
  return {
    name: typeof name === 'string' ? name : undefined,
    dependencies: namesIn(manifest, 'dependencies'),
    optional: [
      ...namesIn(manifest, 'optionalDependencies'),
      ...namesIn(manifest, 'peerDependencies'),
    ],
    programs: programs.map((program) => program.replace(/^\.\//, '')),
  }
}

const namesIn = (manifest: object, key: string): string[] => {
  const table = memberOf(manifest, key)
  return typeof table === 'object' && table !== null
    ? Object.keys(table).filter(isPackageName).slice(0, MAX_NAMES)
    : []
}
