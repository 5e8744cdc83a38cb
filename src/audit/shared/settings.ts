import type { Setting } from '../model.ts'
import { redacted, redactedWords } from '../secrets.ts'
import type { Layered } from './layered.ts'
import { isStringList, isTable } from '../../documents/values.ts'

/** A value that is no table, and where it stands. */
export interface Leaf {
  readonly path: readonly string[]
  readonly value: unknown
}

/** Deeper tables are shown as a whole. */
const MAX_DEPTH = 6

/** All values of a table and of the tables in it. */
export const leavesOf = (value: unknown, path: readonly string[] = []): Leaf[] =>
  isTable(value) && path.length < MAX_DEPTH
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [{ path, value }]

/**
 * A value as JSON, at most 200 characters; what `secret` says of its name, or of a name in it, is
 * shown as `…`, and so is what looks like a secret.
 */
export const settingText = ({ path, value }: Leaf, secret: RegExp): string => {
  if (secret.test(path.join('.'))) return '…'
  const text =
    JSON.stringify(value, (key, inner: unknown) =>
      key !== '' && secret.test(key)
        ? '…'
        : typeof inner === 'bigint'
          ? String(inner)
          : typeof inner === 'string'
            ? redacted(inner)
            : isStringList(inner)
              ? redactedWords(inner)
              : inner,
    ) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** Names of settings whose value may be a secret. */
const SECRET =
  /key|token|secret|password|header|auth|(^|\.)env(ironment)?(\.|$)|(^|\.)set(\.|$)|url/i

/** More than a person has set. */
const MAX_SETTINGS = 500

/** Every value of every layer, weakest first; what may be a secret is shown as `…`. */
export const settingsOf = ({ layers }: Layered): Setting[] =>
  layers.flatMap(({ name, values }) =>
    leavesOf(values)
      .slice(0, MAX_SETTINGS)
      .map(
        (leaf): Setting => ({
          key: leaf.path.join('.'),
          value: settingText(leaf, SECRET),
          layer: name,
        }),
      ),
  )
