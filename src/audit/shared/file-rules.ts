import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { Case, Rule, Severity } from '../model.ts'
import type { ConfigFile } from './config-file.ts'
import { otherWriters, writing } from './doors.ts'
import { isTable, tableOf, valueAt } from '../../documents/values.ts'

/** What the rules about files read. */
export interface FileRuleFacts {
  readonly request: AuditRequest
  readonly world: AuditWorld
  /** Every file that decides what the agent may do, whether it is there or not. */
  readonly files: readonly ConfigFile[]
  /** Files beside them that are written in another way: servers, hooks. */
  readonly beside: readonly ConfigFile[]
}

const allOf = ({ files, beside }: FileRuleFacts): readonly ConfigFile[] => [...files, ...beside]

/**
 * Keys that an agent reads: of the top (`''`) and of tables by their dotted path; `*` stands for
 * any name.
 */
export type KnownKeys = Readonly<Record<string, readonly string[]>>

/**
 * Ids of the rules about files in one dialect, and what the agent does with a key that it does not
 * know.
 */
export interface FileRuleOptions {
  readonly ids: {
    readonly writable: string
    readonly link: string
    readonly broken: string
    readonly duplicate: string
    readonly unknown: string
  }
  readonly known: KnownKeys
  readonly unknown: { readonly severity: Severity; readonly why: string }
  readonly broken: string
}

/** The rules about files that every agent shares: who can write them, links, syntax, keys. */
export const fileRules = ({
  ids,
  known,
  unknown,
  broken,
}: FileRuleOptions): readonly Rule<FileRuleFacts>[] => [
  {
    id: ids.writable,
    severity: 'high',
    what: 'a configuration that others can write',
    why: 'Whoever writes it decides what the agent may do and runs.',
    fix: 'chmod 600, and own it yourself.',
    find: (facts) =>
      allOf(facts).flatMap(({ file, layer, source }): Case[] => {
        const { host } = facts.world
        const stat = source.state === 'from standard input' ? undefined : host.stat(file)
        const others =
          stat === undefined || stat.uid === 0 ? undefined : otherWriters(stat, host.uid)
        return others === undefined
          ? []
          : [{ message: `${file} ${others}`, cause: { file, layer } }]
      }),
  },
  {
    id: ids.link,
    severity: 'low',
    what: 'the configuration is a link',
    why: 'Where it leads decides, too: whoever can write that place or a link on the way changes the configuration.',
    fix: 'Keep the target out of what the agent can write.',
    find: (facts) =>
      allOf(facts).flatMap(({ file, layer, source }): Case[] =>
        source.hops.length === 0
          ? []
          : [
              {
                message: `${file} ${source.hops.map(({ target }) => `→ ${target}`).join(' ')}`,
                cause: { file, layer },
                exposes: [writing(source.real as ConfigFile['file'])],
              },
            ],
      ),
  },
  {
    id: ids.broken,
    severity: 'high',
    what: 'a configuration that cannot be read',
    why: broken,
    fix: 'Mend it.',
    find: (facts) =>
      allOf(facts).flatMap(({ file, layer, problem, position }): Case[] =>
        problem === undefined
          ? []
          : [
              {
                message: `${file} ${problem}`,
                cause: { file, path: [], ...(position ? { position } : {}), layer },
              },
            ],
      ),
  },
  {
    id: ids.duplicate,
    severity: 'medium',
    what: 'a key that stands twice',
    why: 'The last one counts; the first one, which may be the careful one, does nothing.',
    fix: 'Remove one of them.',
    find: (facts) =>
      allOf(facts).flatMap(({ file, layer, document }) =>
        (document?.problems ?? []).flatMap(({ kind, message, position }): Case[] =>
          kind === 'duplicate'
            ? [
                {
                  message: `line ${position.line} ${message}`,
                  cause: { file, path: [], position, layer },
                },
              ]
            : [],
        ),
      ),
  },
  {
    id: ids.unknown,
    severity: unknown.severity,
    what: 'a key that the agent does not know',
    why: unknown.why,
    fix: 'Use the key that was meant, or remove it.',
    find: ({ files, world }) =>
      files.flatMap((config) =>
        Object.keys(known).flatMap((table) =>
          unknownIn(config, table, known[table] ?? [], world.closest),
        ),
      ),
  },
]

/** More slips than anybody makes; a file of nothing else is not a list of findings. */
const MAX_UNKNOWN = 20

const unknownIn = (
  { file, layer, values }: ConfigFile,
  table: string,
  keys: readonly string[],
  closest: AuditWorld['closest'],
): Case[] =>
  tablesAt(values, table === '' ? [] : table.split('.')).flatMap((path) =>
    Object.keys(tableOf(valueAt(values, path)))
      .filter((key) => !keys.includes(key))
      .slice(0, MAX_UNKNOWN)
      .map((key): Case => {
        const near = closest(key, keys)
        return {
          message: `${[...path, key].join('.')} is no key${near === undefined ? '' : `: did you mean ${[...path, near].join('.')}?`}`,
          cause: { file, path: [...path, key], layer },
        }
      }),
  )

/** Paths of the tables that a dotted path with `*` stands for. */
const tablesAt = (
  values: unknown,
  parts: readonly string[],
  path: readonly string[] = [],
): readonly string[][] => {
  const [part, ...rest] = parts
  if (part === undefined) return isTable(values) ? [[...path]] : []
  const table = tableOf(values)
  return (part === '*' ? Object.keys(table) : [part]).flatMap((key) =>
    Object.hasOwn(table, key) ? tablesAt(table[key], rest, [...path, key]) : [],
  )
}
