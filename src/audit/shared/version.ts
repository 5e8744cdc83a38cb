import { type AbsolutePath, join, parentOf } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AgentVersion } from '../model.ts'

/** Larger files are no description of a package. */
const MAX_PACKAGE = 1 << 18

/**
 * The version of an installed agent, by `--agent-version`, a folder that is named for it, or the
 * package.json above the executable. `table` says what the rules are made from.
 */
export const versionOf = (
  { agentVersion }: AuditRequest,
  { installed, host }: AuditWorld,
  packages: readonly string[],
  table: string,
): AgentVersion => {
  const found = (value: string | undefined, from: string): AgentVersion => ({
    value,
    from,
    isKnown: value !== undefined,
    table,
  })
  if (agentVersion !== undefined) return found(agentVersion, '--agent-version')
  for (const executable of installed?.executables ?? []) {
    const folder =
      /^.*\/(?:versions|Cellar\/[^/]+|Caskroom\/[^/]+)\/v?(\d+\.\d+\.\d+)(?=\/|$)/.exec(executable)
    if (folder) return found(folder[1], folder[0])
    for (
      let here = parentOf(executable), depth = 0;
      here !== '/' && depth < 5;
      here = parentOf(here), depth++
    ) {
      const version = packageVersion(host, join(here, 'package.json'), packages)
      if (version !== undefined) return found(version, `${here}/package.json`)
    }
  }
  return found(undefined, installed ? 'the installation does not say it' : 'not installed')
}

const packageVersion = (
  host: AuditWorld['host'],
  file: AbsolutePath,
  packages: readonly string[],
): string | undefined => {
  const read = host.read(file, MAX_PACKAGE)
  const text = read.ok ? new TextDecoder().decode(read.bytes) : ''
  const name = /"name"\s*:\s*"([^"]{1,100})"/.exec(text)?.[1]
  return name !== undefined && packages.includes(name)
    ? /"version"\s*:\s*"(\d+\.\d+\.\d+[^"]{0,40})"/.exec(text)?.[1]
    : undefined
}

/** True when a version is older than another; undefined when it is not known. */
export const isOlder = (
  version: string | undefined,
  than: readonly [number, number, number],
): boolean | undefined => {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number)
  if (parts === undefined) return undefined
  const index = parts.findIndex((part, at) => part !== than[at])
  return index >= 0 && (parts[index] ?? 0) < (than[index] ?? 0)
}
