import { namingOf } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import type { GrantAccess, Notice, Origin } from '../policy/model.ts'
import { type AbsolutePath, join, nameOf, parentOf } from '../machine/paths.ts'
import type { Candidate } from './candidate.ts'
import type { DerivedGrant } from './draft.ts'
import { gitDirOf, isGitDir, readGitConfig, readLine } from './git-files.ts'
import { physical } from '../machine/physical.ts'
import type { Walker } from '../machine/walk.ts'

export interface GitLink {
  readonly grants: readonly DerivedGrant[]
  readonly candidates: readonly Candidate[]
  readonly notices: readonly Notice[]
}

const NOTHING: GitLink = { grants: [], candidates: [], notices: [] }

/**
 * A project whose `.git` is a file keeps its repository elsewhere: a linked worktree or a
 * submodule. What git needs there is derived, but only when that place names this project in
 * return: a file in a hostile project could name ~/x.
 */
export const gitLinkGrants = (host: Host, walk: Walker, project: AbsolutePath): GitLink => {
  const dotGit = join(project, '.git')
  const walked = walk(dotGit)
  if (walked.status !== 'exists' || walked.kind !== 'file' || walked.hops.length > 0) return NOTHING
  const gitDir = gitDirOf(host, walk, dotGit, project)
  if (gitDir === undefined) return NOTHING
  // By its name or by where it leads: what lies in the project is granted with it.
  const { isInside } = namingOf(host.platform)
  if (isInside(gitDir, project) || isInside(walk(gitDir).real, project)) return NOTHING
  const chain = `${dotGit} names ${gitDir}`
  if (walk(gitDir).status !== 'exists') return refused(chain, 'which is not there')
  const back = readLine(host, join(gitDir, 'gitdir'))
  if (back !== undefined) return worktreeGrants(host, walk, { dotGit, gitDir, back, chain })
  return submoduleGrants(host, walk, { project, gitDir, chain })
}

const worktreeGrants = (
  host: Host,
  walk: Walker,
  {
    dotGit,
    gitDir,
    back,
    chain,
  }: { dotGit: AbsolutePath; gitDir: AbsolutePath; back: string; chain: string },
): GitLink => {
  const named = physical(walk, gitDir, back)
  if (named === undefined || walk(named).real !== walk(dotGit).real)
    return refused(chain, `but ${gitDir}/gitdir does not name it in return`)
  const common = physical(walk, gitDir, readLine(host, join(gitDir, 'commondir')) ?? '')
  const real = common === undefined ? undefined : walk(common).real
  // git itself makes them so: any other layout is somebody's invention.
  if (
    real === undefined ||
    gitDir !== join(real, `worktrees/${nameOf(gitDir)}`) ||
    !isGitDir(walk, real)
  )
    return refused(chain, 'which is no worktree of a repository')
  const because = `${chain}, whose gitdir names it in return; its commondir is ${real}`
  const origin = originOf(because)
  const own = `worktrees/${nameOf(gitDir)}`
  const grant = (access: GrantAccess, rest: string): DerivedGrant => {
    const path = rest === '' ? real : join(real, rest)
    return { walked: walk(path), access, requested: path, origin }
  }
  return {
    grants: [
      grant('read', ''),
      ...['objects', 'refs', 'logs', 'packed-refs', own].map((rest) => grant('write', rest)),
    ],
    candidates: [
      'config',
      'hooks',
      'commondir',
      `${own}/commondir`,
      `${own}/gitdir`,
      `${own}/config.worktree`,
    ].map((rest) => guard(join(real, rest), because)),
    notices: [],
  }
}

/**
 * A submodule's git directory is its own common directory: git makes lock files at its top, so it
 * is writable but for what runs code.
 */
const submoduleGrants = (
  host: Host,
  walk: Walker,
  { project, gitDir, chain }: { project: AbsolutePath; gitDir: AbsolutePath; chain: string },
): GitLink => {
  const worktree = readGitConfig(host, join(gitDir, 'config'))?.worktree
  const named = worktree === undefined ? undefined : physical(walk, gitDir, worktree)
  if (named === undefined || walk(named).real !== project)
    return refused(chain, 'whose core.worktree does not name it in return')
  if (!isGitDir(walk, gitDir) || !parentOf(gitDir).includes('/modules'))
    return refused(chain, 'which is no submodule of a repository')
  const because = `${chain}, whose core.worktree names it in return`
  return {
    grants: [
      { walked: walk(gitDir), access: 'write', requested: gitDir, origin: originOf(because) },
    ],
    candidates: [
      guard(join(gitDir, 'config'), because),
      guard(join(gitDir, 'hooks'), because),
      {
        ...guard(join(gitDir, 'config.worktree'), because),
        held: { entry: 'file', placeholder: '' },
      },
      { ...guard(join(gitDir, 'commondir'), because), held: { entry: 'file', placeholder: '.\n' } },
    ],
    notices: [],
  }
}

const originOf = (because: string): Origin => ({
  strength: 'derived',
  file: 'resolution',
  key: 'git',
  because,
})

const guard = (path: AbsolutePath, because: string): Candidate => ({
  path,
  kind: 'read_only',
  requested: path,
  liftable: true,
  origin: originOf(`git runs what it holds or names; ${because}`),
  ...(/\/(config\.worktree|gitdir)$/.test(path) && {
    held: { entry: 'file' as const, placeholder: '' },
  }),
})

const refused = (chain: string, reason: string): GitLink => ({
  ...NOTHING,
  notices: [
    {
      level: 'warning',
      code: 'git-link-refused',
      message: `git will not work in the project: ${chain}, ${reason}; grant that directory yourself if it is yours`,
      origin: originOf(chain),
    },
  ],
})
