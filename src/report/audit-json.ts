import type { AuditReport } from '../audit/model.ts'
import { countLayers } from './audit-matrix.ts'
import { envelope } from './json.ts'

/**
 * Version of what stands in the document beside the envelope's own; changes when a field changes
 * its meaning.
 */
const SCHEMA = 1

/** The whole report for programs. Variables by name, never by value. */
export const auditJson = (report: AuditReport): string =>
  envelope('audit', {
    schema: SCHEMA,
    format: report.format,
    agent: report.agent,
    agentVersion: report.version,
    file: report.file,
    project: report.project,
    profile: 'profile' in report.kernel ? report.kernel.profile : null,
    noKernelBecause: 'missing' in report.kernel ? report.kernel.missing : null,
    layers: countLayers(report.probes),
    sources: report.sources,
    settings: report.settings,
    findings: report.findings.map(
      ({
        cause: { position: _, ...cause },
        edits,
        exposes,
        proof,
        probe,
        kernel,
        position,
        isNearest,
        versions,
        paste,
        ...finding
      }) => ({
        ...finding,
        cause,
        versions: versions ?? null,
        position: position ?? null,
        isNearest: isNearest === true,
        proof: proof?.id ?? probe ?? null,
        kernel: kernel ?? null,
        exposes: exposes ?? [],
        edits: edits ?? [],
        paste: paste ?? null,
      }),
    ),
    probes: report.probes,
  })
