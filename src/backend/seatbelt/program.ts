import { LauncherError } from '../../errors.ts'
import type { Origin, ResolvedPolicy } from '../../policy/model.ts'
import { ROOT } from '../../machine/paths.ts'
import { granularitiesOf, LEVEL } from './granularity.ts'
import { checkProgram } from './invariants.ts'
import { argumentBytes, MAX_ARGUMENT_BYTES, MAX_ENTRIES } from './limits.ts'
import { liftRules } from './lift-rules.ts'
import { networkRules } from './network-rules.ts'
import { createParameterNames, type Parameter } from './parameters.ts'
import { levelRules, nameRules, socketRules, withdrawnRules } from './path-rules.ts'
import { frameOrigins, type Line, preludeLines } from './prelude-rules.ts'
import { barredRules, patternRules, pinRules, protectionRules } from './protection-rules.ts'
import { countEntries, printRule, type Rule } from './rule.ts'
import { sceneOf } from './scene.ts'
import { sectionMark, type SectionName } from './section.ts'

/**
 * What `sandbox-exec` is given: a profile without user text, the paths as parameters, and where
 * each line comes from.
 */
export interface SeatbeltProgram {
  readonly profile: string
  readonly params: readonly Parameter[]
  /** One entry for each line that holds a rule; `line` is one-based. */
  readonly origins: readonly { readonly line: number; readonly origin: Origin }[]
}

export interface SeatbeltOptions {
  /** Tags every denial in the log: `launcher-RUNID`. */
  readonly runId: string
  /** The inherited terminal's device, as ttyname gives it. */
  readonly tty?: string
  readonly proxyPort?: number
}

/** Compiles a resolved policy to a Seatbelt profile. Pure: no disk, no macOS needed. */
export const compileSeatbelt = (
  resolved: ResolvedPolicy,
  options: SeatbeltOptions,
): SeatbeltProgram => {
  const program = assemble(draftOf(resolved, options), options)
  const violations = checkProgram(program)
  if (violations.length > 0) {
    throw new LauncherError(
      'E_SBPL',
      `the generated Seatbelt profile breaks its own rules: ${violations[0]}`,
      {
        hint: 'this is a bug in launcher: nothing was started; please report the policy that led here',
      },
    )
  }
  return program
}

/** The parts of a profile in their order, before they become text. */
export type Draft = readonly { readonly name: SectionName; readonly lines: readonly Line[] }[]

/** The sections of a profile. Exported for tests that mutate them. */
export const draftOf = (resolved: ResolvedPolicy, options: SeatbeltOptions): Draft => {
  const scene = sceneOf(resolved)
  const everywhere = ROOT
  const allows: Draft = [
    { name: 'prelude', lines: preludeLines(resolved, options.tty) },
    { name: 'network', lines: networkRules(resolved, options.proxyPort) },
    { name: 'grants', lines: [...withdrawnRules(scene), ...levelRules(scene, undefined, LEVEL)] },
    { name: 'names', lines: nameRules(scene, everywhere, LEVEL) },
    { name: 'sockets', lines: socketRules(scene, everywhere) },
  ]
  const at = granularitiesOf(allows.flatMap((section) => section.lines.filter(isRule)))
  const protections = [
    ...protectionRules(scene, everywhere, at),
    ...patternRules(scene, everywhere, at),
    ...pinRules(scene, everywhere),
    ...barredRules(scene, everywhere),
  ]
  return [
    ...allows,
    { name: 'protections', lines: protections },
    { name: 'lifts', lines: liftRules(scene, at) },
  ]
}

/** Turns a draft into text. Exported for tests that mutate drafts. */
export const assemble = (draft: Draft, { runId, tty }: SeatbeltOptions): SeatbeltProgram => {
  // The id is the only thing in the text that is neither ours nor a number.
  if (!/^[a-z0-9-]{1,64}$/.test(runId))
    throw new LauncherError('E_SBPL', 'a run id may hold only a-z, 0-9 and -', {
      hint: 'this is a bug in launcher',
    })
  const tag = `launcher-${runId}`
  if (tty !== undefined && !/^\/dev\/tty[A-Za-z0-9.]+$/.test(tty))
    throw new LauncherError('E_STDIO', `not the device of a terminal: ${tty}`)
  const names = createParameterNames()
  const text = [...HEADER, '(version 1)', `(deny default (with message "${tag}"))`]
  const origins: { line: number; origin: Origin }[] = frameOrigins().map((origin, index) => ({
    line: HEADER.length + index + 1,
    origin,
  }))
  for (const { name, lines } of draft) {
    text.push('', sectionMark(name))
    for (const line of lines) {
      text.push(isRule(line) ? printRule(line, tag, names.nameOf) : line.comment)
      if (isRule(line)) origins.push({ line: text.length, origin: line.origin })
    }
  }
  const params = [...(tty === undefined ? [] : [{ name: 'TTY', value: tty }]), ...names.list()]
  refuseTooMuch(draft, params)
  return { profile: `${text.join('\n')}\n`, params, origins }
}

const HEADER = [
  '; Made by launcher for one run. Paths are parameters (-D P1=...): no path is written here.',
  '; Precedence: for one operation the last matching rule with a filter, then the last rule without one, then the',
  '; parent operation. So a specific operation beats a wildcard one in any order, and the order below matters only',
  '; within an operation: grants shallow to deep, names, sockets, protections, holes in protections.',
]

const isRule = (line: Line): line is Rule => 'action' in line

const refuseTooMuch = (draft: Draft, params: readonly Parameter[]): void => {
  const entries = draft
    .flatMap((section) => section.lines.filter(isRule))
    .reduce((sum, rule) => sum + countEntries(rule), 0)
  if (entries > MAX_ENTRIES) {
    throw new LauncherError(
      'E_LIMIT',
      `the policy needs ${entries} Seatbelt rules and the kernel takes ${MAX_ENTRIES}`,
      {
        hint: 'grant or protect directories instead of many files, or start in a smaller project directory',
      },
    )
  }
  const bytes = params.reduce(
    (sum, { name, value }) => sum + argumentBytes('-D') + argumentBytes(`${name}=${value}`),
    0,
  )
  if (bytes > MAX_ARGUMENT_BYTES) {
    throw new LauncherError(
      'E_LIMIT',
      `the policy's paths take ${bytes} bytes of arguments and macOS takes ${MAX_ARGUMENT_BYTES}`,
      {
        hint: 'grant or protect directories instead of many files, or start in a smaller project directory',
      },
    )
  }
}
