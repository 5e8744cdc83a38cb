import { checkProfile } from '../backend/seatbelt/sbpl/check.ts'
import { compile } from '../backend/seatbelt/sbpl/compile.ts'
import { excerpt, SbplError } from '../backend/seatbelt/sbpl/error.ts'
import { parseFacts } from '../backend/seatbelt/sbpl/facts.ts'
import { decideThrough, SYSTEM_LINKS } from '../backend/seatbelt/sbpl/links.ts'
import { MACOS, type Macos, macosOf, NEWEST } from '../backend/seatbelt/sbpl/macos.ts'
import { LauncherError } from '../errors.ts'
import { decisionJson, decisionText, findingsJson, findingsText } from '../report/sbpl.ts'

/** What these commands need of the outside. */
export interface CommandIo {
  /** The file's text, undefined when it is not there. */
  readFile(path: string): string | undefined
  out(text: string): void
  err(text: string): void
}

export interface SbplOptions {
  readonly json?: boolean
  /** `KEY=VALUE` words of `-D`, as sandbox-exec takes them. */
  readonly define?: readonly string[]
  /** The release of macOS whose names and built-in verdicts hold. */
  readonly macos?: string
  /** `NAME=TARGET` words: links that a path may pass, besides those of every Mac. */
  readonly link?: readonly string[]
}

/**
 * `launcher sbpl check FILE`: 0 clean or notices only, 1 a finding of severity error or warning.
 * @throws LauncherError with `exit` 2 when the file is not there (`E_SBPL`) or a `-D` is malformed
 * (`E_USAGE`).
 */
export async function sbplCheck(
  file: string,
  options: SbplOptions,
  io: CommandIo,
): Promise<number> {
  const findings = checkProfile(readProfile(file, io), pairs('-D', options.define), {
    macos: releaseOf(options.macos),
  })
  io.out(options.json ? findingsJson(findings) : findingsText(file, findings))
  return findings.some(({ severity }) => severity !== 'notice') ? 1 : 0
}

/**
 * `launcher sbpl decide FILE OPERATION [FACT=VALUE...]`: 0 allowed, 1 denied.
 * @throws LauncherError with `exit` 2 for what Seatbelt would refuse (`E_SBPL`, `at` is its place)
 * and for wrong words (`E_USAGE`).
 */
export async function sbplDecide(
  file: string,
  operation: string,
  facts: readonly string[],
  options: SbplOptions,
  io: CommandIo,
): Promise<number> {
  const text = readProfile(file, io)
  const parameters = pairs('-D', options.define)
  const links = { ...SYSTEM_LINKS, ...pairs('--link', options.link) }
  const macos = releaseOf(options.macos)
  const known = translated(file, 'E_USAGE', () => parseFacts(facts))
  const profile = translated(file, 'E_SBPL', () => compile(text, parameters, { macos }))
  const decision = translated(file, 'E_USAGE', () =>
    decideThrough(profile.decide, links, operation, known),
  )
  for (const { name, line } of profile.imports)
    io.err(`launcher: ${file}:${line}: import of ${JSON.stringify(name)} is not followed\n`)
  for (const { name, line } of profile.macros)
    io.err(
      `launcher: ${file}:${line}: (${excerpt(name)} …) is left out: only an import can define it\n`,
    )
  io.out(options.json ? decisionJson(operation, decision) : decisionText(file, operation, decision))
  return decision.allowed ? 0 : 1
}

function readProfile(file: string, io: CommandIo): string {
  const text = io.readFile(file)
  if (text === undefined) throw new LauncherError('E_SBPL', `no such profile: ${file}`, { exit: 2 })
  return text
}

function releaseOf(word: string | undefined): Macos | undefined {
  const release = word === undefined ? NEWEST : macosOf(Number(word))
  if (release === undefined)
    throw new LauncherError('E_USAGE', `--macos takes ${MACOS.join(', ')}, got ${word}`, {
      exit: 2,
    })
  return release
}

function pairs(flag: string, words: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=')
      if (equals < 1)
        throw new LauncherError('E_USAGE', `${flag} needs NAME=VALUE, got ${word}`, { exit: 2 })
      return [word.slice(0, equals), word.slice(equals + 1)]
    }),
  )
}

function translated<T>(file: string, code: 'E_SBPL' | 'E_USAGE', work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SbplError)) throw error
    const at = error.line === 0 ? {} : { at: `${file}:${error.line}:${error.column}` }
    throw new LauncherError(code, error.message, { ...at, exit: 2, cause: error })
  }
}
