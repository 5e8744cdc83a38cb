import { type AbsolutePath, isWithin, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { GateAnswer, Verdict } from '../model.ts'
import type { FileUse } from '../probes/build.ts'
import type { Action } from './keys.ts'
import { decide, matchesWildcard, type Ruling } from './permissions.ts'

/** What the gate looks at. */
export interface Gate {
  readonly rulings: readonly Ruling[]
  readonly cwd: AbsolutePath
  readonly worktree: AbsolutePath | undefined
  readonly isAuto: boolean
  readonly resolve: AuditWorld['resolve']
}

const VERDICTS: Readonly<Record<Action, Verdict>> = { allow: 'RUNS', ask: 'ASKS', deny: 'DENIED' }
const ORDER: readonly Action[] = ['deny', 'ask', 'allow']

/** Every permission of a call must allow it: the strictest answer counts. */
const strictest = ({ isAuto }: Gate, rulings: readonly Ruling[]): GateAnswer => {
  const [first] = [...rulings].sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action))
  const { permission, pattern, action } = first ?? {
    permission: '*',
    pattern: '*',
    action: 'ask' as const,
  }
  const verdict = VERDICTS[isAuto && action === 'ask' ? 'allow' : action]
  return {
    verdict,
    because: `${permission} ${JSON.stringify(pattern)} is ${action}${isAuto && action === 'ask' ? ', and --auto answers' : ''}`,
    entry: { list: `permission.${permission}`, pattern },
  }
}

const isInside = ({ cwd, worktree }: Gate, text: string): boolean => {
  const path = toAbsolutePath(text)
  return (
    path !== undefined &&
    (isWithin(path, cwd) || (worktree !== undefined && isWithin(path, worktree)))
  )
}

/** One call of a file tool; undefined where versions differ. */
export const decideFile = (
  gate: Gate,
  use: FileUse,
  path: AbsolutePath,
): GateAnswer | undefined => {
  // Whether a link counts by its name or by its end has changed.
  if (isInside(gate, path) !== isInside(gate, gate.resolve(path))) return undefined
  const isSearch = use === 'grep' || use === 'grep parent'
  const permission = isSearch ? 'grep' : use === 'read' ? 'read' : 'edit'
  // A search is asked about by what it looks for; a file by its path from the project, or in some
  // versions from the root.
  const subjects = isSearch ? ['.'] : [path, relative(gate.worktree ?? gate.cwd, path)]
  const folders = isSearch ? [path, parentOf(path)] : [parentOf(path)]
  const answers = subjects.flatMap((subject) =>
    folders.map((folder) =>
      strictest(gate, [
        decide(gate.rulings, permission, subject),
        ...(isInside(gate, path)
          ? []
          : [decide(gate.rulings, 'external_directory', `${folder === '/' ? '' : folder}/*`)]),
      ]),
    ),
  )
  const [first] = answers
  return first && answers.every(({ verdict }) => verdict === first.verdict) ? first : undefined
}

const relative = (base: AbsolutePath, path: AbsolutePath): string => {
  if (isWithin(path, base)) return path.slice(base === '/' ? 1 : base.length + 1)
  return `../${relative(parentOf(base), path)}`
}

/**
 * Commands whose arguments are looked at for paths outside of the project, and what a shell does
 * with paths by itself (packages/opencode/src/tool/bash.ts).
 */
const LOOKED_AT = /\b(?:cat|cd|chmod|chown|cp|mkdir|mv|popd|pushd|rm|tee|touch)\b|[<>]/

/**
 * One command line. Without the parser of bash it is answered where the text cannot matter: the
 * same action for every command, and no path that is looked at.
 */
export const decideCommand = (gate: Gate, command: string): GateAnswer | undefined => {
  const last = gate.rulings.findLastIndex(
    ({ permission, pattern }) => matchesWildcard(permission, 'bash') && pattern === '*',
  )
  const later = gate.rulings
    .slice(last + 1)
    .filter(({ permission }) => matchesWildcard(permission, 'bash'))
  const base = gate.rulings[last]
  if (!base || later.some(({ action }) => action !== base.action)) return undefined
  const outside = decide(gate.rulings, 'external_directory', '/*')
  if (base.action !== 'deny' && outside.action !== 'allow' && LOOKED_AT.test(command))
    return undefined
  return strictest(gate, [base])
}
