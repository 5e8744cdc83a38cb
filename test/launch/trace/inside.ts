import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { bubblewrapOptions } from '../../../src/backend/bubblewrap/argv.ts'
import { mountGate } from '../../../src/backend/bubblewrap/gate.ts'
import { compileBubblewrap } from '../../../src/backend/bubblewrap/program.ts'
import { seccompFilter } from '../../../src/backend/bubblewrap/seccomp.ts'
import { createDenialLog, type DenialLog } from '../../../src/explain/denials/log.ts'
import { factsOf } from '../../../src/explain/denials/facts.ts'
import { realHost } from '../../../src/machine/real/host.ts'
import { DESCRIPTORS, runBubblewrap } from '../../../src/launch/bubblewrap.ts'
import { PLAIN_STREAMS } from '../../../src/launch/descriptors.ts'
import { makeHeld } from '../../../src/launch/held-names.ts'
import { openTrace, type TraceEnd } from '../../../src/launch/trace/collect.ts'
import { findStrace } from '../../../src/launch/trace/command.ts'
import type { RefusedCall } from '../../../src/launch/trace/parser.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import type { ResolvedPolicy } from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { createWalker } from '../../../src/machine/walk.ts'
import { nothingFile } from '../../contract/machine.ts'
import { whyNoKernel } from '../../e2e/harness.ts'

/** What a traced run left behind. */
export interface TracedRun {
  readonly code: number
  readonly log: DenialLog
  /** Everything the kernel refused, judged or not. */
  readonly calls: readonly RefusedCall[]
  readonly unreadable: number
  readonly end: TraceEnd
}

/** Why a run cannot be traced here. */
export const whyNoTrace = (): string | undefined => {
  if (process.platform !== 'linux') return 'strace is for Linux'
  const strace = findStrace(realHost('/'))
  return strace.ok ? whyNoKernel() : strace.reason
}

/** Runs a program under bubblewrap and strace, as `launcher run --trace` starts it. */
export const runTraced = async (
  policy: ResolvedPolicy,
  argv: readonly string[],
  directory: string,
  cwd: string,
  isTraced = true,
): Promise<TracedRun> => {
  const host = realHost(directory)
  const strace = findStrace(host)
  if (!strace.ok) throw new Error(strace.reason)
  const log = createDenialLog(compilePolicy(policy), factsOf(host, createWalker(host)))
  const calls: RefusedCall[] = []
  let unreadable = 0
  const trace = isTraced
    ? openTrace(
        { file: strace.file, directory, cwd, hasSandbox: true },
        {
          onRefused: (call) => {
            calls.push(call)
            log.add(call)
          },
          onEnded: (end) => log.end(end),
          onUnreadable: () => (unreadable += 1),
        },
      )
    : undefined
  const standinFile = `${directory}/standin` as AbsolutePath
  fs.writeFileSync(standinFile, '', { mode: 0 })
  const block = `${directory}/gate` as AbsolutePath
  execFileSync('mkfifo', [block])
  const program = compileBubblewrap(policy)
  const made = program.placeholders.map(({ path, hold }) => {
    makeHeld(path, hold)
    return path
  })
  try {
    const { code } = await runBubblewrap({
      launch: {
        argv,
        environment: { PATH: '/usr/bin:/bin', HOME: policy.home, LANG: 'C.UTF-8' },
        cwd: cwd as AbsolutePath,
      },
      file: '/usr/bin/bwrap' as AbsolutePath,
      options: bubblewrapOptions(program, {
        cwd: cwd as AbsolutePath,
        sources: { standinFile, nothing: nothingFile },
        descriptors: DESCRIPTORS,
      }),
      seccomp: seccompFilter(process.arch),
      gate: mountGate(program, compilePolicy(policy)),
      mending: undefined,
      group: undefined,
      block,
      signalReset: '/usr/bin/env' as AbsolutePath,
      streams: PLAIN_STREAMS,
      directory: directory as AbsolutePath,
      trace,
      ports: undefined,
      onListeners: () => Promise.resolve(),
      onStop: () => undefined,
      onInit: () => undefined,
      onRelease: () => undefined,
    })
    return {
      code,
      log,
      calls,
      unreadable,
      end: (await trace?.finished()) ?? { dropped: 0, isComplete: true },
    }
  } finally {
    for (const path of made.reverse()) fs.rmSync(path, { recursive: true, force: true })
    for (const file of [standinFile, block]) fs.rmSync(file, { force: true })
  }
}
