import type { Trace } from '../../launch/trace/collect.ts'
import type { ResolvedPolicy } from '../../policy/model.ts'
import type { Backend, Collector, Program, ProgramView } from '../backend.ts'
import { mountOptions, NAMED_SOURCES } from './argv.ts'
import { machineChecks } from './checks.ts'
import { openTraceCollector } from './collector.ts'
import { type BubblewrapProgram, compileBubblewrap } from './program.ts'
import { type Ready, readyHere } from './ready.ts'
import { startBubblewrap } from './start.ts'

/** A program that says how it looks. */
export type MountProgram = Program & BubblewrapProgram

/** Under strace the sandbox is started by the tracer. */
export interface TraceCollector extends Collector {
  readonly trace: Trace
}

/** Mounts and namespaces of the Linux kernel, made by bubblewrap. */
export const BUBBLEWRAP: Backend<MountProgram, Ready, TraceCollector> = {
  name: 'bubblewrap',
  label: 'bubblewrap (Linux kernel)',
  platform: 'linux',
  hasOwnLoopback: true,
  whyNoExec: 'compare and watch the mounts that bubblewrap makes',
  // Its own /dev and /proc are part of every policy that is resolved for it.
  provided: () => ({ grants: [], stats: [] }),
  opens: () => [],
  probe: readyHere,
  compile: (policy) => {
    const program = compileBubblewrap(withoutPrelude(policy))
    return { backend: 'bubblewrap', ...program, view: () => viewOf(program) }
  },
  openCollector: openTraceCollector,
  start: startBubblewrap,
  checks: machineChecks,
}

/**
 * What the other backend's prelude opens by itself means nothing here: only a policy of that system
 * holds it.
 */
const withoutPrelude = (policy: ResolvedPolicy): ResolvedPolicy =>
  policy.grants.some(({ provider }) => provider === 'prelude')
    ? {
        ...policy,
        grants: policy.grants.filter(({ provider }) => provider !== 'prelude'),
        stats: policy.stats.filter(({ provider }) => provider !== 'prelude'),
      }
    : policy

const viewOf = (program: BubblewrapProgram): ProgramView => ({
  comment: '#',
  text: '',
  steps: program.operations.map((operation) => ({
    words: mountOptions(operation, NAMED_SOURCES),
    origin: operation.origin,
  })),
  json: {
    operations: program.operations.map((operation) => ({
      type: operation.type,
      source: 'source' in operation ? operation.source : null,
      dest: operation.dest,
      origin: operation.origin,
    })),
    placeholders: program.placeholders,
    network: program.hasOwnNetwork ? 'none' : 'host',
  },
})
