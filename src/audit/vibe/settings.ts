import type { Setting } from '../model.ts'
import { redacted } from '../secrets.ts'
import type { VibeFacts } from './facts.ts'

/** Values that may hold a key, by the name of the setting. */
const SECRET = /key|token|secret|password|header|(^|\.)env(\.|$)/i

/** Every value that is not a default, with its layer; what may be a secret is shown as `…`. */
export const settingsOf = ({ config, agent }: VibeFacts): Setting[] =>
  leaves(config.values, []).flatMap(({ path, value }) => {
    const layer = config.layerOf(path)
    if (layer === 'defaults') return []
    const key = path.join('.')
    return [{ key, value: SECRET.test(key) ? '…' : clipped(value), layer: layer === 'agent-profile' ? `agent ${agent.name}` : layer }]
  })

interface Leaf {
  readonly path: readonly string[]
  readonly value: unknown
}

const leaves = (value: unknown, path: readonly string[]): Leaf[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date) && path.length < 6 ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key])) : [{ path, value }]

/** As JSON, at most 200 characters; secrets in lists of servers and providers are left out. */
const clipped = (value: unknown): string => {
  const text = JSON.stringify(value, (key, inner: unknown) => (key !== '' && SECRET.test(key) ? '…' : typeof inner === 'bigint' ? String(inner) : typeof inner === 'string' ? redacted(inner) : inner)) ?? ''
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
