import type { Granularities } from './granularity.ts'
import type { SeenRule } from './invariants.ts'
import type { SeatbeltProgram } from './program.ts'

/**
 * Each protected path is denied at every granularity that any allow before it uses: a specific
 * allow beats a wildcard denial in any order. `hidden` is told from `read_only` by the denial of
 * reading.
 */
export const checkProtections = (
  { params }: SeatbeltProgram,
  rules: readonly SeenRule[],
  at: Granularities,
): string[] => {
  const valueOf = new Map(params.map(({ name, value }) => [name, value]))
  const denied = new Map<string, Set<string>>()
  const beneath = new Map<string, Set<string>>()
  for (const { section, filter, operations } of rules) {
    if (section !== 'protections') continue
    const [kind, value] = [filter[1], valueOf.get(filter[4]?.slice(1, -1) ?? '')]
    if (value === undefined) continue
    if (kind === 'subpath') addAll(denied, value, operations)
    if (kind === 'prefix') addAll(beneath, value.replace(/(.)\/$/, '$1'), operations)
  }
  const missing: string[] = []
  for (const [path, operations] of denied) {
    const isHidden = operations.has('file-read*') || operations.has('process-exec*')
    const wanted = isHidden ? [...at.read, ...at.write, ...at.device] : at.write
    for (const name of wanted)
      if (!operations.has(name)) missing.push(`a protection leaves ${name} open`)
    if (isHidden)
      for (const name of at.stat)
        if (!beneath.get(path)?.has(name))
          missing.push(`a hidden path leaves ${name} open beneath it`)
  }
  return missing
}

const addAll = (map: Map<string, Set<string>>, key: string, values: readonly string[]): void => {
  const set = map.get(key) ?? new Set()
  for (const value of values) set.add(value)
  map.set(key, set)
}
