import { createHash } from 'node:crypto'
import { LauncherError } from '../errors.ts'
import {
  HOST_FORMS,
  type HostPattern,
  LOCALHOST_ADDRESSES,
  readPattern,
} from '../policy/host-pattern.ts'

/** A program that LuLu is to hold to the allowlist. */
export interface LuluProgram {
  /** Absolute, with links followed: LuLu sees the path that the kernel started. */
  readonly path: string
  /**
   * For a program signed with a developer's identity, which LuLu knows by `IDENTIFIER:AUTHORITY`
   * and not by its path (`codesign -dv --verbose=2` shows both).
   */
  readonly signature?: { readonly identifier: string; readonly authority: string }
}

/**
 * What is exported: entries as in `[network] hosts`, registries already turned into hosts, and
 * refused ones.
 */
export interface LuluExport {
  readonly programs: readonly LuluProgram[]
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/**
 * The allowlist as a file for LuLu's "Import rules" (in LuLu since 2024), the JSON that its "Export
 * rules" writes: an object of lists, by program. For each program: each host at each port allowed,
 * refused hosts blocked there, and everything else blocked. Numbers are texts in it, which every
 * version reads. LuLu prefers an address with a port over either alone, and among equals the later
 * rule (objective-see/LuLu, Rules.m).
 *
 * Importing replaces the user's own rules in LuLu (older versions: all rules). Throws E_USAGE for a
 * path that LuLu would take for more than one program, E_NETWORK for an entry that is no pattern.
 */
export const luluRules = ({ programs, allow, deny }: LuluExport): string => {
  const allowed = distinct(allow.flatMap((entry) => endpointsOf(readEntry(entry), DEFAULT_PORTS)))
  const ports = [...new Set(allowed.map(({ port }) => port))].sort((a, b) => a - b)
  // What no entry allows is blocked already: a refusal has to be said for those ports alone.
  const refused = distinct(
    deny
      .flatMap((entry) => endpointsOf(readEntry(entry), ports))
      .filter(({ port }) => ports.includes(port)),
  )
  const file: Record<string, readonly LuluRule[]> = {}
  for (const program of programs) {
    const rule = ruleFor(program)
    file[keyOf(program)] = [
      rule(EVERYWHERE, BLOCK),
      ...allowed.map((endpoint) => rule(endpoint, ALLOW)),
      ...refused.map((endpoint) => rule(endpoint, BLOCK)),
    ]
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

/** One rule as LuLu's `initFromJSON` reads it. */
interface LuluRule {
  readonly key: string
  readonly uuid: string
  readonly path: string
  readonly name: string
  readonly endpointAddr: string
  readonly endpointHost?: string
  readonly endpointPort: string
  readonly isEndpointAddrRegex: '0' | '1'
  readonly type: string
  readonly scope: string
  readonly action: string
}

interface Endpoint {
  readonly address: string
  readonly isRegex: boolean
  readonly port: number | '*'
}

const readEntry = (entry: string): HostPattern => {
  const reading = readPattern(entry)
  if (!reading.ok)
    throw new LauncherError('E_NETWORK', `The host "${entry}" ${reading.reason}.`, {
      hint: HOST_FORMS,
    })
  return reading.pattern
}

/** A flow to this machine carries its address, not its name. */
const endpointsOf = (
  { stem, reach, port }: HostPattern,
  otherwise: readonly number[],
): readonly (Endpoint & { readonly port: number })[] => {
  const addresses =
    stem === 'localhost' && reach === 'exact'
      ? LOCALHOST_ADDRESSES
      : [reach === 'exact' ? stem : expression(stem, reach)]
  return (port === undefined ? otherwise : [port]).flatMap((number) =>
    addresses.map((address) => ({ address, isRegex: reach !== 'exact', port: number })),
  )
}

const distinct = <T extends Endpoint>(endpoints: readonly T[]): readonly T[] => [
  ...new Map(
    endpoints.map((endpoint) => [`${endpoint.address} ${endpoint.port}`, endpoint]),
  ).values(),
]

/**
 * Anchored: older versions look for it anywhere, also in an address that only mentions the host.
 */
const expression = (stem: string, reach: 'one' | 'deep'): string =>
  `^${reach === 'one' ? '[^./]+' : '[^./]+(\\.[^./]+)*'}\\.${stem.replaceAll('.', '\\.')}$`

const ruleFor = (program: LuluProgram): ((endpoint: Endpoint, action: string) => LuluRule) => {
  const { path } = program
  if (!path.startsWith('/') || path.endsWith('/') || path.endsWith('/*') || path.includes('\0')) {
    throw new LauncherError(
      'E_USAGE',
      `"${path}" is not the path of one program, as a rule of LuLu needs it.`,
      {
        hint: 'Give an absolute path of a file; one that ends in /* would mean a whole folder to LuLu.',
      },
    )
  }
  const key = keyOf(program)
  return ({ address, isRegex, port }, action) => ({
    key,
    uuid: uuidOf([key, path, address, String(port), action]),
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    endpointAddr: address,
    ...(!isRegex && address !== '*' && { endpointHost: address }),
    endpointPort: String(port),
    isEndpointAddrRegex: isRegex ? '1' : '0',
    type: USER_RULE,
    scope: port === '*' ? WHOLE_PROCESS : ONE_ENDPOINT,
    action,
  })
}

const keyOf = ({ path, signature }: LuluProgram): string =>
  signature ? `${signature.identifier}:${signature.authority}` : path

/** The same rule has the same identifier in each export, so that two exports can be compared. */
const uuidOf = (parts: readonly string[]): string => {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').toUpperCase()
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}

const EVERYWHERE: Endpoint = { address: '*', isRegex: false, port: '*' }
/** An entry without a port: tunnels reach 443, plain HTTP 80. */
const DEFAULT_PORTS = [80, 443]
/** LuLu's numbers (consts.h). */
const USER_RULE = '3'
const WHOLE_PROCESS = '0'
const ONE_ENDPOINT = '1'
const ALLOW = '1'
const BLOCK = '0'
