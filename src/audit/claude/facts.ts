import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AnsweredProbe, Cause } from '../model.ts'
import { pathOf } from '../shared/doors.ts'
import { type Server, serversIn } from '../shared/servers.ts'
import { type Table, tableOf, valueAt } from '../../documents/values.ts'
import type { ClaudeLoaded } from './load.ts'
import { type StartMode, startMode } from './mode.ts'
import { type PermissionRule, permissionRules } from './permission-rules.ts'

/** What the rules of Claude Code read: everything loaded, and what it comes to. */
export interface ClaudeFacts extends ClaudeLoaded {
  readonly request: AuditRequest
  readonly world: AuditWorld
  readonly start: StartMode
  readonly rules: readonly PermissionRule[]
  readonly servers: readonly Server[]
  readonly hooks: readonly Hook[]
  /** Empty at launch. */
  readonly probes: readonly AnsweredProbe[]
}

/** One hook that some layer registers. */
export interface Hook {
  readonly event: string
  readonly values: Table
  readonly cause: Cause
}

/** Facts from what was loaded; the probes come afterwards, because answering them needs these. */
export const factsOf = (
  loaded: ClaudeLoaded,
  request: AuditRequest,
  world: AuditWorld,
): ClaudeFacts => ({
  ...loaded,
  request,
  world,
  start: startMode(loaded, request),
  rules: permissionRules(loaded.config),
  servers: serversOf(loaded, world),
  hooks: hooksOf(loaded),
  probes: [],
})

const serversOf = (loaded: ClaudeLoaded, { project }: AuditWorld): Server[] =>
  [
    { ...loaded.mcp, path: ['mcpServers'] },
    { ...loaded.state, path: ['mcpServers'] },
    { ...loaded.state, path: ['projects', project, 'mcpServers'] },
  ].flatMap((place) =>
    serversIn(tableOf(valueAt(place.values, place.path)), place, ['env', 'headers']),
  )

/** More hooks than anybody has. */
const MAX_HOOKS = 200

/** `hooks.EVENT[].hooks[]` of every layer: they add up (code.claude.com/docs/en/hooks). */
const hooksOf = ({ config }: ClaudeLoaded): Hook[] =>
  config
    .all('hooks')
    .flatMap(({ layer, value }) =>
      Object.entries(tableOf(value)).flatMap(([event, groups]) =>
        (Array.isArray(groups) ? groups : []).flatMap((group: unknown, at) => {
          const hooks = tableOf(group)['hooks']
          return (Array.isArray(hooks) ? hooks : []).map(
            (hook: unknown, index): Hook => ({
              event,
              values: tableOf(hook),
              cause: {
                file: layer.file,
                path: ['hooks', event, at, 'hooks', index],
                layer: layer.name,
              },
            }),
          )
        }),
      ),
    )
    .slice(0, MAX_HOOKS)

/** Additional directories of all layers, each on this machine. */
export const additionalDirectories = ({
  config,
  world,
}: Pick<ClaudeFacts, 'config' | 'world'>): string[] =>
  config
    .items('permissions', 'additionalDirectories')
    .flatMap(({ text }) => pathOf(world, text, world.project) ?? [])

/** True for a layer that comes with the project: whoever wrote the repository wrote it. */
export const isOfProject = (layer: string | undefined): boolean =>
  layer === 'project' || layer === 'local' || layer === '.mcp.json'
