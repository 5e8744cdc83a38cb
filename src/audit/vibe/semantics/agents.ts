import { at, type Changes } from './version-order.ts'
import type { VibeSemantics } from './versions.ts'

/** Names of the agents that come with this version, subagents included. */
export const builtinAgents = (semantics: VibeSemantics): readonly string[] =>
  at(semantics.release, AGENTS)

/**
 * What an agent that comes with Vibe lays over the configuration; `vibeHome` is where the plan
 * agent may write.
 */
export const agentOverrides = (
  name: string,
  semantics: VibeSemantics,
  vibeHome: string,
): Record<string, unknown> => {
  const { edit, read, write } = semantics.toolNames
  const since = (release: string): boolean =>
    at(semantics.release, [
      ['0', false],
      [release, true],
    ])
  const bypass = { [semantics.bypassKey]: true }
  switch (name) {
    case 'accept-edits':
      return { tools: { [write]: { permission: 'always' }, [edit]: { permission: 'always' } } }
    case 'auto-approve':
      return bypass
    case 'chat':
      return { ...bypass, enabled_tools: ['grep', read, 'ask_user_question', 'task'] }
    case 'explore':
      return { enabled_tools: ['grep', read, ...(since('2.24.0') ? ['skill'] : [])] }
    case 'plan': {
      if (!since('2.4.0'))
        return { ...bypass, enabled_tools: ['grep', read, 'todo', 'ask_user_question', 'task'] }
      const plans = [`${vibeHome}/plans/*`]
      const readToo = since('2.22.0') ? { [read]: { allowlist: plans } } : {}
      return {
        tools: {
          [write]: { permission: 'never', allowlist: plans },
          [edit]: { permission: 'never', allowlist: plans },
          ...readToo,
        },
      }
    }
    default:
      return {}
  }
}

const OLDEST_AGENTS = ['accept-edits', 'auto-approve', 'default', 'explore', 'plan']

const AGENTS: Changes<readonly string[]> = [
  ['1.0.0', []],
  ['2.0.0', OLDEST_AGENTS],
  ['2.3.0', [...OLDEST_AGENTS, 'chat']],
  ['2.23.3', OLDEST_AGENTS],
  ['2.24.1', ['accept-edits', 'ask', 'auto-approve', 'explore', 'plan']],
  ['2.25.0', ['accept-edits', 'ask', 'auto-approve', 'explore', 'plan', 'smart-approve']],
  ['3.0.0', ['accept-edits', 'ask', 'auto-approve', 'explore', 'smart-approve']],
]
