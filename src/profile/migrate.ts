import { LauncherError } from '../errors.ts'
import type { DocumentKind } from './document.ts'
import { SCHEMA } from './model.ts'
import type { Scan } from './scan.ts'
import { pathKey } from '../documents/text.ts'

/**
 * Steps from one schema to the next, by the schema they start from. Schema 1 is the first, so there
 * are none.
 */
const MIGRATIONS: ReadonlyMap<number, (raw: Record<string, unknown>) => Record<string, unknown>> =
  new Map()

/** Brings a parsed file to this launcher's schema in memory, or says why that cannot be. */
export const migrate = (parsed: unknown, file: string, scan: Scan, kind: DocumentKind): unknown => {
  const raw = parsed as Record<string, unknown>
  const place = scan.places.get(pathKey(['schema']))
  const refuse = (message: string, hint: string): LauncherError =>
    new LauncherError(kind.code, message, {
      at: place ? `${file}:${place.line}:${place.column}` : `${file}:1:1`,
      hint,
    })
  const schema = raw['schema']
  if (schema === undefined)
    return refuse(
      `The file does not say which schema it is written in.`,
      `Begin it with \`schema = ${SCHEMA}\`.`,
    )
  if (typeof schema !== 'number' || !Number.isSafeInteger(schema) || schema < 1) {
    return refuse(
      `\`schema\` must be a whole number, 1 or more.`,
      `This launcher writes \`schema = ${SCHEMA}\`.`,
    )
  }
  if (schema > SCHEMA) {
    return refuse(
      `The file is written in schema ${schema}, and this launcher knows schemas up to ${SCHEMA}: what it would not understand could be a protection.`,
      'Update launcher, or write the file in the older schema.',
    )
  }
  let current = raw
  for (let from = schema; from < SCHEMA; from++) {
    const step = MIGRATIONS.get(from)
    if (step === undefined)
      return refuse(
        `The file is written in schema ${schema}, from which no migration is known.`,
        `Write it in schema ${SCHEMA}.`,
      )
    current = step(current)
  }
  return current
}
