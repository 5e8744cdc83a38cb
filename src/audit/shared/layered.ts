import type { Cause } from '../model.ts'
import type { ConfigValue, Edit, KeyPath } from '../../documents/document.ts'
import type { ConfigFile } from './config-file.ts'
import { stringsOf, type Table, valueAt } from '../../documents/values.ts'

/** One layer of a configuration. */
export interface ConfigLayer {
  /** In the agent's words: `user`, `project`, `command line` … */
  readonly name: string
  /** A path, or a word in angle brackets. */
  readonly file: string
  readonly values: Table
}

/** A file as a layer. */
export const asLayer = ({ layer, file, values }: ConfigFile): ConfigLayer => ({
  name: layer,
  file,
  values,
})

/** A value and the layer that says it. */
interface Written {
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
  mend(
    path: KeyPath,
    value: ConfigValue,
  ): { readonly cause: Cause; readonly edits?: readonly Edit[] }
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
const itemsOf = (
  layer: Pick<ConfigLayer, 'file' | 'name'>,
  path: KeyPath,
  value: unknown,
): Item[] =>
  stringsOf(value).length === 0
    ? []
    : (value as readonly unknown[]).flatMap((text, index): Item[] => {
        const at = [...path, index]
        return typeof text === 'string'
          ? [
              {
                text,
                cause: { file: layer.file, path: at, layer: layer.name },
                replace: (values) =>
                  isFile(layer.file) ? [{ op: 'replace', path: at, values }] : [],
              },
            ]
          : []
      })
