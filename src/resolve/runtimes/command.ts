import { LauncherError } from '../../errors.ts'
import {
  type AbsolutePath,
  components,
  join,
  parentOf,
  ROOT,
  toAbsolutePath,
} from '../../machine/paths.ts'
import type { Notice } from '../../policy/model.ts'
import { isInside, noticeOf, placeAt, show, type Place, type ResolveContext } from './context.ts'

/** Where a command name leads, and what was passed over on the way. */
export interface FoundCommand {
  readonly place: Place
  readonly notices: readonly Notice[]
}

/**
 * Finds the file that a command name means, as execvp would, without running anything. Throws with
 * 127 or 126 as a shell would exit.
 */
export const findCommand = (
  context: ResolveContext,
  command: string,
  directories: readonly AbsolutePath[],
): FoundCommand => {
  if (command === '' || command.includes('\0')) {
    throw new LauncherError('E_TARGET_NOT_FOUND', 'no command is named', {
      exit: 127,
      hint: 'Name the command to start.',
    })
  }
  return command.includes('/')
    ? fromPath(context, command)
    : fromSearch(context, command, directories)
}

/**
 * PATH entries as absolute directories, in order and once each; relative and empty ones mean the
 * working directory and are left out.
 */
export const searchDirectories = (
  context: Pick<ResolveContext, 'walk'>,
  entries: readonly string[],
): AbsolutePath[] => [
  ...new Set(
    entries.flatMap((entry) =>
      entry.startsWith('/') ? (physical(context, ROOT, entry) ?? []) : [],
    ),
  ),
]

/**
 * `text` seen from `from`, a component at a time, so that `..` leaves the directory that a link
 * leads to.
 */
export const physical = (
  context: Pick<ResolveContext, 'walk'>,
  from: AbsolutePath,
  text: string,
): AbsolutePath | undefined => {
  if (text.includes('\0')) return undefined
  if (text.startsWith('/')) from = ROOT
  if (!text.split('/').includes('..')) return toAbsolutePath(`${from}/${text}`)
  let current = from
  for (const name of text.split('/')) {
    if (name === '..') current = parentOf(context.walk(current).real)
    else if (name !== '' && name !== '.') current = join(current, name)
  }
  return current
}

/** Looks `name` up in the directories as execvp does: the first file that may be executed. */
export const lookUp = (
  context: ResolveContext,
  name: string,
  directories: readonly AbsolutePath[],
): AbsolutePath | undefined =>
  directories
    .map((directory) => join(directory, name))
    .find((file) => problemWith(context, file) === undefined)

/** Why a file cannot be executed, as a clause; undefined when it can. */
export const problemWith = (context: ResolveContext, file: AbsolutePath): string | undefined => {
  const walked = context.walk(file)
  if (walked.status === 'cycle') return 'its links lead in a circle or through more than 40 links'
  if (walked.status === 'denied') return 'a directory on the way to it cannot be searched'
  if (walked.status === 'dangling')
    return `it leads to ${show(context, walked.real)}, which does not exist`
  if (walked.status === 'missing') return 'it does not exist'
  if (walked.kind === 'directory') return 'it is a directory'
  const stat = context.host.lstat(walked.real)
  if (stat !== undefined && stat !== 'denied' && stat.type !== 'file') return `it is a ${stat.type}`
  return context.host.canAccess(walked.real, 'execute') ? undefined : 'you may not execute it'
}

const fromPath = (context: ResolveContext, command: string): FoundCommand => {
  const file = physical(context, context.cwd, command)
  if (file === undefined || components(file).length === 0)
    throw notExecutable(context, command, command, 'it is a directory')
  const place = placeAt(context, file, [], named(context, command, file))
  const problem = problemWith(context, file)
  if (problem === undefined && command.endsWith('/'))
    throw notExecutable(context, command, file, 'it is not a directory')
  if (problem === undefined) return { place, notices: [] }
  if (place.walked.status === 'missing' || place.walked.status === 'dangling') {
    throw new LauncherError(
      'E_TARGET_NOT_FOUND',
      `${show(context, command)} was not found: ${place.chain.join(', ')}, and ${problem}`,
      {
        exit: 127,
        hint: 'Check the path.',
      },
    )
  }
  throw notExecutable(context, command, file, problem)
}

const fromSearch = (
  context: ResolveContext,
  command: string,
  directories: readonly AbsolutePath[],
): FoundCommand => {
  const notices: Notice[] = []
  let insideProject: AbsolutePath | undefined
  let unusable: { file: AbsolutePath; problem: string } | undefined
  for (const directory of directories) {
    const file = join(directory, command)
    const problem = problemWith(context, file)
    const walked = context.walk(file)
    if (problem !== undefined) {
      // A dangling link is no hit for a shell either; what exists and cannot run is remembered for
      // the message.
      if (walked.status === 'exists' || walked.status === 'denied' || walked.status === 'cycle')
        unusable ??= { file, problem }
      continue
    }
    const isOurs =
      isInside(context, walked.real, context.project) ||
      isInside(context, context.walk(directory).real, context.project)
    if (isOurs && !context.isBroadProject) {
      insideProject ??= file
      notices.push(
        noticeOf(
          'warning',
          'target-in-project',
          `${show(context, file)} was passed over: it lies inside the project, where the agent can change it`,
        ),
      )
      continue
    }
    if (isOurs)
      notices.push(
        noticeOf(
          'warning',
          'target-in-project',
          `${show(context, file)} lies inside the project, where the agent can change it`,
        ),
      )
    return { place: placeAt(context, file, [], named(context, command, file)), notices }
  }
  if (insideProject !== undefined) {
    throw new LauncherError(
      'E_TARGET_NOT_FOUND',
      `${show(context, command)} was found only inside the project, at ${show(context, insideProject)}, where the agent can change it`,
      {
        exit: 127,
        hint: `Install it outside the project, or name the file: ${show(context, insideProject)}.`,
      },
    )
  }
  if (unusable !== undefined) throw notExecutable(context, command, unusable.file, unusable.problem)
  throw new LauncherError(
    'E_TARGET_NOT_FOUND',
    `${show(context, command)} was not found in the ${directories.length} directories of PATH`,
    {
      exit: 127,
      hint: 'Install it, or name it by its path.',
    },
  )
}

/** The first clause of every chain: what the command's name means. */
const named = (context: ResolveContext, command: string, file: AbsolutePath): string =>
  command === file
    ? `the command is ${show(context, file)}`
    : `${show(context, command)} is ${show(context, file)}`

const notExecutable = (
  context: ResolveContext,
  command: string,
  file: string,
  problem: string,
): LauncherError => {
  const where =
    show(context, file) === show(context, command) ? '' : ` is ${show(context, file)}, which`
  return new LauncherError(
    'E_TARGET_NOT_EXECUTABLE',
    `${show(context, command)}${where} cannot be executed: ${problem}`,
    {
      exit: 126,
      hint: 'Check the file with ls -l.',
    },
  )
}
