import { rowsOf } from '../text/columns.ts'
import type { OpenedFeature } from '../backend/backend.ts'
import type { BuiltEnvironment } from '../resolve/environment.ts'
import { compilePolicy, sourceOf } from '../policy/decide.ts'
import type { Grant, Notice, Origin, Protection, Sourced } from '../policy/model.ts'
import { isWithin } from '../machine/paths.ts'
import type { ResolvedCaches, Resolution, Target } from '../resolve/types.ts'
import { protectionsInForce } from './protections.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** Everything a contract says; text and JSON are views of it. */
export interface Contract {
  readonly profile: string
  /** Why this profile, in words, when it was not named. */
  readonly reason: string | undefined
  readonly backend: string
  /** True when the backend is not this machine's: the program is for inspection. */
  readonly isForInspection: boolean
  readonly resolution: Resolution
  readonly environment: BuiltEnvironment
  readonly argv: readonly string[]
  /** What features of the profile open under this backend. */
  readonly opened: readonly OpenedFeature[]
  readonly notices: readonly Notice[]
}

const LABEL = 13

/** One screen for people: grouped and shortened; `explain NAME` shows all of it. */
export const contractText = (contract: Contract, palette: Palette, width: number): string => {
  const { resolution } = contract
  const { resolved } = resolution
  const short = (path: string): string => tilde(path, resolved.home)
  const row = (name: string, words: readonly string[]): string[] =>
    words.length === 0 ? [] : listed(`  ${name.padEnd(LABEL - 2)}`, words, width)
  const lines: string[] = [headline(contract, palette)]
  lines.push(
    ...row('project', [
      `${short(resolved.project)}${compilePolicy(resolved).decide('write', resolved.project).allowed ? '' : ' (not writable)'}`,
    ]),
  )
  const target = resolution.target
  if (target) {
    lines.push(
      ...row('target', [
        `${short(target.file)} (${target.runtime})`,
        ...foreignParts(target).map(short),
      ]),
    )
    for (const { root, reason } of interpretersOf(target))
      lines.push(...row('interpreter', [short(root)]), `${' '.repeat(LABEL)}${palette.dim(reason)}`)
  }
  lines.push(
    ...row(
      'write',
      distinct(
        authored(resolved.grants, 'write')
          .filter(isUnsaid)
          .map((grant) =>
            grant.requested === '$TMPDIR' ? 'a private $TMPDIR' : short(grant.path),
          ),
      ),
    ),
  )
  lines.push(...row('caches', cacheWords(resolution.caches, short, palette)))
  lines.push(...row('read', readWords(resolved.grants, short)))
  lines.push(
    ...row(
      'none',
      distinct(
        authored(resolved.grants, 'none')
          .filter(isUnsaid)
          .map((grant) => short(grant.path)),
      ),
    ),
  )
  lines.push(...row('hidden', protectionWords(protectionsInForce(resolved), 'hidden', short)))
  lines.push(...row('read only', protectionWords(protectionsInForce(resolved), 'read_only', short)))
  lines.push(
    ...row(
      'lifted',
      resolved.lifts.map((lift) => `${short(lift.path)} (${sourceOf(lift.origin)})`),
    ),
  )
  lines.push(
    ...row(
      'sockets',
      resolved.sockets.connect.map((socket) => short(socket.path)),
    ),
  )
  lines.push(...row('network', [...networkWords(contract), ...portWords(contract)]))
  for (const { name, opens, isLoud } of contract.opened)
    lines.push(
      ...listed(
        `  ${isLoud ? palette.red('opened'.padEnd(LABEL - 2)) : 'opened'.padEnd(LABEL - 2)}`,
        `${opens} (${name})`.split(' '),
        width,
      ).map(unComma),
    )
  lines.push(...row('environment', environmentWords(contract.environment)))
  for (const notice of contract.notices.filter(({ level }) => level === 'warning')) {
    lines.push(
      ...listed(
        palette.yellow('  notice     '),
        notice.message.split('\n').map(short).join(' ').split(' '),
        width,
      ).map(unComma),
    )
  }
  // What a built-in list names and this machine has not is no news; `explain` has it.
  const quiet = contract.notices.filter(
    ({ level, code, origin }) =>
      level === 'info' && !(code === 'absent' && origin?.strength === 'builtin'),
  ).length
  if (quiet > 0)
    lines.push(
      palette.dim(
        `  ${quiet} more notice${quiet === 1 ? '' : 's'}: launcher explain ${contract.profile}`,
      ),
    )
  return `${lines.join('\n')}\n`
}

/** Sentences go through the row breaker as words; its commas are for lists. */
const unComma = (row: string): string => row.replace(/,(?= |$)/g, '')

const headline = (contract: Contract, palette: Palette): string => {
  const { resolution } = contract
  const loud = [
    ...(resolution.resolved.network.mode.value === 'host' ? ['network not isolated'] : []),
    ...(resolution.isBroadProject ? ['broad project'] : []),
    ...(resolution.caches.entries.some(({ use }) => use === 'shared')
      ? ['caches shared with the host']
      : []),
    ...(contract.isForInspection ? ['for inspection only'] : []),
  ]
  const name =
    contract.reason === undefined || contract.profile === 'default'
      ? contract.profile
      : `${contract.profile} (${contract.reason})`
  return `${palette.bold(`launcher: ${name} under ${contract.backend}`)}${loud.length > 0 ? palette.red(`: ${loud.join(', ')}`) : ''}`
}

const authored = (grants: readonly Grant[], access: Grant['access']): Grant[] =>
  grants.filter((grant) => grant.access === access && grant.provider === undefined)

/** The row of caches says what launcher's own cache folder is to a run. */
const isUnsaid = ({ origin }: Grant): boolean =>
  origin.key !== 'caches' && !/(^|\.)caches\.\w+$/.test(origin.key)

/**
 * Whose caches the tools use: the project's own in one word, those that the host's runs use, too,
 * one by one and loud.
 */
const cacheWords = (
  { directory, entries }: ResolvedCaches,
  short: (path: string) => string,
  palette: Palette,
): string[] => {
  const own =
    directory === undefined
      ? []
      : distinct(
          entries
            .filter(({ use }) => use === 'project')
            .map(
              ({ path, variable }) => path.slice(directory.length + 1).split('/')[0] || variable,
            ),
        )
  return [
    ...(directory === undefined
      ? []
      : [`${short(directory)} (${own.join(', ')}): this project's own`]),
    ...entries
      .filter(({ use }) => use === 'shared')
      .map(({ variable, path }) =>
        palette.red(
          `${variable} ${short(path)}: shared, what the agent puts there the host may run`,
        ),
      ),
  ]
}

const distinct = (words: readonly string[]): string[] => [...new Set(words)].sort()

/**
 * Roots that the target needs outside the system directories, so that a person sees where the
 * agent's own code lies.
 */
const foreignParts = (target: Target): string[] => {
  const interpreters = target.executables
    .filter((part) => part.role === 'interpreter')
    .map((part) => part.path.real)
  const roots = target.reads
    .filter(
      (part) =>
        part.role === 'tree' && !interpreters.some((path) => isWithin(path, part.path.real)),
    )
    .map((part) => part.path.real)
  return distinct([
    ...roots,
    ...target.executables
      .filter(
        (part) =>
          part.role === 'executable' && !roots.some((root) => isWithin(part.path.real, root)),
      )
      .map((part) => part.path.real),
  ]).filter((path) => path !== target.file && !SYSTEM.test(path))
}

const SYSTEM = /^\/(usr|bin|lib|lib64|sbin|System|nix)\//

/**
 * The installation that each interpreter comes from, and what led there: what people look for when
 * a start ends with 127.
 */
const interpretersOf = (target: Target): { readonly root: string; readonly reason: string }[] =>
  target.executables
    .filter((part) => part.role === 'interpreter' && !SYSTEM.test(part.path.real))
    .map((part) => {
      const root = target.reads.find(
        (tree) => tree.role === 'tree' && isWithin(part.path.real, tree.path.real),
      )
      const reason =
        part.chain.findLast(
          (clause) => clause.includes('first line') || clause.includes('names'),
        ) ??
        part.chain.at(-1) ??
        'it is needed'
      return { root: root?.path.real ?? part.path.real, reason: printable(reason) }
    })

const readWords = (grants: readonly Grant[], short: (path: string) => string): string[] => {
  const reads = authored(grants, 'read')
  const system = reads.filter((grant) => grant.origin.file === 'profiles/base.toml')
  const own = distinct(
    reads
      .filter((grant) => grant.origin.file !== 'profiles/base.toml')
      .map((grant) => `${short(grant.path)}${askedAs(grant, short)}`),
  )
  return [
    ...own.slice(0, 12),
    ...(own.length > 12 ? [`${own.length - 12} more`] : []),
    ...(system.length > 0 ? [`system (${system.length} paths)`] : []),
  ]
}

/** What was asked for, where a link led somewhere else. */
const askedAs = ({ requested, path }: Grant, short: (path: string) => string): string =>
  /^[~/]/.test(requested) &&
  !/[*?[]/.test(requested) &&
  requested !== path &&
  requested !== short(path)
    ? ` (the target of ${printable(requested)})`
    : ''

const protectionWords = (
  protections: readonly Protection[],
  kind: Protection['kind'],
  short: (path: string) => string,
): string[] => {
  const here = protections.filter((protection) => protection.kind === kind)
  const existing = distinct(
    here.filter((protection) => protection.exists).map((protection) => short(protection.path)),
  )
  const absent = here.filter((protection) => !protection.exists).length
  return [
    ...existing.slice(0, 10),
    ...(existing.length > 10 ? [`${existing.length - 10} more`] : []),
    ...(absent > 0
      ? [`${absent} absent ${absent === 1 ? 'name' : 'names'} kept from being made`]
      : []),
  ]
}

const networkWords = ({ resolution }: Contract): string[] => {
  const { network } = resolution.resolved
  switch (network.mode.value) {
    case 'none':
      return [`none (${sourceOf(network.mode.origin)})`]
    case 'host':
      return [
        `host: every host, every local service; no isolation (${sourceOf(network.mode.origin)})`,
      ]
    case 'any':
      return ['any host, through the proxy']
    case 'allowlist':
      return network.hosts.length === 0
        ? ['the proxy, and no host is granted']
        : distinct(network.hosts.map((host: Sourced<string>) => host.value)).map((host, index) =>
            index === 0 ? `only ${host}` : host,
          )
    default:
      return network.mode.value satisfies never
  }
}

const environmentWords = (environment: BuiltEnvironment): string[] => {
  const passed = environment.variables.filter((variable) => variable.source === 'env').length
  const others = environment.variables
    .filter(
      (variable) =>
        variable.source !== 'env' && variable.source !== 'set' && variable.source !== 'launcher',
    )
    .map((variable) => `${variable.name} from ${variable.source}`)
  const set = environment.variables.filter((variable) => variable.source === 'set').length
  return [
    `${passed} passed`,
    `${set} set`,
    ...others,
    ...environment.waiting.map(
      ({ name, items }) => `${name} from keychain:${items[0] ?? ''} at the start`,
    ),
    ...environment.unset.map((variable) => `${variable.name} not found`),
    `${environment.removed.length} removed`,
  ]
}

/** Ports are doors of their own, whatever the mode. */
const portWords = ({ resolution }: Contract): string[] => {
  const { loopback, listen, mode } = resolution.resolved.network
  if (mode.value === 'host') return []
  return [
    ...loopback.map(({ value }) => `localhost:${value} of this machine`),
    ...listen.map(
      ({ value }) =>
        `port ${value} may be listened on${resolution.resolved.platform === 'macos' ? ' (reachable from your network if the program binds all addresses)' : ''}`,
    ),
  ]
}

/** The whole contract for programs; variables by name and origin, never by value. */
export const contractJson = (contract: Contract): Record<string, unknown> => {
  const { resolution } = contract
  const { resolved } = resolution
  return {
    profile: contract.profile,
    reason: contract.reason ?? null,
    backend: contract.backend,
    forInspection: contract.isForInspection,
    project: resolved.project,
    broadProject: resolution.isBroadProject,
    argv: contract.argv,
    target: resolution.target ?? null,
    grants: resolved.grants,
    protections: resolved.protections,
    patterns: resolved.patterns,
    lifts: resolved.lifts,
    links: resolved.hops,
    names: resolved.stats,
    sockets: resolved.sockets,
    network: resolved.network,
    opened: contract.opened,
    environment: {
      variables: contract.environment.variables.map(({ name, source, origin }) => ({
        name,
        source,
        origin,
      })),
      removed: contract.environment.removed,
      unset: contract.environment.unset,
      waiting: contract.environment.waiting.map(({ name, items, tried, origin }) => ({
        name,
        sources: items.map((item) => `keychain:${item}`),
        tried,
        origin,
      })),
    },
    caches: { directory: resolution.caches.directory ?? null, entries: resolution.caches.entries },
    searchPath: resolution.searchPath,
    create: resolution.create,
    notices: contract.notices,
  }
}

/** An origin as JSON and text both show it. */
export const originText = (origin: Origin): string =>
  `${sourceOf(origin)}${origin.because === undefined ? '' : ` (${origin.because})`}`

/** Words with commas between them, in rows. */
const listed = (label: string, words: readonly string[], columns: number): string[] =>
  rowsOf(
    label,
    words.map((word, at) => (at === words.length - 1 ? word : `${word},`)),
    columns,
  )
