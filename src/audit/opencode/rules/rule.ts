import type { Rule } from '../../model.ts'
import type { OpenCodeFacts } from '../facts.ts'

/**
 * A row of OpenCode’s catalogue. Facts are from packages/opencode/src of anomalyco/opencode
 * (config/config.ts, agent/agent.ts, permission) and opencode.ai/docs unless a row says otherwise.
 */
export type OpenCodeRule = Rule<OpenCodeFacts>

/** True for a layer that comes with the repository: OpenCode asks for no trust. */
export const isOfProject = (layer: string | undefined): boolean => layer === 'project'
