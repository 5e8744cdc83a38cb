import type { Cause, ConfigValue, Edit, KeyPath, Setting } from '../model.ts'
import { isTable, stringsOf, type Table, valueAt } from './values.ts'

/** One layer of a configuration. */
export interface ConfigLayer {
  /** In the agent's words: `user`, `project`, `command line` … */
  readonly name: string
  /** A path, or a word in angle brackets. */
  readonly file: string
  readonly values: Table
}

/** A value and the layer that says it. */
export interface Written {
  readonly layer: ConfigLayer
  readonly value: unknown
}

/** One string of a list, where it stands. */
export interface Item {
  readonly text: string
  readonly cause: Cause
  /** A change that puts other items (or none) in its place; none where it stands in no file. */
  replace(values: readonly ConfigValue[]): readonly Edit[]
}

/** The layers of a configuration, and ways to ask about them. */
export interface Layered {
  /** Weakest first. */
  readonly layers: readonly ConfigLayer[]
  /** What every layer says at a path, weakest first. */
  all(...path: string[]): readonly Written[]
  /** What the strongest layer that says something says. */
  get(...path: string[]): unknown
  /** Strings of the lists of all layers. */
  items(...path: string[]): readonly Item[]
  /** Where the value in force was written; where nobody wrote it, where it would be. */
  causeOf(path: KeyPath): Cause
  /** The same with a change that sets it there, where that is a file. */
  mend(path: KeyPath, value: ConfigValue): { readonly cause: Cause; readonly edits?: readonly Edit[] }
}

/** Layers weakest first; `main` is the layer that a missing key belongs to. */
export const layered = (layers: readonly ConfigLayer[], main: ConfigLayer): Layered => {
  const all = (...path: string[]): Written[] =>
    layers.flatMap((layer) => {
      const value = valueAt(layer.values, path)
      return value === undefined ? [] : [{ layer, value }]
    })
  const causeOf = (path: KeyPath): Cause => {
    const layer = all(...path.map(String)).at(-1)?.layer ?? main
    return { file: layer.file, path, layer: layer.name }
  }
  return {
    layers,
    all,
    get: (...path) => all(...path).at(-1)?.value,
    items: (...path) => all(...path).flatMap(({ layer, value }) => itemsOf(layer, path, value)),
    causeOf,
    mend: (path, value) => {
      const cause = causeOf(path)
      return isFile(cause.file) ? { cause, edits: [{ op: 'set', path, value }] } : { cause }
    },
  }
}

/** False for a layer that is no file. */
const isFile = (file: string): boolean => !file.startsWith('<')

/** Strings of one list, each with its place. */
const itemsOf = (layer: Pick<ConfigLayer, 'file' | 'name'>, path: KeyPath, value: unknown): Item[] =>
  stringsOf(value).length === 0
    ? []
    : (value as readonly unknown[]).flatMap((text, index): Item[] => {
        const at = [...path, index]
        return typeof text === 'string' ? [{ text, cause: { file: layer.file, path: at, layer: layer.name }, replace: (values) => (isFile(layer.file) ? [{ op: 'replace', path: at, values }] : []) }] : []
      })

/** Names of settings whose value may be a secret. */
const SECRET = /key|token|secret|password|header|auth|(^|\.)env(ironment)?(\.|$)|(^|\.)set(\.|$)|url/i

/** Every value of every layer, weakest first; what may be a secret is shown as `…`. */
export const settingsOf = ({ layers }: Layered): Setting[] =>
  layers.flatMap(({ name, values }) => leaves(values, []).slice(0, MAX_SETTINGS).map(({ path, value }): Setting => ({ key: path.join('.'), value: SECRET.test(path.join('.')) ? '…' : clipped(value), layer: name })))

/** More than a person has set. */
const MAX_SETTINGS = 500

const leaves = (value: unknown, path: readonly string[]): { readonly path: readonly string[]; readonly value: unknown }[] =>
  isTable(value) && path.length < 6 ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key])) : [{ path, value }]

const clipped = (value: unknown): string => {
  const text = JSON.stringify(value, (key, inner: unknown) => (key !== '' && SECRET.test(key) ? '…' : typeof inner === 'bigint' ? String(inner) : inner)) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
