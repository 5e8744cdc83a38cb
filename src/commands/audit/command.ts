import { audit } from '../../audit/audit.ts'
import type { AuditRequest, Dialect } from '../../audit/dialect.ts'
import { DIALECTS } from '../../audit/dialects.ts'
import { type AuditReport, isAtLeast, SEVERITIES, type Severity } from '../../audit/model.ts'
import { LauncherError } from '../../errors.ts'
import { decodeText } from '../../text/decode.ts'
import { screenOf } from '../../machine/real/screen.ts'
import { readStandardInput } from '../../launch/standard-input.ts'
import type { Origin } from '../../policy/model.ts'
import { join } from '../../machine/paths.ts'
import type { Request } from '../../policy/request.ts'
import { auditText, ruleText } from '../../report/audit.ts'
import { paletteFor } from '../../report/text.ts'
import { createExpander } from '../../resolve/expand.ts'
import type { AuditFlags } from './flags.ts'
import { formatOf, operandPath } from './format.ts'
import { auditWorld } from '../../run/audit-world.ts'
import { type AuditPolicies, auditPolicies } from './world.ts'
import type { CommandContext } from '../context.ts'

/**
 * `launcher audit [PATH|-|DIR]`: 0 when nothing is as bad as `--fail-on`, 1 when something is, 2
 * when it cannot be read.
 */
export const auditCommand = async (
  operand: string | undefined,
  request: Request,
  flags: AuditFlags,
  context: CommandContext,
): Promise<number> => {
  if (flags.explain !== undefined) return explainRule(flags.explain, context)
  const failOn = severityOf(flags.failOn)
  if (flags.write && !flags.fix)
    throw usage(
      '--write goes with --fix',
      'launcher audit --fix shows the changes, --fix --write makes them',
    )
  const taken = request.grants.find(({ access }) => access === 'write')
  if (flags.fix && taken && operand === undefined)
    throw usage(
      `--write took ${taken.path} for a path to grant`,
      `put --write at the end: launcher audit ${taken.path} --fix --write`,
    )
  if (flags.sarif && context.json) throw usage('--sarif and --json are two formats', 'choose one')
  const input = once(standardInput)
  const format = await formatOf(flags.format, operand, context.host, input)
  const policies = await auditPolicies({ ...request, name: format }, context)
  const dialect = await DIALECTS[format].load()
  const target = targetOf(operand, dialect, policies, input, context)
  const world = auditWorld(context.host, policies.prepared, context.host.env)
  const report = await audit(
    dialect,
    {
      ...target,
      words: [...(policies.prepared?.policy.args ?? []), ...request.words],
      depth: 'full',
      ...(flags.agentVersion === undefined ? {} : { agentVersion: flags.agentVersion }),
    },
    world,
    policies.kernel,
  )
  if (flags.fix)
    return (await import('./fix.ts')).fixCommand(report, flags.write === true, operand, context)
  await print(report, dialect, flags, context)
  const isFailing =
    report.findings.some(({ severity }) => isAtLeast(severity, failOn)) ||
    (request.strict && !report.version.isKnown)
  return isFailing ? 1 : 0
}

const print = async (
  report: AuditReport,
  dialect: Dialect,
  flags: AuditFlags,
  context: CommandContext,
): Promise<void> => {
  if (flags.sarif)
    context.out((await import('../../report/audit-sarif.ts')).auditSarif(report, dialect.rules))
  else if (context.json) context.out((await import('../../report/audit-json.ts')).auditJson(report))
  else {
    const { isTerminal, columns } = screenOf(1)
    context.out(
      auditText(report, {
        all: flags.all === true,
        palette: paletteFor(isTerminal, context.host.env),
        width: Math.min(Math.max(columns, 80), 140),
      }),
    )
  }
}

const usage = (message: string, hint: string): LauncherError =>
  new LauncherError('E_USAGE', message, { hint })

const severityOf = (text: string | undefined): Severity => {
  const severity = SEVERITIES.find((one) => one === (text ?? 'medium'))
  if (!severity) throw usage(`${text ?? ''} is not a severity`, `one of ${SEVERITIES.join(', ')}`)
  return severity
}

type Target = Pick<AuditRequest, 'file' | 'text'>

/**
 * The file: named, in the directory named, from standard input, or the one that the profile names.
 */
const targetOf = (
  operand: string | undefined,
  dialect: Dialect,
  { prepared, kernel }: AuditPolicies,
  input: () => string,
  { host }: CommandContext,
): Target => {
  const own = prepared?.policy.audit?.file
  const expanded =
    own === undefined || !prepared
      ? undefined
      : createExpander(host, { project: prepared.resolution.resolved.project }).path(own, ORIGIN)
  if (operand === undefined || operand === '-') {
    if (expanded === undefined)
      throw usage(
        'nothing to audit',
        'missing' in kernel
          ? kernel.missing
          : `name a file: the profile ${kernel.profile} names none`,
      )
    return operand === '-' ? { file: expanded, text: input() } : { file: expanded }
  }
  const path = operandPath(operand, host)
  if (path === undefined)
    throw usage(`${JSON.stringify(operand)} is no path`, 'name a file or a directory')
  const stat = host.stat(path)
  if (stat?.type === 'directory') {
    const name =
      dialect.fileNames.find((one) => host.lstat(`${path}/${one}`) !== undefined) ??
      dialect.fileNames[0] ??
      ''
    return { file: join(path, name) }
  }
  // A link that leads nowhere is a finding; what is not there at all is a slip.
  if (stat === undefined && host.lstat(path) === undefined)
    throw usage(`${operand} does not exist`, 'name a file or a directory')
  if (stat !== undefined && stat.type !== 'file')
    throw usage(`${operand} is not a regular file`, 'name a file or a directory')
  if (stat !== undefined && !host.canAccess(path, 'read'))
    throw usage(`${operand} cannot be read`, 'audit as the user that it belongs to')
  return { file: path }
}

const ORIGIN: Origin = { strength: 'builtin', file: 'audit', key: 'audit.file' }

/** Standard input can be read but once. */
const once = (read: () => string): (() => string) => {
  let text: string | undefined
  return () => (text ??= read())
}

const standardInput = (): string => {
  const bytes = readStandardInput(1 << 20)
  if (bytes === undefined)
    throw usage('standard input is larger than 1 MiB', 'a configuration is a short text')
  const text = decodeText(bytes)
  if (text === undefined) throw usage('standard input is not valid UTF-8', 'save it as UTF-8')
  return text
}

const explainRule = async (id: string, context: CommandContext): Promise<number> => {
  const known: string[] = []
  for (const { load } of Object.values(DIALECTS)) {
    const { rules, agent } = await load()
    const rule = rules.find((one) => one.id === id.toUpperCase())
    known.push(`${rules[0]?.id ?? ''} to ${rules.at(-1)?.id ?? ''}`)
    if (!rule) continue
    const { envelope } = await import('../../report/json.ts')
    context.out(context.json ? envelope('audit-rule', { agent, rule }) : ruleText(rule, agent))
    return 0
  }
  throw usage(`there is no check ${JSON.stringify(id)}`, `they are ${known.join(', ')}`)
}
