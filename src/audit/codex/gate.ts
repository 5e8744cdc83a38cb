import { type AbsolutePath, isWithin } from '../../machine/paths.ts'
import type { GateAnswer, Need } from '../model.ts'
import type { Approval, Sandbox } from './facts.ts'

/**
 * What the gate looks at. Codex asks before commands, and its sandbox stands behind them
 * (developers.openai.com/codex/agent-approvals-security).
 */
export interface Gate {
  readonly approval: Approval
  readonly sandbox: Sandbox
  /** The working directory, further ones, temporary ones: real paths. */
  readonly writableRoots: readonly AbsolutePath[]
  readonly hasNetwork: boolean
}

/** What stays read-only in every writable root (codex-rs sandboxing; docs of the same). */
const PROTECTED = ['.git', '.codex', '.agents']

const runs = (because: string): GateAnswer => ({ verdict: 'RUNS', because })

/** What becomes of something that the sandbox stops. */
const stopped = (approval: Approval, because: string): GateAnswer | undefined => {
  switch (approval) {
    case 'never':
      return { verdict: 'DENIED', because }
    case 'on-failure':
    case 'on-request':
    case 'untrusted':
      return { verdict: 'ASKS', because }
    case 'granular':
    case 'unknown':
      return undefined
    default:
      return approval satisfies never
  }
}

const mayWrite = ({ writableRoots }: Gate, path: AbsolutePath): boolean =>
  writableRoots.some(
    (root) =>
      isWithin(path, root) &&
      !PROTECTED.includes(path.slice(root === '/' ? 1 : root.length + 1).split('/')[0] ?? ''),
  )

/** Why the sandbox stops an access; undefined when it does not. Reading is open in every mode. */
const obstacle = (gate: Gate, need: Need): string | undefined => {
  if (gate.sandbox === 'danger-full-access') return undefined
  if (need.kind === 'host')
    return gate.hasNetwork && gate.sandbox === 'workspace-write'
      ? undefined
      : 'the sandbox has no network'
  if (
    need.kind !== 'path' ||
    need.operation === 'read' ||
    need.operation === 'stat' ||
    need.operation === 'list'
  )
    return undefined
  if (gate.sandbox === 'read-only') return 'the sandbox is read-only'
  return mayWrite(gate, need.path) ? undefined : 'it is not writable in the sandbox'
}

/** `cat PATH`: a known safe command under every policy, and the sandbox lets everything be read. */
export const decideRead = ({ sandbox }: Gate): GateAnswer | undefined =>
  sandbox === 'unknown' ? undefined : runs('reading is open in every sandbox mode')

/**
 * apply_patch on one path: inside of what may be written it runs, under `untrusted` it asks
 * (assess_patch_safety in codex-rs/core/src/safety.rs).
 */
export const decidePatch = (gate: Gate, need: Need): GateAnswer | undefined => {
  if (gate.sandbox === 'unknown' || gate.approval === 'unknown') return undefined
  if (gate.approval === 'untrusted')
    return { verdict: 'ASKS', because: 'approval_policy is untrusted' }
  const because = obstacle(gate, need)
  return because === undefined
    ? runs(
        gate.sandbox === 'danger-full-access'
          ? 'there is no sandbox'
          : 'it is writable in the sandbox',
      )
    : stopped(gate.approval, because)
}

/**
 * Programs that `untrusted` takes for safe, as long as the command is one of plain words
 * (is_safe_command.rs); others with arguments of their own are left out.
 */
const SAFE = /^(?:cat|grep|head|less|ls|tail|wc|which|pwd|echo)$/
const UNSAFE = /^(?:cp|curl|nc|nslookup|python3|sed|tar|tee|vim|ln|tree)$/

/** One command line; undefined where only Codex’s own parser could tell. */
export const decideCommand = (
  gate: Gate,
  command: string,
  needs: readonly Need[],
): GateAnswer | undefined => {
  if (gate.sandbox === 'unknown') return undefined
  const because = needs.map((need) => obstacle(gate, need)).find((reason) => reason !== undefined)
  switch (gate.approval) {
    case 'never':
    case 'on-failure':
    case 'on-request':
      if (because !== undefined) return stopped(gate.approval, because)
      return runs(
        gate.sandbox === 'danger-full-access'
          ? 'there is no sandbox, and nothing is asked'
          : 'the sandbox lets it, and nothing is asked',
      )
    case 'untrusted': {
      const program = /^[\w./-]+/.exec(command)?.[0] ?? ''
      if (UNSAFE.test(program))
        return { verdict: 'ASKS', because: `${program} is not a known safe command` }
      return SAFE.test(program) && /^[\w./~ -]+$/.test(command)
        ? runs(`${program} is a known safe command`)
        : undefined
    }
    case 'granular':
    case 'unknown':
      return undefined
    default:
      return gate.approval satisfies never
  }
}
