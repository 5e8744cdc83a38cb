import { compilePolicy } from '../policy/decide.ts'
import type { NetworkMode, ResolvedPolicy } from '../policy/model.ts'
import { type AbsolutePath, isWithin, join } from '../machine/paths.ts'
import { tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** What an agent is told of its limits; each statement is one that `decide()` makes. */
export interface Limits {
  readonly profile: string
  readonly platform: ResolvedPolicy['platform']
  readonly project: AbsolutePath
  readonly home: AbsolutePath
  readonly isProjectWritable: boolean
  /** Places besides the project that can be written, outermost only. */
  readonly writable: readonly AbsolutePath[]
  /** What can be read in the project and not written. */
  readonly readOnly: readonly AbsolutePath[]
  readonly mode: NetworkMode
  readonly hosts: readonly string[]
}

/** Name of the file in the run's private temporary directory. */
export const LIMITS_FILE = 'launcher-limits.md'

/** Entries of a list that are told: fewer where the page would grow too long. */
const TOLD = [10, 3, 0]
const MAX_BYTES = 4096
/** Longest name that is told whole. */
const LONGEST = 120

/**
 * The limits of a policy. Hidden places are not among them: their names are nobody's business
 * inside.
 */
export const limitsOf = (policy: ResolvedPolicy): Limits => {
  const decider = compilePolicy(policy)
  const canWrite = (path: AbsolutePath): boolean => decider.decide('write', path).allowed
  const writes = policy.grants
    .filter(
      ({ access, path, provider }) =>
        access === 'write' && provider === undefined && canWrite(path),
    )
    .map(({ path }) => path)
  const outermost = writes.filter(
    (path) =>
      !isWithin(path, policy.project) &&
      !writes.some((other) => other !== path && isWithin(path, other)),
  )
  const held = policy.protections.filter(
    ({ kind, exists, path }) =>
      kind === 'read_only' &&
      exists &&
      path !== policy.project &&
      isWithin(path, policy.project) &&
      !canWrite(path) &&
      decider.decide('read', path).allowed,
  )
  return {
    profile: policy.name,
    platform: policy.platform,
    project: policy.project,
    home: policy.home,
    isProjectWritable: decider.decide('create', join(policy.project, 'x')).allowed,
    writable: [...new Set(outermost)].sort(),
    readOnly: [...new Set(held.map(({ path }) => path))].sort(),
    mode: policy.network.mode.value,
    hosts:
      policy.network.mode.value === 'allowlist'
        ? [...new Set(policy.network.hosts.map(({ value }) => value))]
        : [],
  }
}

/** A short page in Markdown for the agent itself, below 4 kB. */
export const limitsText = (limits: Limits): string => {
  const pages = TOLD.map((told) =>
    pageOf(
      limits,
      (words) =>
        `${words.slice(0, told).join(', ')}${words.length > told ? ` and ${words.length - told} more` : ''}`,
    ),
  )
  return pages.find((page) => Buffer.byteLength(page) < MAX_BYTES) ?? pages.at(-1)!
}

type List = (words: readonly string[]) => string

const pageOf = (limits: Limits, list: List): string => {
  const { profile, project, home, isProjectWritable, writable, readOnly, platform } = limits
  const show = (path: string): string => code(tilde(path, home))
  const inProject = (path: string): string => code(printable(path.slice(project.length + 1)))
  return [
    `# Limits of this sandbox`,
    '',
    `launcher runs you under the profile ${code(printable(profile))}; the kernel enforces it. A refusal below is policy, not a fault: trying again, another path, chmod or sudo change nothing.`,
    '',
    `- Project: ${show(project)}, ${isProjectWritable ? 'writable' : 'read only'}.`,
    ...(writable.length > 0 ? [`- Also writable: ${list(writable.map(show))}.`] : []),
    ...(readOnly.length > 0
      ? [`- Read only in the project: ${list(readOnly.map(inProject))}.`]
      : []),
    '- Such names cannot be made, changed or moved in the project either: git hooks and configuration, editor, agent and environment files.',
    '- Hidden: credentials, keys, tokens, shell history, browser data, the state of other agents, and `.env` files.',
    '- Everything else that is not granted is out of reach, by any name or link.',
    `- Network: ${networkWords(limits, list)}.`,
    '',
    `How a refusal looks: ${refusalWords(platform)}${limits.mode === 'allowlist' || limits.mode === 'any' ? '; a host that is not allowed: 403 from the proxy' : ''}.`,
    '',
    'When you need more, say so to the user and stop; these commands are for the user, outside:',
    '',
    '    launcher explain PATH|HOST            why, and the smallest change',
    `    launcher run ${printable(profile).slice(0, LONGEST)} --write PATH      (or --read PATH, --allow-host HOST)`,
    '',
  ].join('\n')
}

/** The same as one paragraph, for a variable. */
export const limitsSummary = ({
  profile,
  project,
  home,
  isProjectWritable,
  writable,
  mode,
}: Limits): string =>
  `Sandboxed by launcher (profile ${printable(profile).slice(0, LONGEST)}): ${code(tilde(project, home))} is ${isProjectWritable ? 'writable' : 'read only'}, ${writable.length} other places are writable, the network mode is ${mode}. EPERM, EACCES, EROFS or a missing file outside of it is policy: do not work around it, tell the user to ask launcher explain PATH. More in $LAUNCHER_LIMITS.`

const networkWords = ({ mode, hosts }: Limits, list: List): string => {
  switch (mode) {
    case 'none':
      return 'none; no host can be reached'
    case 'allowlist':
      return hosts.length === 0
        ? 'none; the list of hosts is empty'
        : `only through the proxy in HTTPS_PROXY, and only ${list(hosts.map((host) => code(printable(host))))}`
    case 'any':
      return 'any host, only through the proxy in HTTPS_PROXY'
    case 'host':
      return 'not isolated'
    default:
      return mode satisfies never
  }
}

const refusalWords = (platform: Limits['platform']): string =>
  platform === 'macos'
    ? 'EPERM ("Operation not permitted")'
    : 'EACCES or EPERM for what is hidden, EROFS for what is read only, ENOENT for what is not granted (it may well exist outside)'

/** A name as a code span: nothing in it ends the span. */
const code = (text: string): string =>
  `\`${(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text).replaceAll('`', "'")}\``
