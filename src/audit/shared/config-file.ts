import type { AbsolutePath } from '../../policy/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AuditDocument } from '../documents/document.ts'
import { parseJsonDocument } from '../documents/json.ts'
import type { Source } from '../model.ts'
import { type ReadSource, readSource } from '../source.ts'
import type { Table } from './values.ts'

/** One configuration file of an agent, as read. */
export interface ConfigFile {
  readonly layer: string
  readonly file: AbsolutePath
  readonly source: Source
  readonly failure: ReadSource['failure']
  /** Why it could not be read or parsed, a clause; undefined when it was, or when it is not there. */
  readonly problem: string | undefined
  /** Empty when it could not be read or parsed. */
  readonly values: Table
  readonly document: AuditDocument | undefined
}

/** How a file is written: `jsonc` is JSON with comments and trailing commas. */
export type Syntax = 'toml' | 'json' | 'jsonc'

/** Reads and parses one file; `text` stands for its content when it came from standard input. Never throws. */
export type ReadConfig = (file: AbsolutePath, layer: string, text?: string) => ConfigFile

interface Parsed {
  readonly values: Table
  readonly problem: string | undefined
  readonly document?: AuditDocument
}

/** A reader of one syntax. At `launch` TOML is read without positions, which takes a fraction of the time. */
export const configReader = async (world: AuditWorld, depth: AuditRequest['depth'], syntax: Syntax): Promise<ReadConfig> => {
  const parse = await parserOf(depth, syntax)
  return (file, layer, given) => {
    const read: ReadSource = given === undefined ? readSource(world, file, layer) : { source: { layer, file, hops: [], real: file, state: 'from standard input' }, text: given }
    if (read.text === undefined) return { layer, file, source: read.source, failure: read.failure, problem: read.failure === 'missing' ? undefined : `is ${read.source.state}`, values: {}, document: undefined }
    const { values, problem, document } = parse(read.text, file)
    return { layer, file, source: problem === undefined ? read.source : { ...read.source, state: problem }, failure: undefined, problem, values, document }
  }
}

const parserOf = async (depth: AuditRequest['depth'], syntax: Syntax): Promise<(text: string, file: string) => Parsed> => {
  if (syntax !== 'toml') return (text, file) => parsedOf(parseJsonDocument(text, file, syntax === 'jsonc'))
  if (depth === 'launch') return (await import('./toml-values.ts')).tomlValues
  const { parseTomlDocument } = await import('../documents/toml.ts')
  return (text, file) => parsedOf(parseTomlDocument(text, file))
}

/** A key that stands twice is no reason not to look: the last one counts. */
const parsedOf = (document: AuditDocument): Parsed => ({ values: document.values, problem: document.problems.find(({ kind }) => kind !== 'duplicate')?.message, document })

/** Documents by file, for reports and fixes. */
export const documentsOf = (files: readonly ConfigFile[]): ReadonlyMap<string, AuditDocument> => new Map(files.flatMap(({ file, document }) => (document ? [[file, document] as const] : [])))
