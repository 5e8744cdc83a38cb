import { DIALECTS } from '../../audit/dialects.ts'
import { FORMATS, type Format } from '../../audit/model.ts'
import { recognise } from '../../audit/recognise.ts'
import { LauncherError } from '../../errors.ts'
import type { Host } from '../../machine/host.ts'
import { written } from '../../machine/physical.ts'
import { createWalker } from '../../machine/walk.ts'
import { pathWord } from '../../policy/run-command.ts'
import { decodeText } from '../../text/decode.ts'

/**
 * Whose configuration is to be audited: `--format`, else what the operand is by its path, its links
 * or its text; without an operand Vibe's. `input` gives the text for `-`. Throws E_USAGE where
 * nothing tells, with the formats that it could be.
 */
export const formatOf = async (
  flag: string | undefined,
  operand: string | undefined,
  host: Host,
  input: () => string,
): Promise<Format> => {
  if (flag !== undefined) {
    const format = FORMATS.find((one) => one === flag)
    if (!format) throw usage(`${flag} is not a format`, `one of ${FORMATS.join(', ')}`)
    return format
  }
  if (operand === undefined) return 'vibe'
  const found =
    operand === '-'
      ? await recognise([], input)
      : await recognise(namesOf(operand, host), () => textOf(operand, host))
  if ('format' in found) return found.format
  const words = operand === '-' ? 'standard input' : pathWord(operand, host.home)
  const agents = FORMATS.map((format) => `${format} (${DIALECTS[format].agent})`)
  if (found.owner !== undefined)
    throw usage(
      `${words} is ${found.owner}'s, which launcher cannot audit`,
      `it can audit ${agents.join(', ')}`,
    )
  const candidates = found.candidates.length > 0 ? found.candidates : FORMATS
  throw usage(
    `launcher cannot tell whose configuration ${words} is: it could be ${candidates.map((format) => DIALECTS[format].agent).join(' or ')}`,
    `say it: launcher audit ${words} --format ${candidates.join('|')}`,
  )
}

const usage = (message: string, hint: string): LauncherError =>
  new LauncherError('E_USAGE', message, { hint })

/**
 * A path as people write one, made absolute without its links being followed; undefined where it is
 * none.
 */
export const operandPath = (operand: string, host: Host) =>
  written(createWalker(host), host, operand)

/** The path as named, then each link on its way and its end. */
const namesOf = (operand: string, host: Host): readonly string[] => {
  const path = operandPath(operand, host)
  if (path === undefined) return [operand]
  const { hops, real } = createWalker(host)(path)
  return [operand, path, ...hops.map((hop) => hop.path), real]
}

const textOf = (operand: string, host: Host): string | undefined => {
  const path = operandPath(operand, host)
  const read = path === undefined ? undefined : host.read(path, 1 << 20)
  return read?.ok === true ? decodeText(read.bytes) : undefined
}
