import path from 'node:path'
import { BY_NAMING, DIRECTIONS, GROUND, PURE_MODULES, RIM_PACKAGES, rowOf } from './directions.ts'
import { type Import, importsOf } from './imports.ts'
import { type Token, tokenise } from './tokens.ts'

/**
 * What in a file of src/ is against the layout, each `file:line: reason`. `file` is relative to
 * src/.
 */
export const violationsOf = (file: string, source: string): string[] => {
  const row = rowOf(file)
  if (row === undefined) return [`${file}: belongs to no folder of src/README.md`]
  const tokens = tokenise(source)
  const found = [
    ...importsOf(source).map((item) => ({
      line: item.line,
      reason: reasonAgainst(file, row, item),
    })),
    ...namesAgainst(row, tokens),
    ...formsAgainst(tokens),
    ...(row === 'machine' ? [] : castsAgainst(tokens)),
  ]
  return found
    .filter(({ reason }) => reason !== undefined)
    .map(({ line, reason }) => `${file}:${line}: ${reason}`)
}

interface Found {
  readonly line: number
  readonly reason: string | undefined
}

const reasonAgainst = (
  file: string,
  row: string,
  { from, kind, names }: Import,
): string | undefined => {
  if (from === undefined) return 'imports a computed name'
  if (!from.startsWith('.')) return reasonAgainstPackage(row, from)
  const target = path.posix.join(path.posix.dirname(file), from)
  if (target.startsWith('..'))
    return DATA[row] === target ? undefined : `imports ${from}, which is not in src/`
  const targetRow = rowOf(target)
  if (targetRow === undefined) return `imports ${from}, which belongs to no folder`
  if (target === 'machine/paths.ts' && BY_NAMING.includes(row) && names.some(isByBytes))
    return 'compares paths by bytes: ask `namingOf(platform).isInside`'
  if (targetRow === row || GROUND.includes(targetRow)) return undefined
  const { values, types } = direction(row)
  if (values.includes(targetRow)) return undefined
  if (types.includes(targetRow))
    return kind === 'type' ? undefined : `may import ${targetRow} with \`import type\` only`
  return `may not import ${targetRow}`
}

const isByBytes = (name: string): boolean => ['isWithin', '*'].includes(name)

/** Data of the repository that the build reads into a bundle, by the folder that may import it. */
const DATA: Readonly<Record<string, string>> = {
  'backend/seatbelt': '../profiles/seatbelt/prelude.sb',
}

const reasonAgainstPackage = (row: string, from: string): string | undefined => {
  const isRim = direction(row).isRim === true
  if (RIM_PACKAGES.includes(from))
    return isRim ? undefined : `may not touch the machine through ${from}`
  if (from.startsWith('node:'))
    return isRim || PURE_MODULES.includes(from)
      ? undefined
      : `may not touch the machine through ${from}`
  if (
    /^(assert|buffer|child_process|crypto|dns|events|fs|http|https|module|net|os|path|process|stream|tls|tty|url|util|v8|vm|worker_threads)(\/|$)/.test(
      from,
    )
  )
    return `write node:${from}`
  return ['backend/seatbelt/sbpl', 'errors.ts', 'machine', 'policy', 'text'].includes(row)
    ? `may not import the package ${from}`
    : undefined
}

const direction = (row: string) => DIRECTIONS[row] ?? { values: [], types: [] }

const CLI_PROCESS = new Set(['argv', 'exitCode'])

/** Globals that are the machine. cli.ts reads argv and writes exitCode, nothing else. */
const namesAgainst = (row: string, tokens: readonly Token[]): Found[] =>
  tokens.flatMap((token, index) => {
    if (token.kind !== 'word' || isMember(tokens, index) || isKey(tokens, index)) return []
    const next = tokens[index + 1]?.text ?? ''
    if (token.text === 'process' && ['.', '?.', '['].includes(next)) {
      const member = tokens[index + 2]?.text ?? ''
      if (row === 'cli.ts')
        return CLI_PROCESS.has(member)
          ? []
          : [
              {
                line: token.line,
                reason: `uses process.${member}; cli.ts may use argv and exitCode only`,
              },
            ]
      return direction(row).isRim ? [] : [{ line: token.line, reason: `uses process.${member}` }]
    }
    if (
      ['fetch', 'WebSocket', 'EventSource'].includes(token.text) &&
      next === '(' &&
      !direction(row).isRim
    )
      return [{ line: token.line, reason: `uses ${token.text}` }]
    if (['globalThis', 'global'].includes(token.text) && ['.', '?.', '['].includes(next))
      return [{ line: token.line, reason: `uses ${token.text}` }]
    return []
  })

/** House style: no default export, no `any`, no class but an error. */
const formsAgainst = (tokens: readonly Token[]): Found[] =>
  tokens.flatMap((token, index) => {
    const next = tokens[index + 1]
    if (token.kind !== 'word' || isMember(tokens, index)) return []
    if (token.text === 'export' && next?.text === 'default' && next.kind === 'word')
      return [{ line: token.line, reason: 'has a default export' }]
    if (token.text === 'default' && tokens[index - 1]?.text === 'as')
      return [{ line: token.line, reason: 'has a default export' }]
    if (token.text === 'any' && !isKey(tokens, index))
      return [{ line: token.line, reason: 'uses any' }]
    if (token.text === 'class' && !isKey(tokens, index) && !isErrorClass(tokens, index))
      return [{ line: token.line, reason: 'has a class that is no error' }]
    return []
  })

/** The brand is made where a path is checked, nowhere by a word. */
const castsAgainst = (tokens: readonly Token[]): Found[] =>
  tokens.flatMap((token, index) =>
    token.kind === 'word' && token.text === 'as' && tokens[index + 1]?.text === 'AbsolutePath'
      ? [{ line: token.line, reason: 'casts to AbsolutePath: use absolute() or join()' }]
      : [],
  )

const isErrorClass = (tokens: readonly Token[], index: number): boolean =>
  tokens[index + 1]?.kind === 'word' &&
  tokens[index + 2]?.text === 'extends' &&
  /^[A-Za-z]*Error$/.test(tokens[index + 3]?.text ?? '')

const isMember = (tokens: readonly Token[], index: number): boolean =>
  ['.', '?.'].includes(tokens[index - 1]?.text ?? '') && tokens[index - 1]?.kind === 'punctuation'

/** A key of an object or a type, not a conditional's middle: `{ any: 1 }`, `any?: x`. */
const isKey = (tokens: readonly Token[], index: number): boolean => {
  const before = tokens[index - 1]?.text ?? ''
  const next = tokens[index + 1]?.text
  return (
    ['{', ',', ';', 'readonly', '('].includes(before) &&
    (next === ':' || (next === '?' && tokens[index + 2]?.text === ':'))
  )
}
