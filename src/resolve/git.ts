import type { Host } from '../machine/host.ts'
import type { Notice, Origin } from '../policy/model.ts'
import { type AbsolutePath, isWithin, join, parentOf } from '../machine/paths.ts'
import type { Candidate } from './candidate.ts'
import { type CalledFile, filesCalledBy, filesNamed } from './git-called.ts'
import { guardAgainstBare } from './git-bare.ts'
import { gitDirOf, isGitDir, readGitConfig, readLine } from './git-files.ts'
import { physical, written } from '../machine/physical.ts'
import { shellWord } from '../text/shell-word.ts'
import type { Repository } from './scan.ts'
import type { Walker } from '../machine/walk.ts'

export interface GitInput {
  readonly host: Host
  readonly walk: Walker
  readonly project: AbsolutePath
  /** Found in the project and in writable roots. */
  readonly repositories: readonly Repository[]
  /**
   * Directories that the agent may fill, the project among them: each could be made a repository
   * itself.
   */
  readonly roots: readonly AbsolutePath[]
  /** `$XDG_CONFIG_HOME`. */
  readonly configHome: AbsolutePath
  readonly isWritable: (directory: AbsolutePath) => boolean
}

export interface GitProtections {
  /** What hooks in these repositories run or read in the project: told when it changed. */
  readonly called: readonly CalledFile[]
  readonly candidates: readonly Candidate[]
  readonly notices: readonly Notice[]
}

/**
 * What makes git run code on the host's next command, in every repository found. A nested
 * repository that is planted later cannot be prevented on Linux (new names are listed after the
 * run); one at the root of what the agent may fill can, so there `.git` is held even where no
 * repository is, and so is what a bare repository needs.
 */
export const gitProtections = (input: GitInput): GitProtections => {
  const { project, repositories } = input
  const candidates: Candidate[] = []
  const notices: Notice[] = []
  const called: CalledFile[] = []
  const context: Context = {
    ...input,
    candidates,
    notices,
    called,
    globalHooks: hooksOfUser(input, candidates),
  }
  for (const repository of repositories) protectRepository(repository, context)
  const hasOwn = repositories.some((one) => one.place === project && one.type !== 'bare')
  if (!hasOwn)
    add(
      context,
      join(project, '.git'),
      'a repository planted here would run code on the next git command outside',
    )
  const bare = new Set(repositories.filter(({ type }) => type === 'bare').map(({ place }) => place))
  const places = new Set([...input.roots, ...repositories.map(({ place }) => place)])
  for (const place of places) if (!bare.has(place)) guardPlace(place, context)
  return { candidates, notices, called }
}

interface Context extends GitInput {
  readonly called: CalledFile[]
  readonly candidates: Candidate[]
  readonly notices: Notice[]
  readonly globalHooks: readonly string[]
}

const add = (
  context: { readonly candidates: Candidate[] },
  path: AbsolutePath,
  because: string,
  held?: Candidate['held'],
  key = 'git',
): void => {
  const origin: Origin = { strength: 'derived', file: 'resolution', key, because }
  context.candidates.push({
    path,
    kind: 'read_only',
    requested: path,
    origin,
    liftable: true,
    ...(held && { held }),
  })
}

/**
 * Also at the top of a repository: without a valid `.git/HEAD`, which the agent may remove, git
 * looks at the folder itself.
 */
const guardPlace = (place: AbsolutePath, context: Context): void => {
  const { holds, gitDir } = guardAgainstBare(context.host, context.walk, place)
  for (const { path, because, held } of holds) add(context, path, because, held, 'git-bare')
  if (gitDir !== undefined) protectGitDir(gitDir, place, context)
}

const protectRepository = ({ place, type }: Repository, context: Context): void => {
  const dotGit = join(place, '.git')
  switch (type) {
    case 'symlink':
      noteGrantMissing(dotGit, context)
      return add(context, dotGit, 'it names the repository that git uses here')
    case 'file': {
      add(context, dotGit, 'it names the repository that git uses here')
      const gitDir = gitDirOf(context.host, context.walk, dotGit, place)
      if (gitDir !== undefined && context.isWritable(gitDir)) protectGitDir(gitDir, place, context)
      return
    }
    case 'directory':
      // An empty one is what another run holds where no repository is; names beneath it would
      // outlive that run's clean-up.
      if (context.host.list(dotGit)?.length === 0)
        return add(
          context,
          dotGit,
          'a repository planted here would run code on the next git command outside',
        )
      return protectGitDir(dotGit, place, context)
    case 'bare':
      protectCommonDir(place, context)
      return protectGitDir(place, place, context)
    default:
      return type satisfies never
  }
}

/**
 * Lifting a link grants nothing. A link to anything but a repository may be a trap: nobody is told
 * to grant that.
 */
const noteGrantMissing = (dotGit: AbsolutePath, { walk, isWritable, notices }: Context): void => {
  const { real } = walk(dotGit)
  if (!isGitDir(walk, real) || isWritable(real)) return
  const because = `${dotGit} is a link to ${real}`
  notices.push({
    level: 'warning',
    code: 'git-link-outside',
    message: `git will not work in the project: ${because}, which is not granted; start with --lift ${shellWord(dotGit)} --write ${shellWord(real)} if that repository is yours`,
    origin: { strength: 'derived', file: 'resolution', key: 'git', because },
  })
}

/**
 * The directory that `commondir` names has the configuration and the hooks; it need not look like a
 * repository itself.
 */
const protectCommonDir = (gitDir: AbsolutePath, context: Context): void => {
  const { host, walk } = context
  const named = physical(walk, gitDir, readLine(host, join(gitDir, 'commondir')) ?? '')
  const real = named === undefined ? gitDir : walk(named).real
  if (real !== gitDir && context.isWritable(real)) protectGitDir(real, real, context)
}

/**
 * An empty file is an empty configuration; `.` is the common directory that every git directory has
 * by default. An empty directory at either name breaks git.
 */
const EMPTY: Candidate['held'] = { entry: 'file', placeholder: '' }
const ITSELF: Candidate['held'] = { entry: 'file', placeholder: '.\n' }

const MAX_MODULE_DEPTH = 8

/**
 * `info/attributes` and `.gitattributes` are left writable: they only choose among the filters and
 * diff drivers that a configuration defines. So are `HEAD`, `objects`, `refs` and `index`, without
 * which the agent could not commit.
 */
const protectGitDir = (gitDir: AbsolutePath, top: AbsolutePath, context: Context): void => {
  const { host } = context
  add(context, join(gitDir, 'config'), 'git runs commands that its configuration names', EMPTY)
  add(
    context,
    join(gitDir, 'config.worktree'),
    'git runs commands that its configuration names',
    EMPTY,
  )
  add(context, join(gitDir, 'hooks'), 'git runs what lies here')
  collectCalled(join(gitDir, 'hooks'), top, context)
  // Old places for remotes: `git push` goes where they say, and runs the hooks of a repository on
  // this machine.
  add(context, join(gitDir, 'branches'), 'git takes remotes from it')
  add(context, join(gitDir, 'remotes'), 'git takes remotes from it')
  // A submodule made here would bring a configuration of its own; those that exist keep theirs
  // read-only.
  if (host.lstat(join(gitDir, 'modules')) === undefined)
    add(context, join(gitDir, 'modules'), 'git uses the repositories in it')
  add(
    context,
    join(gitDir, 'commondir'),
    'it names the directory whose configuration and hooks git uses',
    ITSELF,
  )
  for (const { name, type } of host.list(join(gitDir, 'worktrees')) ?? []) {
    if (type !== 'directory') continue
    const worktree = join(gitDir, `worktrees/${name}`)
    add(
      context,
      join(worktree, 'commondir'),
      'it names the directory whose configuration and hooks git uses',
      { entry: 'file', placeholder: '../..\n' },
    )
    add(
      context,
      join(worktree, 'config.worktree'),
      'git runs commands that its configuration names',
      EMPTY,
    )
    add(
      context,
      join(worktree, 'gitdir'),
      'it names the directory that this worktree belongs to',
      EMPTY,
    )
  }
  protectModules(join(gitDir, 'modules'), context, 0)
  protectNamedFiles(join(gitDir, 'config'), top, context, 0)
  for (const hooks of context.globalHooks) protectHooksPath(hooks, top, context)
}

/** Names of submodules may hold slashes, so a directory without HEAD is only a part of a name. */
const protectModules = (directory: AbsolutePath, context: Context, depth: number): void => {
  if (depth > MAX_MODULE_DEPTH) return
  for (const { name, type } of context.host.list(directory) ?? []) {
    if (type !== 'directory') continue
    const place = join(directory, name)
    const list = context.host.list(place)
    if (list?.some((entry) => entry.name === 'HEAD')) protectGitDir(place, place, context)
    else protectModules(place, context, depth + 1)
  }
}

const MAX_INCLUDES = 5

/** `core.hooksPath` and included files, where the agent could write them. */
const protectNamedFiles = (
  config: AbsolutePath,
  top: AbsolutePath,
  context: Context,
  depth: number,
): void => {
  const found = readGitConfig(context.host, config)
  if (!found || depth > MAX_INCLUDES) return
  if (found.hooksPath !== undefined) protectHooksPath(found.hooksPath, top, context)
  for (const { key, text } of found.commands)
    for (const file of filesNamed(context.walk, text, top))
      protectProgram(file, `${config} runs it (${key})`, context)
  for (const include of found.includes) {
    const path = fileNamed(include, parentOf(config), context)
    if (path === undefined) continue
    if (context.isWritable(parentOf(context.walk(path).real)))
      add(context, path, `${config} includes it`, EMPTY)
    protectNamedFiles(path, top, context, depth + 1)
  }
}

/**
 * A program in the project that a configuration names is run by git unasked. A link to one cannot
 * be pinned on Linux: it is told when it changed.
 */
const protectProgram = (path: AbsolutePath, because: string, context: Context): void => {
  const { kind, hops, real } = context.walk(path)
  if (kind !== 'file' || !context.isWritable(parentOf(real))) return
  if (hops.length === 0) add(context, path, because)
  else context.called.push({ path: real, because })
}

const collectCalled = (hooks: AbsolutePath, top: AbsolutePath, context: Context): void => {
  for (const { name, type } of context.host.list(hooks) ?? [])
    if (type === 'file' && !name.endsWith('.sample'))
      context.called.push(...filesCalledBy(context.host, context.walk, join(hooks, name), top))
}

const protectHooksPath = (text: string, top: AbsolutePath, context: Context): void => {
  const path = fileNamed(text, top, context)
  if (path === undefined) return
  const real = context.walk(path).real
  collectCalled(real, top, context)
  if (!context.isWritable(real) && !context.isWritable(parentOf(real))) return
  const because = `core.hooksPath is ${text}: git runs what lies here`
  if (context.isWritable(parentOf(real)) && !isWithin(context.project, real))
    add(context, path, because)
  else {
    const message = `${real} is a directory of git hooks (core.hooksPath) and a root that the agent writes: what it writes there runs on the next git command`
    context.notices.push({
      level: 'warning',
      code: 'hooks-writable',
      message,
      origin: { strength: 'derived', file: 'resolution', key: 'git', because },
    })
  }
}

const fileNamed = (
  text: string,
  base: AbsolutePath,
  { host, walk }: Pick<GitInput, 'host' | 'walk'>,
): AbsolutePath | undefined => written(walk, { home: host.home, cwd: base }, text)

/**
 * `core.hooksPath` of the user's own configuration: when relative it names a directory in every
 * repository.
 */
const hooksOfUser = (input: GitInput, candidates: Candidate[]): string[] => {
  const found: string[] = []
  const visit = (file: AbsolutePath, depth: number): void => {
    const config = readGitConfig(input.host, file)
    if (!config || depth > MAX_INCLUDES) return
    if (config.hooksPath !== undefined) found.push(config.hooksPath)
    for (const include of config.includes) {
      const path = fileNamed(include, parentOf(file), input)
      if (path === undefined) continue
      if (input.isWritable(parentOf(input.walk(path).real)))
        add({ candidates }, path, `${file} includes it`, EMPTY)
      visit(path, depth + 1)
    }
  }
  visit(join(input.host.home, '.gitconfig'), 0)
  visit(join(input.configHome, 'git/config'), 0)
  return [...new Set(found)]
}
