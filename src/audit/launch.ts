import { audit } from './audit.ts'
import type { AuditRequest, AuditWorld, Dialect } from './dialect.ts'
import type { Enforcement } from './kernel.ts'
import type { Finding } from './model.ts'

/** The dialects that each start can afford, each a module that loads nothing of the full audit: what `run` is built from has no parser in it. */
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

/** The cheap part of an audit, for each start: critical findings that the kernel does not cover. A format that is not looked at here has none. */
export const auditAtLaunch = async (
  format: string,
  request: Pick<AuditRequest, 'file' | 'words'>,
  world: AuditWorld,
  kernel: Enforcement,
): Promise<readonly Finding[]> => {
  const load = AT_LAUNCH.get(format)
  if (!load) return []
  const { findings } = await audit(await load(), { ...request, depth: 'launch' }, world, kernel)
  return findings.filter(
    ({ severity, kernel: answer }) => severity === 'critical' && answer?.shut !== true,
  )
}
