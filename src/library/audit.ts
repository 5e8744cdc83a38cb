// What `import 'launcher/audit'` gives: the audit of an agent's configuration, without a policy to
// hold it against.
import { fileURLToPath } from 'node:url'
import { audit } from '../audit/audit.ts'
import { DIALECTS } from '../audit/dialects.ts'
import { type AuditReport, type Format, FORMATS } from '../audit/model.ts'
import { recognise } from '../audit/recognise.ts'
import { LauncherError } from '../errors.ts'
import { toAbsolutePath } from '../machine/paths.ts'
import { realHost } from '../machine/real/host.ts'
import { auditWorld } from '../run/audit-world.ts'
import { decodeText } from '../text/decode.ts'

export {
  type AuditReport,
  type Finding,
  type Format,
  FORMATS,
  type Severity,
} from '../audit/model.ts'
export { LauncherError } from '../errors.ts'

/** What is to be audited. */
export interface AuditInput {
  /**
   * The agent's configuration file: an absolute path. With `text`, the path that the text stands
   * for.
   */
  readonly file: string
  readonly text?: string
  /** Whose configuration it is; without it the path and the text tell. */
  readonly format?: Format
  /** The directory that the agent would work in: a real path; the working directory without it. */
  readonly project?: string
  /** The agent's version; without it the newest known one is assumed. */
  readonly agentVersion?: string
  /** Variables that the agent would see; none without it. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const MAX_TEXT = 1 << 20

/**
 * Audits one configuration: findings and probes with positions, the kernel's column left empty.
 * @throws LauncherError `E_USAGE` for a path that is not absolute, a file that cannot be read, and
 * a configuration of which nothing tells whose it is.
 */
export const auditFile = async (input: AuditInput): Promise<AuditReport> => {
  const file = pathOf(input.file)
  const host = realHost(fileURLToPath(new URL('../..', import.meta.url)))
  const textOf = (): string | undefined => {
    if (input.text !== undefined) return input.text
    const read = host.read(file, MAX_TEXT)
    return read.ok ? decodeText(read.bytes) : undefined
  }
  const format = input.format ?? (await formatOf(file, textOf))
  const dialect = await DIALECTS[format].load()
  const world = auditWorld(host, undefined, input.env ?? {})
  return audit(
    dialect,
    {
      file,
      words: [],
      depth: 'full',
      ...(input.text === undefined ? {} : { text: input.text }),
      ...(input.agentVersion === undefined ? {} : { agentVersion: input.agentVersion }),
    },
    { ...world, project: input.project === undefined ? world.project : pathOf(input.project) },
    { missing: 'no policy was asked' },
  )
}

const formatOf = async (file: string, text: () => string | undefined): Promise<Format> => {
  const found = await recognise([file], text)
  if ('format' in found) return found.format
  throw new LauncherError('E_USAGE', `whose configuration ${file} is cannot be told`, {
    hint: `pass format: one of ${FORMATS.join(', ')}`,
  })
}

const pathOf = (text: string) => {
  const path = toAbsolutePath(text)
  if (path === undefined)
    throw new LauncherError('E_USAGE', `${JSON.stringify(text)} is no absolute path`, {
      hint: 'resolve it first',
    })
  return path
}
