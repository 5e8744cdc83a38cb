import { compile } from '../../../src/backend/seatbelt/sbpl/compile.ts'

/**
 * Asks the evaluator, not JavaScript, whether a path or name holds a match: the expression is meant
 * for bytes.
 */
export const compileRegex = (source: string): ((text: string) => boolean) => {
  const { decide } = compile(
    '(version 1)(deny default)(allow mach-lookup (global-name-regex (param "R")))',
    { R: source },
  )
  return (text) => decide('mach-lookup', { 'global-name': text }).allowed
}
