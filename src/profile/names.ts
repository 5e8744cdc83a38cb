import type { Builtins } from './model.ts'

/** Agents may be named without their folder. */
const AGENTS = 'agents/'

/** The one name of a profile: `vibe` and `agents/vibe` are the same when such a built-in exists. */
export const canonicalName = (name: string, builtins: Builtins): string =>
  !builtins.profiles.has(name) && builtins.profiles.has(`${AGENTS}${name}`)
    ? `${AGENTS}${name}`
    : name

/** The name as shown to people: agents without their folder. */
export const shortName = (name: string): string =>
  name.startsWith(AGENTS) ? name.slice(AGENTS.length) : name
