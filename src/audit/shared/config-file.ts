import type { AbsolutePath } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AuditDocument, Position } from '../../documents/document.ts'
import type { Source } from '../model.ts'
import { type ReadSource, readSource } from '../source.ts'
import type { Table } from '../../documents/values.ts'

/** One configuration file of an agent, as read. */
export interface ConfigFile {
  readonly layer: string
  readonly file: AbsolutePath
  readonly source: Source
  readonly failure: ReadSource['failure']
  /**
   * Why it could not be read or parsed, a clause; undefined when it was, or when it is not there.
   */
  readonly problem: string | undefined
  /** Where that is in the text, as far as it is known. */
  readonly position?: Position
  /** Empty when it could not be read or parsed. */
  readonly values: Table
  readonly document: AuditDocument | undefined
}

/** How a file is written: `jsonc` is JSON with comments and trailing commas. */
export type Syntax = 'toml' | 'json' | 'jsonc'

/**
 * Reads and parses one file; `text` stands for its content when it came from standard input. Never
 * throws.
 */
export type ReadConfig = (file: AbsolutePath, layer: string, text?: string) => ConfigFile

interface Parsed {
  readonly values: Table
  readonly problem: string | undefined
  readonly position?: Position
  readonly document?: AuditDocument
}

/**
 * A reader of one syntax. At `launch` TOML is read without positions, which takes a fraction of the
 * time.
 */
export const configReader = async (
  world: AuditWorld,
  depth: AuditRequest['depth'],
  syntax: Syntax,
): Promise<ReadConfig> => {
  const parse = await parserOf(depth, syntax)
  return (file, layer, given) => {
    const read: ReadSource =
      given === undefined
        ? readSource(world, file, layer)
        : {
            source: { layer, file, hops: [], real: file, state: 'from standard input' },
            text: given,
          }
    if (read.text === undefined)
      return {
        layer,
        file,
        source: read.source,
        failure: read.failure,
        problem: read.failure === 'missing' ? undefined : `is ${read.source.state}`,
        values: {},
        document: undefined,
      }
    const parsed = parse(read.text, file)
    return {
      layer,
      file,
      source:
        parsed.problem === undefined ? read.source : { ...read.source, state: parsed.problem },
      failure: undefined,
      document: undefined,
      ...parsed,
    }
  }
}

const parserOf = async (
  depth: AuditRequest['depth'],
  syntax: Syntax,
): Promise<(text: string, file: string) => Parsed> => {
  if (syntax !== 'toml') {
    const { parseJsonDocument } = await import('../../documents/json.ts')
    return (text, file) => parsedOf(parseJsonDocument(text, file, syntax === 'jsonc'))
  }
  if (depth === 'launch') return (await import('./toml-values.ts')).tomlValues
  const { parseTomlDocument } = await import('../../documents/toml.ts')
  return (text, file) => parsedOf(parseTomlDocument(text, file))
}

/** A key that stands twice is no reason not to look: the last one counts. */
const parsedOf = (document: AuditDocument): Parsed => {
  const problem = document.problems.find(({ kind }) => kind !== 'duplicate')
  return {
    values: document.values,
    problem: problem?.message,
    ...(problem ? { position: problem.position } : {}),
    document,
  }
}

/** Documents by file, for reports and fixes. */
export const documentsOf = (files: readonly ConfigFile[]): ReadonlyMap<string, AuditDocument> =>
  new Map(files.flatMap(({ file, document }) => (document ? [[file, document] as const] : [])))
