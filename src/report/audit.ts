import { clipColumns, padColumns, rowsOf } from '../text/columns.ts'
import type { AuditReport, Finding, JoinedProbe, RuleInfo, Severity } from '../audit/model.ts'
import { countLayers, isDoor, type Matrix, type MatrixRow, matrixOf } from './audit-matrix.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** How much of a report is shown. */
export interface AuditView {
  readonly all: boolean
  readonly palette: Palette
  readonly width: number
}

const SHOWN_FINDINGS = 7

/**
 * One screen for people: verdict, the worst findings, the folded matrix; `all` shows everything.
 */
export const auditText = (report: AuditReport, view: AuditView): string => {
  const short = (path: string): string =>
    path.startsWith('<') ? printable(path) : tilde(path, report.home)
  const findings = view.all
    ? report.findings
    : report.findings
        .filter(({ severity }) => severity !== 'info' && severity !== 'low')
        .slice(0, SHOWN_FINDINGS)
  const rest = report.findings.length - findings.length
  return `${[
    ...heading(report, view.palette, short),
    '',
    ...findings.flatMap((finding) => findingLines(finding, view, short)),
    ...(rest > 0
      ? [view.palette.dim(`  ${rest} more: --all shows them, --explain ID tells what one means`)]
      : []),
    ...matrixLines(report, view),
    ...(view.all ? detailLines(report, view.palette, short) : []),
  ].join('\n')}\n`
}

/** States of a source that is what it seems to be. */
const IN_FORCE: ReadonlySet<string> = new Set(['used', 'from standard input'])

const heading = (
  report: AuditReport,
  palette: Palette,
  short: (path: string) => string,
): string[] => {
  const source = report.sources.find(({ file }) => file === report.file)
  const chain = (source?.hops ?? []).map(
    ({ path, target }) => `  ${short(path)} is a link to ${printable(target)}`,
  )
  const { version } = report
  const used = version.isKnown ? '' : palette.yellow(`, taken for ${printable(version.table)}`)
  const beside =
    'profile' in report.kernel
      ? `beside the kernel under the profile ${printable(report.kernel.profile)}`
      : palette.yellow(`without the kernel: ${printable(report.kernel.missing)}`)
  return [
    palette.bold(
      `${short(report.file)}: ${report.agent} ${printable(version.value ?? 'of an unknown version')}`,
    ),
    ...chain,
    ...(source === undefined || IN_FORCE.has(source.state)
      ? []
      : [
          palette.red(
            `  it counts for nothing (${printable(source.state).replace(/^is /, '')}): what follows is the agent without it`,
          ),
        ]),
    palette.dim(
      version.value === undefined
        ? `  no version: ${short(version.from)}`
        : `  version from ${short(version.from)}`,
    ) + used,
    `  ${beside}`,
    '',
    verdict(report, palette),
  ]
}

const verdict = (report: AuditReport, palette: Palette): string => {
  // Findings come worst first, so that their severities do, too.
  const counts = [...new Set(report.findings.map(({ severity }) => severity))].map((severity) => ({
    severity,
    count: report.findings.filter((finding) => finding.severity === severity).length,
  }))
  const words = counts
    .map(({ severity, count }) => colour(severity, palette)(`${count} ${severity}`))
    .join(', ')
  const layers = countLayers(report.probes)
  const doors =
    report.probes.length === 0
      ? ''
      : 'profile' in report.kernel
        ? `; ${layers.runs} doors stand open in the agent, ${layers.none === 0 ? palette.green('the kernel shuts every one') : palette.red(`the kernel leaves ${layers.none} of them open`)}`
        : `; ${layers.runs} doors stand open in the agent`
  return `${words === '' ? palette.green('nothing found') : words}${doors}`
}

const colour = (severity: Severity, palette: Palette): ((text: string) => string) =>
  severity === 'critical' || severity === 'high'
    ? palette.red
    : severity === 'medium'
      ? palette.yellow
      : palette.dim

/** Where a finding comes from, as editors understand it. */
const placeText = (
  { cause, position, isNearest }: Finding,
  short: (path: string) => string,
): string =>
  `${short(cause.file)}${position ? `:${position.line}:${position.column}` : ''}${isNearest && (cause.path?.length ?? 0) > 0 ? ` (no ${printable(cause.path!.join('.'))} there)` : ''}`

const findingLines = (
  finding: Finding,
  { palette, width, all }: AuditView,
  short: (path: string) => string,
): string[] => {
  const label = `  ${finding.severity.padEnd(8)} ${finding.id} `
  const [first = '', ...more] = rowsOf(label, printable(finding.message).split(' '), width)
  const proof = finding.proof
    ? `${printable(finding.proof.tool)} ${printable(finding.proof.subject)} → ${finding.proof.gate.verdict}${finding.proof.cwd === 'home' ? ' in the home directory' : ''}`
    : ''
  const kernel = finding.kernel
    ? finding.kernel.shut
      ? palette.green('the kernel covers it')
      : palette.red(`not covered: ${printable(finding.kernel.because)}`)
    : ''
  const details = [placeText(finding, short), proof, kernel].filter((part) => part !== '')
  return [
    colour(finding.severity, palette)(first),
    ...more,
    `${' '.repeat(label.length)}${palette.dim(details.join(' · '))}`,
    ...(all ? [`${' '.repeat(label.length)}${palette.dim(`${finding.why} ${finding.fix}`)}`] : []),
  ]
}

const matrixLines = (report: AuditReport, view: AuditView): string[] => {
  const shown = view.all
    ? report.probes
    : report.probes.filter(
        (probe) => isDoor(probe) && (probe.group !== 'command' || probe.cwd === 'project'),
      )
  const files = shown.filter(({ group }) => group !== 'command')
  const commands = shown.filter(({ group }) => group === 'command')
  if (report.probes.length === 0) return []
  const layers = countLayers(report.probes)
  const summary =
    'profile' in report.kernel
      ? `two layers ${layers.two}, agent only ${layers.gate}, kernel only ${layers.kernel}, none ${layers.none}`
      : `asked or denied ${layers.gate}, runs ${layers.none}`
  return [
    '',
    view.palette.bold('what the agent would do · what the kernel would say') +
      view.palette.dim(`   ${summary}`),
    ...table(matrixOf(files, !view.all), view),
    ...commandLines(matrixOf(commands, !view.all), view),
  ]
}

const CELL = 15

const table = ({ tools, rows }: Matrix, { palette, width, all }: AuditView): string[] => {
  const label = Math.max(24, width - 2 - tools.length * CELL)
  const cell = (probe: JoinedProbe | undefined): string =>
    probe
      ? paint(
          probe,
          palette,
        )(
          `${probe.gate.verdict}${probe.kernel ? ` · ${probe.kernel.shut ? 'shut' : 'open'}` : ''}`.padEnd(
            CELL,
          ),
        )
      : ' '.repeat(CELL)
  const line = (row: MatrixRow): string =>
    `  ${padColumns(clipColumns(rowName(row, all), label - 1), label)}${row.cells.map(cell).join('')}`.trimEnd()
  return (['project', 'home'] as const).flatMap((cwd) => {
    const here = rows.filter((row) => row.cwd === cwd)
    return here.length === 0
      ? []
      : [
          `${`started in ${cwd === 'home' ? 'the home directory' : 'the project'}`.padEnd(label + 2)}${palette.dim(
            tools
              .map((tool) => padColumns(clipColumns(tool, CELL - 1), CELL))
              .join('')
              .trimEnd(),
          )}`,
          ...here.map(line),
        ]
  })
}

const rowName = ({ subjects, group }: MatrixRow, all: boolean): string => {
  if (all || subjects.length === 1) return printable(subjects.join(', '))
  const name =
    group === 'secret' ? 'secrets' : group === 'persistence' ? 'start-up files' : 'commands'
  return `${subjects.length} ${name}: ${subjects.map(printable).join(', ')}`
}

/** Red where nothing stands in the way. */
const paint = (probe: JoinedProbe, palette: Palette): ((text: string) => string) => {
  if (!isDoor(probe)) return palette.dim
  const { layers } = probe
  return layers === 'none' ? palette.red : layers === 'two' ? palette.green : palette.yellow
}

const commandLines = ({ rows }: Matrix, { palette, width, all }: AuditView): string[] =>
  rows.length === 0
    ? []
    : [
        'bash commands',
        ...rows.map((row) => {
          const probe = row.cells[0]!
          const label =
            `${probe.gate.verdict}${probe.kernel ? ` · ${probe.kernel.shut ? 'shut' : 'open'}` : ''}`.padEnd(
              CELL,
            )
          const where = row.cwd === 'home' ? ' (home)' : ''
          const text = all
            ? `${printable(probe.subject)}${where}`
            : `${row.subjects.length}${where}: ${row.subjects.map(printable).join(' │ ')}`
          return `  ${paint(probe, palette)(label)}${all ? text : clipColumns(text, width - CELL - 2)}`
        }),
      ]

const detailLines = (
  report: AuditReport,
  palette: Palette,
  short: (path: string) => string,
): string[] => [
  '',
  palette.bold('sources'),
  ...report.sources.map(
    ({ layer, file, state }) =>
      `  ${padColumns(printable(layer), 14)} ${short(file)}: ${printable(state)}`,
  ),
  ...(report.settings.length === 0
    ? []
    : [
        '',
        palette.bold('settings in force'),
        ...report.settings.map(
          ({ key, value, layer }) =>
            `  ${printable(key)} = ${printable(value)} ${palette.dim(`(${printable(layer)})`)}`,
        ),
      ]),
]

/** What one check means. */
export const ruleText = (
  { id, severity, versions, what, why, fix }: RuleInfo,
  agent: string,
): string =>
  `${id} (${agent}, ${severity}${versions === undefined ? '' : `, ${versions}`})\n  ${what}\n  ${why}\n  ${fix}\n`
