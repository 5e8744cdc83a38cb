import type * as z from 'zod/mini'
import { LauncherError } from '../errors.ts'
import { closest } from '../text/closest.ts'
import type { DocumentKind } from './document.ts'
import type { Place, Scan } from './scan.ts'
import { pathKey } from '../documents/text.ts'

interface Context {
  readonly file: string
  readonly scan: Scan
  readonly schema: z.core.$ZodType
  readonly raw: unknown
  readonly kind: DocumentKind
}

type Issue = z.core.$ZodRawIssue
type Path = readonly (string | number)[]

/** What the schema found, as errors with places, in the order of the file. */
export const issueErrors = (issues: readonly Issue[], context: Context): LauncherError[] =>
  issues
    .flatMap((issue) => expand(issue, context))
    .map(({ path, message, hint }) => ({ place: placeOf(path, context.scan), message, hint }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
    .map(({ place, message, hint }) => {
      const details = {
        at: `${context.file}:${place.line}:${place.column}`,
        ...(hint !== undefined && { hint }),
      }
      return new LauncherError(context.kind.code, message, details)
    })

interface Found {
  readonly path: Path
  readonly message: string
  readonly hint?: string
}

const expand = (issue: Issue, context: Context): Found[] => {
  const path = (issue.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)))
  const name = nameOf(path)
  const value = valueAt(context.raw, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return (issue.keys as string[]).map((key) => unknownKey([...path, key], context))
    case 'invalid_key': // the key of a table of variables or profiles: its own issue says why
      return [
        {
          path,
          message: `\`${String(path.at(-1))}\` in \`${nameOf(path.slice(0, -1))}\` ${innerMessage(issue)}.`,
        },
      ]
    case 'invalid_type':
      if (typeof value === 'number' && issue.expected !== 'string')
        return [{ path, message: `\`${name}\` must be a whole number.` }]
      return [
        {
          path,
          message: `\`${name}\` must be ${expected(issue.expected as string)}, and is ${described(value)}.`,
        },
      ]
    case 'invalid_value': {
      const values = issue.values as string[]
      const near = typeof value === 'string' ? closest(value, values) : undefined
      return [
        {
          path,
          message: `\`${name}\` is ${shown(value)}, which is none of ${values.join(', ')}.`,
          hint: near ? `Did you mean \`${near}\`?` : `Choose one of them.`,
        },
      ]
    }
    case 'too_small':
    case 'too_big':
      return [
        {
          path,
          message:
            typeof value === 'number'
              ? `\`${name}\`: ${value} is not a port (1 to 65535).`
              : `\`${name}\` must not be empty.`,
        },
      ]
    default:
      return [{ path, message: `\`${name}\`: ${shown(value)} ${issue.message ?? 'is not valid'}.` }]
  }
}

const unknownKey = (path: Path, { schema, kind }: Context): Found => {
  const key = String(path.at(-1))
  const known = keysAt(schema, path.slice(0, -1))
  const near = closest(key, known)
  const elsewhere = near === undefined ? tableThatKnows(schema, key) : undefined
  const hint =
    near !== undefined
      ? `Did you mean \`${near}\`?`
      : elsewhere !== undefined
        ? `\`${key}\` belongs in \`[${elsewhere}]\`.`
        : `Known here: ${known.join(', ')}.`
  const table = path.length > 1 ? ` in \`[${nameOf(path.slice(0, -1))}]\`` : ''
  const message =
    kind.unknownKey === undefined
      ? `Unknown key \`${clip(key)}\`${table}.`
      : `\`${clip(key)}\`${table} cannot stand here: ${kind.unknownKey}.`
  return { path, message, hint }
}

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly innerType?: z.core.$ZodType
  readonly valueType?: z.core.$ZodType
}

const definitionOf = (schema: z.core.$ZodType): Definition => {
  const definition = schema._zod.def as unknown as Definition
  return definition.type === 'optional' && definition.innerType !== undefined
    ? definitionOf(definition.innerType)
    : definition
}

const keysAt = (schema: z.core.$ZodType, path: Path): string[] => {
  let definition = definitionOf(schema)
  for (const part of path) {
    const next = definition.shape?.[String(part)] ?? definition.valueType
    if (next === undefined) return []
    definition = definitionOf(next)
  }
  return Object.keys(definition.shape ?? {})
}

const tableThatKnows = (schema: z.core.$ZodType, key: string): string | undefined =>
  Object.entries(definitionOf(schema).shape ?? {}).find(
    ([, inner]) => definitionOf(inner).shape?.[key] !== undefined,
  )?.[0]

/** The place of a path, or of the nearest thing around it that was written. */
const placeOf = (path: Path, scan: Scan): Place => {
  for (let length = path.length; length > 0; length--) {
    const place = scan.places.get(pathKey(path.slice(0, length)))
    if (place !== undefined) return place
  }
  return { line: 1, column: 1, endLine: 1 }
}

const valueAt = (raw: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], raw)

/** `network.hosts` for an item of it as well: the item is shown by its value. */
const nameOf = (path: Path): string => path.filter((part) => typeof part === 'string').join('.')
const innerMessage = (issue: Issue): string =>
  (issue as { issues?: { message?: string }[] }).issues?.[0]?.message ?? 'is not valid'
const clip = (text: string): string =>
  (text.length > 80 ? `${text.slice(0, 80)}…` : text).replace(/\p{Cc}/gu, '\ufffd')
const shown = (value: unknown): string =>
  typeof value === 'string' ? `"${clip(value)}"` : clip(String(value))

const expected = (type: string): string =>
  ({
    string: 'a string',
    array: 'a list',
    object: 'a table',
    record: 'a table',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  })[type] ?? type

const described = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  if (typeof value === 'boolean') return String(value)
  return typeof value === 'string'
    ? `the string ${shown(value)}`
    : typeof value === 'object'
      ? 'a table'
      : `a ${typeof value}`
}
