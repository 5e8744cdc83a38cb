import type { AuditRequest, AuditWorld, Dialect, Inspection, RuleCase } from './dialect.ts'
import { answerFinding, answerProbe, type Enforcement, layersOf } from './kernel.ts'
import { type AuditReport, type Finding, type JoinedProbe, SEVERITIES } from './model.ts'

/**
 * Inspects a configuration and joins what comes out with places in the files and with the kernel's
 * answers. `missing` says why there is no policy to ask.
 */
export const audit = async (
  dialect: Pick<Dialect, 'format' | 'agent' | 'inspect'>,
  request: AuditRequest,
  world: AuditWorld,
  kernel: Enforcement | { readonly missing: string },
): Promise<AuditReport> => {
  const inspection = await dialect.inspect(request, world)
  const enforcement = 'missing' in kernel ? undefined : kernel
  const probes = inspection.probes.map((probe): JoinedProbe => {
    const answer = enforcement && answerProbe(probe.needs, enforcement, probe.cwd)
    return { ...probe, kernel: answer, layers: layersOf(probe.gate.verdict, answer) }
  })
  const byId = new Map(probes.map((probe) => [probe.id, probe]))
  return {
    format: dialect.format,
    agent: dialect.agent,
    version: inspection.version,
    file: request.file,
    sources: inspection.sources,
    settings: inspection.settings,
    findings: inspection.cases
      .map((one) => findingOf(one, inspection, byId, enforcement))
      .sort(bySeverity),
    probes,
    kernel: 'missing' in kernel ? kernel : { profile: kernel.profile },
    project: world.project,
    home: world.host.home,
    documents: inspection.documents,
    isFromInput: request.text !== undefined,
  }
}

const findingOf = (
  { rule, found }: RuleCase,
  { documents }: Inspection,
  probes: ReadonlyMap<string, JoinedProbe>,
  kernel: Enforcement | undefined,
): Finding => {
  const document = documents.get(found.cause.file)
  const { path, position } = found.cause
  const located = position
    ? { position, isNearest: false }
    : document && path && document.locate(path)
  const proof = found.probe === undefined ? undefined : probes.get(found.probe)
  const answer = kernel && found.exposes ? answerFinding(found.exposes, kernel) : undefined
  const { stops, ...rest } = found
  const stop = kernel && stops ? answerProbe(stops, kernel, 'project') : undefined
  return {
    ...rule,
    ...rest,
    severity: found.severity ?? rule.severity,
    ...(located ? { position: located.position } : {}),
    ...(located?.isNearest ? { isNearest: true } : {}),
    ...(proof ? { proof } : {}),
    ...(answer ? { kernel: answer } : {}),
    ...(stop?.shut ? { stop: stop.because } : {}),
  }
}

/**
 * What keeps the agent from starting stands before all else; then the worst first, in the order of
 * the catalogue within.
 */
const bySeverity = (a: Finding, b: Finding): number =>
  Number(b.stop !== undefined) - Number(a.stop !== undefined) ||
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
