import { padColumns } from '../text/columns.ts'
import type { Effect } from '../explain/effects.ts'
import { sourceOf } from '../policy/decide.ts'
import type { Origin } from '../policy/model.ts'
import { shellWord } from '../text/shell-word.ts'
import type { ResolvedCache, TargetPart } from '../resolve/types.ts'
import type { Contract } from './contract.ts'
import { protectionsInForce } from './protections.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

interface Line {
  readonly what: string
  readonly origin: Origin
}

/** The whole contract, every line with its origin. */
export const explainText = (
  contract: Contract,
  effects: readonly Effect[],
  palette: Palette,
): string => {
  const { resolved, target, create, caches } = contract.resolution
  const short = (path: string): string => tilde(path, resolved.home)
  const section = (title: string, lines: readonly Line[]): string[] =>
    lines.length === 0
      ? []
      : [
          '',
          palette.bold(title),
          ...lines.map(
            ({ what, origin }) => `  ${padColumns(what, 44)} ${palette.dim(origins(origin))}`,
          ),
        ]
  const grants = (access: string): Line[] =>
    resolved.grants
      .filter((grant) => grant.access === access)
      .map((grant) => ({
        what: `${short(grant.path)}${grant.kind === 'file' ? ' (file)' : ''}${asked(grant.requested, grant.path, short)}`,
        origin: grant.origin,
      }))
      .sort((a, b) => (a.what < b.what ? -1 : 1))
  const protections = (kind: string): Line[] =>
    protectionsInForce(resolved)
      .filter((protection) => protection.kind === kind)
      .map((protection) => ({
        what: `${short(protection.path)}${protection.exists ? '' : ' (absent, held)'}${protection.liftable ? '' : ' (cannot be lifted)'}`,
        origin: protection.origin,
      }))
  const cacheLines = (use: ResolvedCache['use'], shown: (path: string) => string): Line[] =>
    caches.entries
      .filter((entry) => entry.use === use)
      .map(({ variable, path, origin }) => ({
        what: `${variable} ${printable(shown(path))}`,
        origin,
      }))
  const rows = [
    palette.bold(
      `${contract.profile}${contract.reason === undefined ? '' : ` (${contract.reason})`} under ${contract.backend}`,
    ),
    `  project ${short(resolved.project)}`,
    ...(target
      ? [
          '',
          palette.bold('target'),
          ...targetLines([...target.executables, ...target.reads], short),
        ]
      : []),
    ...section('write', grants('write')),
    ...section(
      `caches in ${short(caches.directory ?? '')}: this project's own, kept between runs`,
      cacheLines('project', (path) => path.slice((caches.directory ?? '').length + 1)),
    ),
    ...(caches.directory === undefined
      ? []
      : [
          palette.dim(
            `  to remove them: chmod -R u+w ${shellWord(caches.directory)} && rm -rf ${shellWord(caches.directory)}`,
          ),
        ]),
    ...section('caches for this run alone', cacheLines('run', short)),
    ...section(
      'caches shared: what the agent puts there the host may run',
      cacheLines('shared', short),
    ),
    ...section(
      'made before the run if absent',
      create
        .filter(({ isOwn }) => !isOwn)
        .map(({ path, kind }) => ({
          what: `${short(path)}${kind === 'directory' ? '/' : ''}`,
          origin: originOf(contract, path),
        })),
    ),
    ...section('read', grants('read')),
    ...section('none', grants('none')),
    ...section(
      'links on the way',
      resolved.hops.map((hop) => ({
        what: `${short(hop.path)} -> ${printable(hop.target)}`,
        origin: hop.origin,
      })),
    ),
    ...section(
      'names only',
      resolved.stats.map((stat) => ({ what: short(stat.path), origin: stat.origin })),
    ),
    ...section('hidden', protections('hidden')),
    ...section(
      'hidden, also names made later',
      resolved.patterns.map((pattern) => ({
        what: `${short(pattern.root)}/${printable(pattern.pattern)}`,
        origin: pattern.origin,
      })),
    ),
    ...section('read only', protections('read_only')),
    ...section(
      'names that cannot be made',
      resolved.barred.map(({ root, name, except, origin }) => ({
        what: `${name} anywhere in ${short(root)}, but within ${except}`,
        origin,
      })),
    ),
    ...section(
      'lifted',
      resolved.lifts.map((lift) => ({ what: short(lift.path), origin: lift.origin })),
    ),
    ...section(
      'sockets',
      [...resolved.sockets.connect, ...resolved.sockets.bind].map((socket) => ({
        what: short(socket.path),
        origin: socket.origin,
      })),
    ),
    ...section(
      'sockets that are there and closed',
      resolved.sockets.masked.map((socket) => ({
        what: short(socket.path),
        origin: socket.origin,
      })),
    ),
    ...section('network', [
      { what: `mode ${resolved.network.mode.value}`, origin: resolved.network.mode.origin },
      ...resolved.network.hosts.map(({ value, origin }) => ({ what: printable(value), origin })),
      ...resolved.network.registries.map(({ value, origin }) => ({
        what: `registry ${printable(value)}`,
        origin,
      })),
      ...resolved.network.loopback.map(({ value, origin }) => ({
        what: `localhost:${value}`,
        origin,
      })),
      ...resolved.network.listen.map(({ value, origin }) => ({
        what: `listen on ${value}`,
        origin,
      })),
    ]),
    ...section(
      'environment',
      contract.environment.variables.map(({ name, source, origin }) => ({
        what: `${name} (${printable(source)})`,
        origin,
      })),
    ),
    ...section(
      'asked of the keychain at the start',
      contract.environment.waiting.map(({ name, items, origin }) => ({
        what: `${name} (${items.map((item) => printable(`keychain:${item}`)).join(', ')})`,
        origin,
      })),
    ),
    ...section(
      'asked for and not found',
      contract.environment.unset.map(({ name, tried, origin }) => ({
        what: `${name} (${tried.map(printable).join(', ')})`,
        origin,
      })),
    ),
    ...(contract.environment.removed.length === 0
      ? []
      : [
          '',
          palette.bold('removed from the environment'),
          `  ${contract.environment.removed.map(printable).join(' ')}`,
        ]),
    ...(contract.notices.length === 0
      ? []
      : [
          '',
          palette.bold('notices'),
          ...contract.notices.map(
            ({ level, message }) =>
              `  ${level === 'warning' ? palette.yellow('!') : '-'} ${printable(message)}`,
          ),
        ]),
    ...(effects.length === 0
      ? []
      : [
          '',
          palette.bold('what you will notice'),
          ...effects.flatMap(({ protection, what, instead }) => [
            `  ${short(protection)}: ${what}.`,
            `    ${palette.dim(`${instead}.`)}`,
          ]),
        ]),
  ]
  return `${rows.join('\n')}\n`
}

const asked = (requested: string, path: string, short: (path: string) => string): string =>
  requested === path || requested === short(path) ? '' : ` (${printable(requested)})`

/** The chain of a target stands once, at the top. */
const origins = (origin: Origin): string =>
  origin.key === 'target'
    ? 'resolution: the target, chain above'
    : `${sourceOf(origin)}${origin.because === undefined ? '' : `: ${printable(origin.because)}`}`

const originOf = (contract: Contract, path: string): Origin =>
  contract.resolution.resolved.grants.find((grant) => grant.path === path)?.origin ?? {
    strength: 'builtin',
    file: contract.profile,
    key: 'filesystem.create',
  }

/** The chain, hop by hop, as sentences. */
const targetLines = (parts: readonly TargetPart[], short: (path: string) => string): string[] =>
  parts.flatMap((part) => [
    `  ${part.role} ${short(part.path.real)}`,
    ...part.chain.map((clause) => `      ${printable(clause)}`),
  ])
