import { createHash } from 'node:crypto'
import type { AuditReport, Finding, RuleInfo, Severity } from '../audit/model.ts'
import { printable } from '../text/unsafe-text.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json'

/** SARIF's levels, which GitHub shows. */
const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}

/** GitHub's bands: critical from 9.0, high from 7.0, medium from 4.0. */
const SCORE: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
}

/** The findings as SARIF 2.1.0, with the fields that GitHub's code scanning reads. */
export const auditSarif = (report: AuditReport, rules: readonly RuleInfo[]): string =>
  `${JSON.stringify(
    {
      $schema: SCHEMA,
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'launcher', rules: rules.map(ruleOf) } },
          automationDetails: { id: `launcher-audit/${report.format}` },
          originalUriBaseIds: {
            PROJECT: { uri: fileUri(`${report.project}/`) },
            HOME: { uri: fileUri(`${report.home}/`) },
          },
          columnKind: 'utf16CodeUnits',
          properties: {
            agent: report.agent,
            agentVersion: report.version.value ?? null,
            profile: 'profile' in report.kernel ? report.kernel.profile : null,
          },
          results: report.findings.map((finding) => resultOf(finding, report, rules)),
        },
      ],
    },
    undefined,
    2,
  )}\n`

const ruleOf = ({ id, severity, what, why, fix, versions }: RuleInfo): Record<string, unknown> => ({
  id,
  name: id,
  shortDescription: { text: sentence(what) },
  fullDescription: { text: why },
  help: {
    text: `${why} ${fix}`,
    markdown: `${why}\n\n**${fix}**${versions === undefined ? '' : `\n\nVersions: ${versions}`}`,
  },
  defaultConfiguration: { level: LEVEL[severity] },
  properties: {
    tags: ['security', 'configuration'],
    precision: 'high',
    'problem.severity':
      LEVEL[severity] === 'error'
        ? 'error'
        : LEVEL[severity] === 'warning'
          ? 'warning'
          : 'recommendation',
    'security-severity': SCORE[severity],
  },
})

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const resultOf = (
  finding: Finding,
  report: AuditReport,
  rules: readonly RuleInfo[],
): Record<string, unknown> => {
  const kernel = finding.kernel
    ? ` ${finding.kernel.shut ? 'The kernel covers it' : 'The kernel does not cover it'}: ${finding.kernel.because}.`
    : ''
  const proof = finding.proof
    ? ` Proof: ${finding.proof.tool} ${finding.proof.subject} → ${finding.proof.gate.verdict} (${finding.proof.cwd}).`
    : ''
  return {
    ruleId: finding.id,
    ruleIndex: rules.findIndex(({ id }) => id === finding.id),
    level: LEVEL[finding.severity],
    rank: Number(SCORE[finding.severity]) * 10,
    message: { text: printable(`${finding.message}.${proof}${kernel} ${finding.fix}`) },
    locations: [locationOf(finding, report)],
    partialFingerprints: { 'launcherFinding/v1': fingerprint(finding, report) },
    properties: {
      'security-severity': SCORE[finding.severity],
      severity: finding.severity,
      layer: finding.cause.layer ?? null,
      kernelCovers: finding.kernel?.shut ?? null,
    },
  }
}

/**
 * A file relative to the project or the home directory; what is no file stands at the audited one.
 * GitHub wants a region in every location.
 */
const locationOf = ({ cause, position }: Finding, report: AuditReport): Record<string, unknown> => {
  const file = cause.file.startsWith('<') ? report.file : cause.file
  const region = position
    ? {
        startLine: position.line,
        startColumn: position.column,
        endLine: position.endLine,
        endColumn: Math.max(
          position.endColumn,
          position.endLine === position.line ? position.column : 1,
        ),
      }
    : { startLine: 1, startColumn: 1 }
  return {
    physicalLocation: { artifactLocation: artifactOf(file, report), region },
    ...(cause.path && cause.path.length > 0
      ? {
          logicalLocations: [
            { fullyQualifiedName: printable(cause.path.join('.')), kind: 'member' },
          ],
        }
      : {}),
  }
}

const artifactOf = (file: string, { project, home }: AuditReport): Record<string, unknown> => {
  for (const [uriBaseId, base] of [
    ['PROJECT', project],
    ['HOME', home],
  ] as const) {
    if (base !== '/' && file.startsWith(`${base}/`))
      return { uri: encodePath(file.slice(base.length + 1)), uriBaseId }
  }
  return { uri: fileUri(file) }
}

const encodePath = (path: string): string => path.split('/').map(encodePart).join('/')

/** A lone surrogate cannot be encoded: it becomes U+FFFD, as in UTF-8. */
const encodePart = (name: string): string => encodeURIComponent(name.toWellFormed())

const fileUri = (path: string): string => `file://${encodePath(path)}`

/** The same for the same cause, however lines move. */
const fingerprint = ({ id, cause, message }: Finding, { home, format }: AuditReport): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        format,
        id,
        cause.file.replace(home, '~'),
        cause.path?.filter((part) => typeof part === 'string') ?? [],
        cause.path ? '' : message,
        message.match(/"[^"]*"/)?.[0] ?? '',
      ]),
    )
    .digest('hex')
    .slice(0, 32)
