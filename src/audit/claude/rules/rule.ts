import type { Rule } from '../../model.ts'
import type { ClaudeFacts } from '../facts.ts'

/**
 * A row of Claude Code's catalogue. Facts are from code.claude.com/docs/en unless a row says
 * otherwise; the page is named after `docs:`.
 */
export type ClaudeRule = Rule<ClaudeFacts>
