import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AnsweredProbe } from '../model.ts'
import { enabled, type Server, serversIn } from '../shared/servers.ts'
import { wordAfter } from '../shared/words.ts'
import type { OpenCodeLoaded } from './load.ts'
import { type Ruling, rulingsOf } from './permissions.ts'

/** What the rules of OpenCode read: everything loaded, and what it comes to. */
export interface OpenCodeFacts extends OpenCodeLoaded {
  readonly request: AuditRequest
  readonly world: AuditWorld
  /** The agent that a session starts with. */
  readonly agent: string
  readonly rulings: readonly Ruling[]
  /** `--auto`: what would ask runs (opencode.ai/docs/permissions). */
  readonly isAuto: boolean
  readonly servers: readonly Server[]
  /** Empty at launch. */
  readonly probes: readonly AnsweredProbe[]
}

/** Facts from what was loaded; the probes come afterwards, because answering them needs these. */
export const factsOf = (
  loaded: OpenCodeLoaded,
  request: AuditRequest,
  world: AuditWorld,
): OpenCodeFacts => {
  const agent = agentOf(loaded, request)
  return {
    ...loaded,
    request,
    world,
    agent,
    rulings: rulingsOf(loaded, agent, world.host.home),
    isAuto: request.words.some(
      (word) => word === '--auto' || word === '--dangerously-skip-permissions',
    ),
    servers: serversOf(loaded),
    probes: [],
  }
}

const agentOf = ({ config }: OpenCodeLoaded, { words }: AuditRequest): string => {
  const setting = config.get('default_agent')
  return (
    wordAfter(words, '--agent') ??
    (typeof setting === 'string' && setting !== '' ? setting : 'build')
  )
}

const serversOf = ({ config }: OpenCodeLoaded): Server[] =>
  config
    .all('mcp')
    .flatMap(({ layer, value }) =>
      serversIn(enabled(value), { file: layer.file, layer: layer.name, path: ['mcp'] }, [
        'environment',
        'headers',
        'oauth',
      ]),
    )
