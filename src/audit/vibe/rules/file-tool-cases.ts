import { tomlLiteral } from '../../../documents/toml-edits.ts'
import type { AnsweredProbe, Case } from '../../model.ts'
import type { Edit, KeyPath } from '../../../documents/document.ts'
import { type FileProbe, placeOf } from '../../probes/build.ts'
import { shown } from '../../../documents/values.ts'
import type { ToolFacts, VibeFacts } from '../facts.ts'
import type { Diagnosis } from '../patterns.ts'
import { fnmatch } from '../semantics/fnmatch.ts'

/** A probe of a file tool with the gate's answer. */
export type Answered = FileProbe & AnsweredProbe

const WORST = ['RUNS', 'ASKS', 'DENIED'] as const
const worstFirst = (a: AnsweredProbe, b: AnsweredProbe): number =>
  WORST.indexOf(a.gate.verdict) - WORST.indexOf(b.gate.verdict)

/** Probes of one tool. */
export const probesOf = (facts: VibeFacts, tool: ToolFacts): Answered[] =>
  facts.fileProbes.filter((probe) => probe.tool === tool.name)

/**
 * The patterns that deny a target: its folder and what lies in it, or the file. Behind a link, the
 * place that it leads to as well: patterns see that one.
 */
const shield = ({ world }: VibeFacts, path: string, folder: string | undefined): string[] => {
  const { hops, real } = world.walk(placeOf(world, folder ?? path))
  const names = [
    `*/${(folder ?? path).replace(/^[~.]\//, '')}`,
    ...(hops.length > 0 ? [real.replaceAll(/[*?[]/g, '[$&]')] : []),
  ]
  return folder === undefined ? names : names.flatMap((name) => [name, `${name}/*`])
}

/** One case for a tool whose denylist leaves targets open, with the block that closes them. */
export const leftOpen = (
  facts: VibeFacts,
  tool: ToolFacts,
  open: readonly Answered[],
  more: readonly Edit[] = [],
): Case[] => {
  if (open.length === 0) return []
  const list: KeyPath = ['tools', tool.name, 'denylist']
  const subjects = [...new Set(open.map(({ subject }) => subject))]
  const values = [
    ...new Set(open.flatMap(({ subject, folder }) => shield(facts, subject, folder))),
  ].filter((pattern) => !tool.lists.denylist.includes(pattern))
  const isSet = facts.isSet(...list.map(String))
  const written = isSet
    ? list
    : facts.isSet('tools', tool.name, 'permission')
      ? ['tools', tool.name, 'permission']
      : list
  const target = facts.causeOf(list)
  // A profile that comes with Vibe is no place to mend anything.
  const cause = facts.causeOf(written).file.startsWith('<') ? target : facts.causeOf(written)
  const runs = open.filter(({ gate }) => gate.verdict === 'RUNS')
  const paste = `[tools.${tool.name}]\ndenylist = [\n${values.map((pattern) => `  ${tomlLiteral(pattern)},\n`).join('')}]`
  return [
    {
      message: `${tool.name} is not denied ${subjects.slice(0, 3).join(', ')}${subjects.length > 3 ? ` and ${subjects.length - 3} more` : ''}${runs.length > 0 ? `; ${runs[0]!.subject} runs unasked in ${runs[0]!.cwd === 'home' ? 'the home directory' : 'the project'}` : ''}`,
      cause,
      probe: [...open].sort(worstFirst)[0]!.id,
      exposes: [...new Map(open.map(({ needs: [need], subject }) => [subject, need!])).values()],
      paste,
      ...(target.file.startsWith('<') || target.file !== cause.file
        ? {}
        : {
            edits: [
              {
                op: 'append',
                path: target.path ?? list,
                values: isSet ? values : [...tool.lists.denylist, ...values],
              },
              ...more,
            ],
          }),
    },
  ]
}

/** Cases for entries with one diagnosis. */
export const diagnosed = (facts: VibeFacts, id: Diagnosis['rule']): Case[] =>
  facts.patterns.flatMap(({ tool, list, pattern, path, diagnosis }): Case[] => {
    if (diagnosis?.rule !== id) return []
    const { cause, edits } = facts.mendItem(
      path,
      pattern,
      diagnosis.better.filter((better) => better === pattern || !tool.lists[list].includes(better)),
    )
    const meant = probesOf(facts, tool).filter(
      (probe) =>
        list === 'denylist' &&
        probe.gate.verdict !== 'DENIED' &&
        diagnosis.better.some((better) => fnmatch(probe.path, better)),
    )
    const does = id === 'V106' ? 'leaves a gap' : 'does nothing'
    const instead =
      diagnosis.better.length > 0 ? `; ${diagnosis.better.map(shown).join(', ')} would` : ''
    return [
      {
        message: `${shown(pattern)} in ${tool.name}.${list} ${id === 'V105' || id === 'V111' ? 'does not do what it seems to' : does}: ${diagnosis.reason}${instead}`,
        cause,
        ...(meant.length > 0
          ? {
              probe: [...meant].sort(worstFirst)[0]!.id,
              exposes: meant.filter(({ cwd }) => cwd === 'project').flatMap(({ needs }) => needs),
            }
          : {}),
        ...(diagnosis.better.length > 0 && edits ? { edits } : {}),
      },
    ]
  })

/** The tools of a configuration by what they do. */
export const toolsFor = (facts: VibeFacts, ...uses: readonly ToolFacts['use'][]): ToolFacts[] =>
  facts.tools.filter(({ use }) => uses.includes(use))
