import type { FileInForce } from '../audit/vibe/pending.ts'
import { MIGRATORS } from '../audit/migrators.ts'
import { FORMATS } from '../audit/model.ts'
import { redactedLine } from '../audit/secrets.ts'
import { difference } from '../documents/difference.ts'
import type { ConfigValue } from '../documents/document.ts'
import { isStringList, isTable, own as ownValue } from '../documents/values.ts'
import { parseTomlDocument } from '../documents/toml.ts'
import { LauncherError } from '../errors.ts'
import { askOnTerminal } from '../launch/ask.ts'
import { migrateInside, type SettingsTexts } from '../launch/migration.ts'
import { self } from '../launch/self.ts'
import { replaceFile } from '../machine/own/replace-file.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import { screenOf } from '../machine/real/screen.ts'
import type { Origin } from '../policy/model.ts'
import { emptyRequest, type Request } from '../policy/request.ts'
import { type Migration, migrationJson, migrationText } from '../report/migrate.ts'
import { paletteFor } from '../report/text.ts'
import { printable } from '../text/unsafe-text.ts'
import { createExpander } from '../resolve/expand.ts'
import { auditWorld } from '../run/audit-world.ts'
import { type Prepared, look } from '../run/prepare.ts'
import type { CommandContext } from './context.ts'
import { flagWords } from './flag-words.ts'

/** Flags of `migrate`. */
export interface MigrateFlags {
  /** Writes without asking. */
  readonly yes?: boolean
}

const ORIGIN: Origin = { strength: 'builtin', file: 'migrate', key: 'audit.file' }

/**
 * `launcher migrate NAME`: what the agent itself would make of its configuration as it starts, done
 * by its own code on copies, inside and without a network; shown, and written by launcher on yes. 0
 * nothing is left to do, 1 something is.
 */
export const migrateCommand = async (
  name: string,
  flags: MigrateFlags,
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const prepared = await look({ ...emptyRequest, name }, context)
  const { files, migrations } = await migrationsOf(prepared, context)
  const palette = paletteFor(screenOf(1).isTerminal, host.env)
  if (!context.json && migrations.length > 0)
    context.out(migrationText(migrations, host.home, palette))
  const isWanted =
    migrations.length > 0 && (flags.yes === true || (!context.json && wantsAll(migrations)))
  const written = isWanted
    ? migrations.map((one) => ({ ...one, backup: write(one) }))
    : migrations.map((one) => ({ ...one, backup: undefined }))
  if (context.json) context.out(migrationJson(name, written))
  else context.out(closing(files, written, name))
  return migrations.length === 0 || isWanted ? 0 : 1
}

const closing = (
  files: readonly FileInForce[],
  written: readonly Migration[],
  name: string,
): string => {
  if (written.length === 0)
    return files.length === 0
      ? `${name} has no configuration here that it could read\n`
      : `nothing to do: ${name} leaves its configuration as it is\n`
  return written
    .map(({ real, backup }) =>
      backup === undefined
        ? `${printable(real)} was not changed: launcher migrate ${name} --yes writes it\n`
        : `${printable(real)} is written; the old content is in ${printable(backup)}\n`,
    )
    .join('')
}

const wantsAll = (migrations: readonly Migration[]): boolean => {
  const files = migrations.map(({ real }) => real).join(' and ')
  return /^y(es)?$/i.test(askOnTerminal(`Write ${files}? [y/N] `) ?? '')
}

const write = ({ real, before, after }: Migration): string =>
  replaceFile({ file: real, before, after }).backup

/** The files that the agent would load, and what it would make of those that it would rewrite. */
const migrationsOf = async (
  prepared: Prepared,
  context: CommandContext,
): Promise<{
  readonly files: readonly FileInForce[]
  readonly migrations: readonly Migration[]
}> => {
  const { host } = context
  const { policy, resolution, profile } = prepared
  const format = FORMATS.find((one) => one === policy.audit?.format)
  const load = format && MIGRATORS.get(format)
  if (!policy.audit || !load)
    throw new LauncherError('E_USAGE', `${profile} is no agent that rewrites its configuration`, {
      hint: `launcher migrate ${[...MIGRATORS.keys()].join('|')}`,
    })
  const interpreter = resolution.target?.executables.find(({ role }) => role === 'interpreter')
  if (!interpreter)
    throw new LauncherError(
      'E_TARGET_NOT_FOUND',
      `${profile} is not installed here, or no script of its interpreter`,
      { hint: `launcher explain target ${policy.command ?? profile}` },
    )
  const migrator = await load()
  const { project } = resolution.resolved
  const { files } = await migrator.inForce(
    {
      file: createExpander(host, { project }).path(policy.audit.file, ORIGIN),
      words: policy.args,
      depth: 'full',
    },
    auditWorld(host, prepared, host.env),
  )
  if (files.length === 0) return { files, migrations: [] }
  const migrate = (texts: SettingsTexts) =>
    migrateInside(join(host.installation, migrator.script), interpreter.path.requested, texts, {
      words: (place) => cageWords(place, context),
      environment: host.env,
    })
  const textOf = (layer: FileInForce['layer']): string | undefined =>
    files.find((one) => one.layer === layer)?.file.document?.text
  const before: SettingsTexts = { user: textOf('user') ?? '', project: textOf('project') ?? null }
  const own = await migrate(before)
  const kept: SettingsTexts = {
    user: withComments(before.user, own.user),
    project: before.project === null ? null : withComments(before.project, own.project ?? ''),
  }
  // The agent has the last word on the text that keeps comments: what it would still change is no
  // use.
  const again = await migrate(kept)
  const isEnough = again.user === kept.user && again.project === kept.project
  const result = isEnough ? kept : own
  const patch = await differ()
  return {
    files,
    migrations: files.flatMap(({ layer, file }): Migration[] => {
      const text = before[layer]
      const after = result[layer]
      return text === null || after === null || after === text || file.document === undefined
        ? []
        : [
            {
              file: file.file,
              real: file.source.real,
              before: text,
              after,
              patch: patch(file.source.real, text, after),
              keepsComments: isEnough && after !== own[layer],
              failure: own.failure ?? undefined,
              backup: undefined,
            },
          ]
    }),
  }
}

/** Makes a unified diff of two contents of a file, without what may be a secret. */
const differ = async (): Promise<(file: string, before: string, after: string) => string> => {
  const { createTwoFilesPatch } = await import('diff')
  return (file, before, after) =>
    createTwoFilesPatch(file, file, before, after, undefined, undefined, { context: 2 })
      .split('\n')
      .filter((line) => !/^(?:={5}|Index: )/.test(line) && line !== '')
      .map(redactedLine)
      .join('\n')
}

/**
 * The old text with the new values, comments and order kept; the agent's own text where that cannot
 * be had.
 */
const withComments = (before: string, after: string): string => {
  if (before === after) return before
  const document = parseTomlDocument(before, '<before>')
  const wanted = parseTomlDocument(after, '<after>')
  const edited = document.edit(
    difference(document.values, inOldOrder(document.values, wanted.values)),
  )
  return 'text' in edited ? edited.text : after
}

/**
 * Lists of words that the agent sorted, with those that were there before in their old order: each
 * stays on its line, beside its comment.
 */
const inOldOrder = (before: ConfigValue | undefined, after: ConfigValue): ConfigValue => {
  if (isStringList(before) && isStringList(after))
    return [
      ...before.filter((word) => after.includes(word)),
      ...after.filter((word) => !before.includes(word)),
    ]
  return isTable(before) && isTable(after)
    ? Object.fromEntries(
        Object.entries(after as Readonly<Record<string, ConfigValue>>).map(([key, value]) => [
          key,
          inOldOrder(ownValue(before, key) as ConfigValue | undefined, value),
        ]),
      )
    : after
}

/** The command line of a run with nothing but an empty project, the interpreter and no network. */
const cageWords = (project: AbsolutePath, { host }: CommandContext): string[] => {
  const request: Request = { ...emptyRequest, profile: 'default', network: 'none', project }
  return [
    self().node,
    join(host.installation, 'dist/launcher.cjs'),
    'run',
    '--quiet',
    '--trial',
    ...flagWords(request),
    '--',
  ]
}
