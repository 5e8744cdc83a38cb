import { parse, TomlError } from 'smol-toml'
import type { AuditRequest, AuditWorld, Inspection } from '../dialect.ts'
import { tomlLimit } from '../documents/toml-limits.ts'
import { applyRules } from '../rules.ts'
import { configReader, type ParseConfig } from './config-file.ts'
import { factsOf } from './facts.ts'
import { gatherFiles } from './file-facts.ts'
import { loadVibe } from './load.ts'
import { CRITICAL } from './rules/critical.ts'

/** The part of the audit that each start can afford: what is critical, without positions, probes or the parser of bash. */
export const inspectAtLaunch = async (request: AuditRequest, world: AuditWorld): Promise<Inspection> => {
  const loaded = loadVibe(request, world, configReader(world, parseValues))
  const facts = factsOf(loaded, request, world, gatherFiles(loaded, world))
  const { value, from, isKnown, table } = facts.version
  return { version: { value, from, isKnown, table }, sources: [], settings: [], documents: new Map(), cases: applyRules(CRITICAL, facts), probes: [] }
}

/** Values alone, in a fraction of the time. smol-toml takes a byte order mark for a blank; Python does not. */
const parseValues: ParseConfig = (text) => {
  const bad = (problem: string): ReturnType<ParseConfig> => ({ values: {}, problem, document: undefined })
  const limit = tomlLimit(text)
  if (limit) return bad(limit.message)
  if (text.startsWith('\ufeff')) return bad('is not valid TOML: it begins with a byte order mark')
  try {
    return { values: parse(text), problem: undefined, document: undefined }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return bad(`is not valid TOML: ${error.message.split('\n')[0] ?? ''} (line ${error.line})`)
  }
}
