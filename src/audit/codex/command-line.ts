import type { ConfigLayer } from '../shared/layered.ts'
import { setOwn } from '../../documents/text.ts'
import { isTable } from '../../documents/values.ts'

type Values = { [key: string]: unknown }

/** Flags that stand for keys (codex --help; developers.openai.com/codex/cli/reference). */
const SHORT: Readonly<Record<string, string>> = {
  '-a': 'approval_policy',
  '--ask-for-approval': 'approval_policy',
  '-s': 'sandbox_mode',
  '--sandbox': 'sandbox_mode',
}

/** What the words of the command line set, and the profile that they name. */
export const commandLine = (
  words: readonly string[],
): { readonly layer: ConfigLayer; readonly profile: string | undefined } => {
  const values: Values = {}
  let profile: string | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') break
    const cut = word.startsWith('--') ? word.indexOf('=') : -1
    const flag = cut < 0 ? word : word.slice(0, cut)
    const value = (): string => (cut < 0 ? (words[++at] ?? '') : word.slice(cut + 1))
    const key = SHORT[flag]
    if (key !== undefined) values[key] = value()
    else if (flag === '-c' || flag === '--config') assign(values, value())
    else if (flag === '-p' || flag === '--profile') profile = value()
    else if (flag === '--dangerously-bypass-approvals-and-sandbox' || flag === '--yolo')
      Object.assign(values, { approval_policy: 'never', sandbox_mode: 'danger-full-access' })
    else if (flag === '--full-auto')
      Object.assign(values, { approval_policy: 'on-request', sandbox_mode: 'workspace-write' })
  }
  return { layer: { name: 'command line', file: '<command line>', values }, profile }
}

/** `a.b=value`: a string in quotes, true, false, a number, or the text as it is. */
const assign = (values: Values, text: string): void => {
  const cut = text.indexOf('=')
  const path = text.slice(0, Math.max(cut, 0)).trim().split('.')
  const last = path.pop()
  if (cut < 0 || !last || path.length > 8) return
  let table = values
  for (const name of path) {
    const inner = Object.hasOwn(table, name) && isTable(table[name]) ? { ...table[name] } : {}
    setOwn(table, name, inner)
    table = inner
  }
  setOwn(table, last, valueOf(text.slice(cut + 1).trim()))
}

const valueOf = (text: string): unknown => {
  if (text === 'true' || text === 'false') return text === 'true'
  const quoted = /^(["'])(.*)\1$/s.exec(text)
  return quoted ? quoted[2] : /^-?\d+$/.test(text) ? Number(text) : text
}
