import { isTable } from '../documents/values.ts'
import { DIALECTS, type DialectRow } from './dialects.ts'
import type { Format } from './model.ts'

/**
 * Whose configuration a file is; or whose it could be (nobody's that is known here, where there is
 * none).
 */
export type Recognised =
  | { readonly format: Format }
  | { readonly candidates: readonly Format[]; readonly owner: string | undefined }

/** Configuration of agents that cannot be audited: to be told by name, not judged as another's. */
const OTHERS: readonly (readonly [agent: string, paths: RegExp])[] = [
  ['Aider', /(?:^|\/)\.aider[^/]*$/],
  ['Amp', /(?:^|\/)(?:\.config\/)?amp\/settings\.jsonc?$/],
  ['Antigravity', /(?:^|\/)\.gemini\/(?:antigravity|config)(?:-cli)?\//],
  ['Cline', /(?:^|\/)\.cline(?:rules)?(?:\/|$)/],
  ['Continue', /(?:^|\/)\.continue(?:\/|$)/],
  ['Copilot CLI', /(?:^|\/)\.copilot(?:\/|$)/],
  ['Crush', /(?:^|\/)\.?crush(?:\.json$|\/)/],
  ['Cursor', /(?:^|\/)\.cursor(?:\/|$)/],
  ['Droid', /(?:^|\/)\.factory(?:\/|$)/],
  ['Gemini CLI', /(?:^|\/)\.gemini(?:\/|$)/],
  ['Goose', /(?:^|\/)(?:\.config\/)?goose(?:\/|$)/],
  ['Hermes', /(?:^|\/)\.hermes(?:\/|$)/],
  ['Kimi Code', /(?:^|\/)\.kimi(?:-code)?(?:\/|$)/],
  ['Pi', /(?:^|\/)\.pi(?:\/|$)/],
  ['Qwen Code', /(?:^|\/)\.qwen(?:\/|$)/],
  ['VS Code', /(?:^|\/)\.vscode(?:\/|$)/],
  ['Zed', /(?:^|\/)\.?zed\/settings\.json$/],
]

const FORMATS_OF = Object.entries(DIALECTS) as readonly (readonly [Format, DialectRow])[]

/**
 * Recognises a file by the paths that it goes by (as named, and where its links lead), else by the
 * keys in its text: the agent that knows most of them, if no other knows as many. `read` is asked
 * for the text only where no path tells.
 */
export const recognise = async (
  paths: readonly string[],
  read: () => string | undefined,
): Promise<Recognised> => {
  for (const path of paths) {
    const own = FORMATS_OF.find(([, row]) => row.paths.test(path))
    if (own) return { format: own[0] }
    const other = OTHERS.find(([, pattern]) => pattern.test(path))
    if (other) return { candidates: [], owner: other[0] }
  }
  const text = read()
  const scores = text === undefined ? [] : await scoresOf(text)
  const most = Math.max(0, ...scores.map(({ known }) => known))
  const best = scores.filter(({ known }) => known === most)
  return most > 0 && best.length === 1
    ? { format: best[0]!.format }
    : {
        candidates: (most > 0 ? best : scores).map(({ format }) => format),
        owner: undefined,
      }
}

interface Score {
  readonly format: Format
  /** How many of the keys of the file this agent knows. */
  readonly known: number
}

/** A score for each agent whose files are written like that. */
const scoresOf = async (text: string): Promise<readonly Score[]> => {
  const scores: Score[] = []
  for (const [format, row] of FORMATS_OF) {
    const keys = await keysIn(text, row.syntax)
    if (keys === undefined) continue
    const known = new Set(await row.keys())
    scores.push({ format, known: keys.filter((key) => known.has(key)).length })
  }
  return scores
}

const keysIn = async (
  text: string,
  syntax: DialectRow['syntax'],
): Promise<readonly string[] | undefined> => {
  if (syntax === 'toml') {
    const { values, problem } = (await import('./shared/toml-values.ts')).tomlValues(text)
    return problem === undefined ? Object.keys(values) : undefined
  }
  const { values, problems } = (await import('../documents/json.ts')).parseJsonDocument(
    text,
    '<text>',
    true,
  )
  return isTable(values) && problems.every(({ kind }) => kind === 'duplicate')
    ? Object.keys(values)
    : undefined
}
