import { parse, TomlError } from 'smol-toml'
import type * as z from 'zod/mini'
import { type ErrorCode, LauncherError } from '../errors.ts'
import { issueErrors } from './issues.ts'
import { migrate } from './migrate.ts'
import { PROBLEMS, type Scan, scanToml } from './scan.ts'

/** What a document is called in messages, and the code its errors carry. */
export interface DocumentKind {
  readonly code: ErrorCode
  /** Added to the message about an unknown key: why this kind of file knows so few. */
  readonly unknownKey?: string
}

export interface Document<T> {
  readonly raw: T
  readonly scan: Scan
}

/** Larger files are no profiles; checked before anything looks at them. */
const MAX_BYTES = 1 << 20

/**
 * One TOML text, checked by its schema. Every problem is an error with its place; several are
 * returned together.
 */
export const readDocument = <S extends z.core.$ZodType>(
  text: string,
  file: string,
  schema: S,
  kind: DocumentKind,
): { readonly document: Document<z.output<S>> } | { readonly errors: readonly LauncherError[] } => {
  const early = textProblem(text)
  if (early !== undefined)
    return {
      errors: [
        new LauncherError(kind.code, `The file ${early.message}.`, {
          at: `${file}:${early.at}`,
          hint: early.hint,
        }),
      ],
    }
  const scan = scanToml(text)
  if (scan.problem !== undefined) {
    const message = PROBLEMS[scan.problem.kind]
    const at = `${file}:${scan.problem.line}:${scan.problem.column}`
    return {
      errors: [
        new LauncherError(kind.code, `The file ${message}.`, {
          at,
          hint: 'Remove that part of the file.',
        }),
      ],
    }
  }
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch (error) {
    return { errors: [syntaxError(error, file, kind)] }
  }
  const migrated = migrate(parsed, file, scan, kind)
  if (migrated instanceof LauncherError) return { errors: [migrated] }
  const result = schema._zod.run({ value: migrated, issues: [] }, { async: false })
  if (result instanceof Promise) throw new TypeError('schemas of profiles are synchronous')
  if (result.issues.length > 0)
    return { errors: issueErrors(result.issues, { file, scan, schema, raw: migrated, kind }) }
  return { document: { raw: result.value as z.output<S>, scan } }
}

interface TextProblem {
  readonly message: string
  readonly at: string
  readonly hint: string
}

const textProblem = (text: string): TextProblem | undefined => {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES) {
    return {
      message: 'is larger than 1 MiB',
      at: '1:1',
      hint: 'A profile is a short list of paths: split it or remove what is not one.',
    }
  }
  if (text.startsWith('\ufeff'))
    return {
      message: 'begins with a byte order mark',
      at: '1:1',
      hint: 'Save it as UTF-8 without a mark.',
    }
  // Everything that hides in a terminal: controls but tab and line ends, and characters that
  // reorder the text around them.
  const bad =
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\r(?!\n)/.exec(
      text,
    )
  if (bad === null) return undefined
  const before = text.slice(0, bad.index).split('\n')
  const code = bad[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
  return {
    message: `holds the invisible character U+${code}`,
    at: `${before.length}:${before.at(-1)!.length + 1}`,
    hint: 'Remove it: a profile is plain text.',
  }
}

const syntaxError = (error: unknown, file: string, kind: DocumentKind): LauncherError => {
  if (!(error instanceof TomlError))
    return new LauncherError(kind.code, 'Not valid TOML.', { at: file, cause: error })
  const reason = error.message.split('\n')[0]!.replace('Invalid TOML document: ', '')
  return new LauncherError(kind.code, `Not valid TOML: ${reason}.`, {
    at: `${file}:${error.line}:${error.column}`,
    hint: 'Mend that line; `launcher profiles validate` reads the file again.',
  })
}
