import type { AbsolutePath } from '../../policy/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { AuditDocument } from '../documents/document.ts'
import type { Source } from '../model.ts'
import { type ReadSource, readSource } from '../source.ts'

/** A table of a configuration, as parsed. */
export type Table = Readonly<Record<string, unknown>>

/** One of Vibe's TOML files. */
export interface ConfigFile {
  readonly file: AbsolutePath
  readonly source: Source
  readonly failure: ReadSource['failure']
  /** Why it could not be parsed: a clause. */
  readonly problem: string | undefined
  /** Empty when it could not be read or parsed. */
  readonly values: Table
  /** With positions, when they were asked for and the file could be read. */
  readonly document: AuditDocument | undefined
}

/** Reads and parses one TOML file; a text that is given is parsed in its stead. */
export type ReadConfig = (file: AbsolutePath, layer: string, text?: string) => ConfigFile

/** What a parser makes of a text. */
export type ParseConfig = (text: string, file: string) => Pick<ConfigFile, 'values' | 'problem' | 'document'>

/** A reader on this machine. */
export const configReader =
  (world: AuditWorld, parse: ParseConfig): ReadConfig =>
  (file, layer, given) => {
    const read: ReadSource = given === undefined ? readSource(world, file, layer) : { source: { layer, file, hops: [], real: file, state: 'from standard input' }, text: given }
    if (read.text === undefined) return { file, source: read.source, failure: read.failure, problem: read.failure === 'bad' ? `is ${read.source.state}` : undefined, values: {}, document: undefined }
    const parsed = parse(read.text, file)
    return { file, source: parsed.problem === undefined ? read.source : { ...read.source, state: parsed.problem }, failure: undefined, ...parsed }
  }

/** A table, or an empty one for anything else: Vibe takes what is no table for an absent one. */
export const tableOf = (value: unknown): Table => (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) ? (value as Table) : {})

/** The strings of a list; nothing for anything else. */
export const stringsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [])

/** The tables of a list of tables. */
export const tablesOf = (value: unknown): readonly Table[] => (Array.isArray(value) ? value.map(tableOf) : [])

/** What stands at a path of keys; undefined as soon as something is missing. */
export const valueAt = (values: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, part) => (typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined), values)
