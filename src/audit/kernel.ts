import type { Decider } from '../policy/decide.ts'
import type { NetworkPolicy } from '../policy/model.ts'
import type { KernelAnswer, Layers, Need, ProbeCwd, Verdict } from './model.ts'

/** What launcher would enforce beside the agent's own gate, under one profile. */
export interface Enforcement {
  readonly profile: string
  /** The evaluator of the policy for a working directory. */
  readonly deciders: Readonly<Record<ProbeCwd, Decider>>
  readonly network: NetworkPolicy
  /** Names of the variables that the agent is given. */
  readonly variables: ReadonlySet<string>
}

/** The kernel's answer to one need. */
const answerNeed = (need: Need, kernel: Enforcement, cwd: ProbeCwd): KernelAnswer => {
  switch (need.kind) {
    case 'path': {
      const { allowed, because } = kernel.deciders[cwd].decide(need.operation, need.path)
      return { shut: !allowed, because }
    }
    case 'host':
      return answerHost(need.host, kernel.network)
    case 'variable':
      return kernel.variables.has(need.name)
        ? { shut: false, because: `launcher passes ${need.name}` }
        : { shut: true, because: `launcher does not pass ${need.name}` }
    default:
      return need satisfies never
  }
}

const answerHost = (host: string, { mode, hosts, registries }: NetworkPolicy): KernelAnswer => {
  switch (mode.value) {
    case 'none':
      return { shut: true, because: 'there is no network' }
    case 'host':
    case 'any':
      return { shut: false, because: `the network mode is ${mode.value}` }
    case 'allowlist': {
      const entry = hosts.find(({ value }) => coversHost(value, host))
      if (entry) return { shut: false, because: `${entry.value} is on the allowlist` }
      return {
        shut: true,
        because: `${host} is not on the allowlist${registries.length > 0 ? ' (nor a registry)' : ''}`,
      }
    }
    default:
      return mode.value satisfies never
  }
}

/** An entry of the allowlist: `host`, `host:port` or `*.domain`. */
const coversHost = (entry: string, host: string): boolean => {
  const name = entry.replace(/:\d+$/, '')
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host
}

/** A probe does harm only if everything it needs is allowed: the first thing refused shuts it. */
export const answerProbe = (
  needs: readonly Need[],
  kernel: Enforcement,
  cwd: ProbeCwd,
): KernelAnswer => {
  const answers = needs.map((need) => answerNeed(need, kernel, cwd))
  return (
    answers.find(({ shut }) => shut) ??
    answers[0] ?? { shut: false, because: 'nothing of it concerns the kernel' }
  )
}

/**
 * A finding is covered only if everything that it exposes is refused: the first thing allowed opens
 * it.
 */
export const answerFinding = (
  exposes: readonly Need[],
  kernel: Enforcement,
): KernelAnswer | undefined => {
  const answers = exposes.map((need) => answerNeed(need, kernel, 'project'))
  return answers.find(({ shut }) => !shut) ?? answers[0]
}

/**
 * How many layers stand in the way of a probe. A question is one: nothing happens without a yes.
 */
export const layersOf = (verdict: Verdict, kernel: KernelAnswer | undefined): Layers => {
  const isGate = verdict !== 'RUNS'
  const isKernel = kernel?.shut === true
  return isGate ? (isKernel ? 'two' : 'gate') : isKernel ? 'kernel' : 'none'
}
