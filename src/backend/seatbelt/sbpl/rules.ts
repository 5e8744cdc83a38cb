import type { Position } from './error.ts'

export type Action = 'allow' | 'deny'

/** The value of a fact about one access: text, a number, or a boolean. */
export type Fact = string | number | boolean

/**
 * What is known about one access, by (canonical) filter name: `path`, `vnode-type`, `global-name`,
 * `local-name`, `remote`, `local` …; several values mean that each is true. `path` is absolute and
 * free of symlinks; `remote` and `local` read `tcp:HOST:PORT`. `entitlement` lists what the process
 * holds; `call` is `setattrlist` for that system call. A filter on a fact that is not given does
 * not match.
 */
export type Facts = Readonly<Record<string, Fact | readonly Fact[] | undefined>>

/**
 * A filter after evaluation. `name` is the base filter's name, and the fact it is compared with.
 */
export type Filter =
  | {
      readonly kind: 'text'
      readonly name: string
      readonly match: 'equal' | 'prefix' | 'subpath'
      readonly value: string
    }
  | {
      readonly kind: 'regex'
      readonly name: string
      readonly source: string
      readonly test: (text: string) => boolean
    }
  | { readonly kind: 'value'; readonly name: string; readonly value: Fact }
  | { readonly kind: 'bits'; readonly name: string; readonly bits: number }
  | {
      readonly kind: 'network'
      readonly side: 'local' | 'remote'
      readonly protocol: string
      readonly host: '*' | 'localhost'
      readonly port: '*' | number
    }
  /** `(remote unix-socket)` without a filter: any unix socket. */
  | { readonly kind: 'unix-socket' }
  | { readonly kind: 'entitlement'; readonly value: string }
  /** Extensions: true only while a token is held, which no profile text can tell. */
  | { readonly kind: 'never'; readonly name: string; readonly argument: Fact }
  | { readonly kind: 'all' | 'any'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }

export interface Modifier {
  readonly name: string
  readonly argument?: string | number
}

/**
 * A rule after evaluation, its operations canonical; no filters means that it holds for every
 * access. Filters are alternatives.
 */
export interface Rule extends Position {
  readonly action: Action
  readonly operations: readonly string[]
  readonly filters: readonly Filter[]
  readonly modifiers: readonly Modifier[]
}
