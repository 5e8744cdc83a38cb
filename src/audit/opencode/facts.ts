import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AnsweredProbe } from '../model.ts'
import type { Server } from '../shared/servers.ts'
import { stringsOf, tableOf } from '../shared/values.ts'
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
export const factsOf = (loaded: OpenCodeLoaded, request: AuditRequest, world: AuditWorld): OpenCodeFacts => {
  const agent = agentOf(loaded, request)
  return {
    ...loaded,
    request,
    world,
    agent,
    rulings: rulingsOf(loaded, agent, world.host.home),
    isAuto: request.words.some((word) => word === '--auto' || word === '--dangerously-skip-permissions'),
    servers: serversOf(loaded),
    probes: [],
  }
}

const agentOf = ({ config }: OpenCodeLoaded, { words }: AuditRequest): string => {
  const at = words.indexOf('--agent')
  const said = words.find((word) => word.startsWith('--agent='))?.slice('--agent='.length) ?? (at < 0 ? undefined : words[at + 1])
  const setting = config.get('default_agent')
  return said ?? (typeof setting === 'string' && setting !== '' ? setting : 'build')
}

/** More servers than anybody has. */
const MAX_SERVERS = 200

const serversOf = ({ config }: OpenCodeLoaded): Server[] =>
  config.all('mcp').flatMap(({ layer, value }) =>
    Object.entries(tableOf(value))
      .slice(0, MAX_SERVERS)
      .flatMap(([name, entry]): Server[] => {
        const server = tableOf(entry)
        if (server['enabled'] === false) return []
        const values = ['environment', 'headers', 'oauth'].map((key) => ({ key, table: tableOf(server[key]) }))
        return [{ name, words: stringsOf(server['command']), url: server['url'], values, at: (...key) => ({ file: layer.file, path: ['mcp', name, ...key], layer: layer.name }) }]
      }),
  )
