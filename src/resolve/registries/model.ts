import type { Host } from '../../machine/host.ts'
import type { Notice, Origin, Sourced } from '../../policy/model.ts'
import type { AbsolutePath } from '../../machine/paths.ts'

/**
 * Where package managers are asked for: the machine as it is, and what of it a program inside the
 * sandbox will see.
 */
export interface RegistryWorld {
  readonly host: Host
  readonly project: AbsolutePath
  readonly home: AbsolutePath
  /** The environment as it will be inside; the user's own is `host.env`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /**
   * Whether a real path can be read inside. What cannot is passed as a variable where the package
   * manager has one. Absent: everything can.
   */
  readonly canRead?: (path: AbsolutePath) => boolean
  /**
   * Whether a real path can be written inside: such a file never adds a host. Absent: what lies in
   * the project.
   */
  readonly canWrite?: (path: AbsolutePath) => boolean
  /**
   * True when the user's own policy says that the index tables of the project's `pyproject.toml`
   * count.
   */
  readonly projectMayAddIndexes?: boolean
}

/** What the words of `[network] registries` stand for on this machine. */
export interface RegistryHosts {
  /** Each `host:port`, with the file (or variable) and line that names it. */
  readonly hosts: readonly Sourced<string>[]
  /**
   * Variables that tell the package managers inside what files that they cannot read there say;
   * addresses without credentials.
   */
  readonly environment: ReadonlyMap<string, Sourced<string>>
  readonly notices: readonly Notice[]
}

/** A value of a package manager's own settings. */
export interface Setting {
  readonly value: string
  readonly origin: Origin
  /** True when the package manager sees it inside by itself. */
  readonly isInside: boolean
  /**
   * True when the value was put together with a variable that stays outside: never passed on, it
   * may be a secret.
   */
  readonly isPrivate?: boolean
}

/** What a package manager's reader finds, in its order. */
export type Finding =
  /** An address that it fetches from, as written: not checked, credentials and all. */
  | {
      readonly kind: 'address'
      readonly url: string
      readonly origin: Origin
      readonly isInside: boolean
    }
  /**
   * A setting that is to be repeated inside: the addresses in it, which a line break or space
   * separates there.
   */
  | { readonly kind: 'repeat'; readonly name: string; readonly settings: readonly Setting[] }
  | { readonly kind: 'notice'; readonly notice: Notice }

/** A finding for the address in a setting. */
export const address = ({ value, origin, isInside }: Setting): Finding => ({
  kind: 'address',
  url: value,
  origin,
  isInside,
})

/** A notice that says why a registry opens nothing, or less than it might. */
export const remark = (level: Notice['level'], message: string, origin?: Origin): Finding => ({
  kind: 'notice',
  notice: { level, code: 'registry', message, ...(origin && { origin }) },
})

/** The setting repeated as a variable, unless the package manager sees it inside by itself. */
export const repeated = (name: string, settings: readonly Setting[]): readonly Finding[] =>
  settings.some(({ isInside }) => !isInside) ? [{ kind: 'repeat', name, settings }] : []
