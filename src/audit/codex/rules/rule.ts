import type { Rule } from '../../model.ts'
import type { CodexFacts } from '../facts.ts'

/**
 * A row of Codex’s catalogue. Facts are from codex-rs/core/config.schema.json of openai/codex and
 * developers.openai.com/codex unless a row says otherwise.
 */
export type CodexRule = Rule<CodexFacts>
