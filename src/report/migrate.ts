import { diffLine } from './audit-fix.ts'
import { printable } from '../text/unsafe-text.ts'
import { envelope } from './json.ts'
import { type Palette, tilde } from './text.ts'

/** What an agent would make of one of its files, shown or written. */
export interface Migration {
  /** As the agent names it. */
  readonly file: string
  /** Where that leads. */
  readonly real: string
  readonly before: string
  readonly after: string
  /** Unified diff, safe to show but for control characters. */
  readonly patch: string
  /** False where only the agent's own text would do, which has no comments. */
  readonly keepsComments: boolean
  /** Why the agent does not take it all the same. */
  readonly failure: string | undefined
  /** Where the old content is kept, once it is written. */
  readonly backup: string | undefined
}

/** The differences, and what is lost with them. */
export const migrationText = (
  migrations: readonly Migration[],
  home: string,
  palette: Palette,
): string =>
  migrations
    .map((migration) =>
      [
        ...migration.patch.split('\n').map((line) => diffLine(line, palette)),
        ...(migration.keepsComments
          ? []
          : [palette.yellow(`comments in ${tilde(migration.real, home)} are lost`)]),
        ...(migration.failure === undefined
          ? []
          : [
              palette.red(
                `the agent does not start with it either: ${printable(migration.failure)}`,
              ),
            ]),
        '',
      ].join('\n'),
    )
    .join('')

/** The same for programs. */
export const migrationJson = (profile: string, migrations: readonly Migration[]): string =>
  envelope('migrate', {
    profile,
    changes: migrations.map((migration) => ({
      file: migration.file,
      real: migration.real,
      patch: migration.patch,
      keepsComments: migration.keepsComments,
      failure: migration.failure ?? null,
      backup: migration.backup ?? null,
    })),
  })
