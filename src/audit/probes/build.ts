import { type AbsolutePath, join, parentOf } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { AnsweredProbe, GateAnswer, Need, Probe, ProbeCwd } from '../model.ts'
import { COMMANDS } from './commands.ts'
import { TARGETS, type Target } from './targets.ts'

/**
 * The ways a file tool can be used on a target. The parent of the folder stands for a search from
 * above.
 */
const FILE_USES = ['read', 'grep', 'grep parent', 'write', 'edit'] as const
export type FileUse = (typeof FILE_USES)[number]

/** A probe of a file tool, and the path that the tool is called with. */
export interface FileProbe extends Probe {
  readonly use: FileUse
  /** Absolute. */
  readonly path: AbsolutePath
  /** The folder that is to be closed for its target, as {@link Target} has it. */
  readonly folder: string | undefined
}

/**
 * Targets of this machine, with further ones that a dialect adds. Those of the project (`./`) are
 * asked about in the project only.
 */
const targetsAt = (world: AuditWorld, cwd: ProbeCwd, own: readonly Target[]): Target[] =>
  [...TARGETS, ...own].filter(
    ({ platform, path }) =>
      (platform ?? world.host.platform) === world.host.platform &&
      (cwd === 'project' || !path.startsWith('./')),
  )

/**
 * Every use of every target in both working directories. `names`: what the agent calls each use; a
 * use without a name does not exist there.
 */
export const fileProbes = (
  world: AuditWorld,
  names: Readonly<Partial<Record<FileUse, string>>>,
  own: readonly Target[],
): FileProbe[] =>
  (['project', 'home'] as const).flatMap((cwd) =>
    targetsAt(world, cwd, own).flatMap((target) =>
      FILE_USES.flatMap((use) => {
        const tool = names[use]
        if (tool === undefined) return []
        const file = placeOf(world, target.path)
        const isWrite = use === 'write' || use === 'edit'
        return [
          {
            id: `${use === 'grep parent' ? `${tool} above` : tool} ${target.path} @${cwd}`,
            group: target.group,
            tool: use === 'grep parent' ? `${tool} above` : tool,
            subject: target.path,
            cwd,
            folder: target.folder,
            needs: [isWrite ? writeNeed(world, target.path) : readNeed(world, target.path)],
            use,
            path: calledWith(
              use,
              file,
              target.folder === undefined ? file : placeOf(world, target.folder),
            ),
          },
        ]
      }),
    ),
  )

/**
 * grep is called with the folder that is to be closed, or the file; from above with what holds it.
 */
const calledWith = (use: FileUse, file: AbsolutePath, root: AbsolutePath): AbsolutePath =>
  use === 'grep' ? root : use === 'grep parent' ? parentOf(root) : file

/** The corpus of command lines in both working directories. */
export const commandProbes = (world: AuditWorld, tool: string): Probe[] =>
  (['project', 'home'] as const).flatMap((cwd) =>
    COMMANDS.filter(
      ({ reads, writes }) => cwd === 'project' || !(reads ?? writes ?? '').startsWith('./'),
    ).map(({ command, reads, writes, host }) => ({
      id: `${tool} ${command} @${cwd}`,
      group: 'command' as const,
      tool,
      subject: command,
      cwd,
      needs: [
        ...(reads === undefined ? [] : [readNeed(world, reads)]),
        ...(writes === undefined ? [] : [writeNeed(world, writes)]),
        ...(host === undefined ? [] : [{ kind: 'host', host } as const]),
      ],
    })),
  )

/** Probes with their answers; those that nothing is known about are left out. */
export const answered = <P extends Probe>(
  probes: readonly P[],
  answer: (probe: P) => GateAnswer | undefined,
): (P & AnsweredProbe)[] =>
  probes.flatMap((probe) => {
    const gate = answer(probe)
    return gate ? [{ ...probe, gate }] : []
  })

/** A target's path on this machine, links not followed. */
export const placeOf = ({ host, project }: AuditWorld, path: string): AbsolutePath => {
  const base = path.startsWith('~') ? host.home : project
  return join(base, path.slice(2))
}

/** Reading a target. */
export const readNeed = (world: AuditWorld, path: string): Need => ({
  kind: 'path',
  operation: 'read',
  path: world.walk(placeOf(world, path)).real,
})

/** Writing a target, which for an absent one is making it. */
export const writeNeed = (world: AuditWorld, path: string): Need => {
  const { real, status } = world.walk(placeOf(world, path))
  return { kind: 'path', operation: status === 'exists' ? 'write' : 'create', path: real }
}
