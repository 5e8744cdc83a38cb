import type { ToldAftermath, ToldName } from '../explain/aftermath.ts'
import { printable } from '../text/unsafe-text.ts'
import { tilde } from './text.ts'

/**
 * Names of one kind that are shown after a run: enough for what is meant, and none can push another
 * kind out.
 */
const SHOWN = 8

/** Protected files that changed while their protection was off; nothing when there are none. */
export const exposedText = (
  files: readonly { readonly path: string; readonly because: string }[],
  home: string,
): string => {
  if (files.length === 0) return ''
  const shown = files
    .slice(0, SHOWN)
    .map(({ path, because }) => `  ${tilde(path, home)} (${printable(because)})`)
  const more = files.length - SHOWN
  return `${[
    'launcher: the host replaced protected names during the run; what the agent wrote in that moment would be in these:',
    ...shown,
    ...(more > 0 ? [`  and ${more} more: launcher explain lists them all`] : []),
  ].join('\n')}\n`
}

const OUTDATED =
  'launcher: these protected files stayed as they were while git moved on; `git commit -a` would undo their change. What git has may be the agent’s: look before you bring it in:'

/** A few lines after a run, worst first; nothing when all is well. */
export const afterText = (
  { project, ending, names, gaps }: Pick<ToldAftermath, 'project' | 'ending' | 'names' | 'gaps'>,
  home: string,
): string => {
  const first =
    ending === 'killed'
      ? `launcher: what a run in ${tilde(project, home)} left was not told yet; look at these before you use git or an editor there:`
      : 'launcher: look at these before you use git or an editor here; they are new:'
  const fresh = names.filter(({ kind }) => kind !== 'outdated')
  const outdated = names.filter(({ kind }) => kind === 'outdated')
  const lines = [
    ...(fresh.length > 0 ? [first] : []),
    ...byKind(fresh).flatMap((same) => kindLines(same, home)),
    ...(outdated.length > 0 ? [OUTDATED] : []),
    ...kindLines(outdated, home),
    ...gaps.map((gap) => `launcher: ${printable(gap).replaceAll(`${home}/`, '~/')}`),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** All of them, for `explain`. */
export const aftermathLines = (
  { names, gaps }: Pick<ToldAftermath, 'names' | 'gaps'>,
  home: string,
): string[] => [
  ...names.map((name) => nameLine(name, home)),
  ...gaps.map((gap) => `  ${printable(gap).replaceAll(`${home}/`, '~/')}`),
]

const kindLines = (names: readonly ToldName[], home: string): string[] => {
  const more = names.length - SHOWN
  return [
    ...names.slice(0, SHOWN).map((name) => nameLine(name, home)),
    ...(more > 0 ? [`  and ${more} more of this kind: launcher explain lists them all`] : []),
  ]
}

const nameLine = ({ path, because }: ToldName, home: string): string =>
  `  ${tilde(path, home)} (${printable(because)})`

const byKind = (names: readonly ToldName[]): ToldName[][] => {
  const kinds = new Map<string, ToldName[]>()
  for (const name of names) {
    const same = kinds.get(name.kind)
    if (same) same.push(name)
    else kinds.set(name.kind, [name])
  }
  return [...kinds.values()]
}
