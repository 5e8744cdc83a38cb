import { audit } from './audit.ts'
import type { AuditRequest, AuditWorld, Dialect } from './dialect.ts'
import type { Enforcement } from './kernel.ts'
import type { AgentVersion, Finding } from './model.ts'

/**
 * The dialects that each start can afford, each a module that loads nothing of the full audit: what
 * `run` is built from has no parser in it.
 */
const AT_LAUNCH: ReadonlyMap<string, () => Promise<Pick<Dialect, 'format' | 'agent' | 'inspect'>>> =
  new Map([
    [
      'vibe',
      async () =>
        ({
          format: 'vibe',
          agent: 'Mistral Vibe',
          inspect: (await import('./vibe/launch.ts')).inspectAtLaunch,
        }) as const,
    ],
  ])

/** What an audit at launch has to say. */
export interface LaunchAudit {
  readonly agent: string
  readonly version: AgentVersion
  /** What is critical, and not covered by the kernel. */
  readonly open: readonly Finding[]
  /** What keeps the agent from starting under this policy. */
  readonly stops: readonly Finding[]
}

/**
 * The cheap part of an audit, for each start. Undefined for a format that is not looked at here.
 */
export const auditAtLaunch = async (
  format: string,
  request: Pick<AuditRequest, 'file' | 'words'>,
  world: AuditWorld,
  kernel: Enforcement,
): Promise<LaunchAudit | undefined> => {
  const load = AT_LAUNCH.get(format)
  if (!load) return undefined
  const { agent, version, findings } = await audit(
    await load(),
    { ...request, depth: 'launch' },
    world,
    kernel,
  )
  return {
    agent,
    version,
    open: findings.filter(
      ({ severity, kernel: answer }) => severity === 'critical' && answer?.shut !== true,
    ),
    stops: findings.filter(({ stop }) => stop !== undefined),
  }
}
