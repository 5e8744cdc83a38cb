// What `import 'launcher/sbpl'` gives: reading, checking and evaluating Seatbelt profiles.
export { checkProfile } from '../backend/seatbelt/sbpl/check.ts'
export { compile, evaluate, type Compiled } from '../backend/seatbelt/sbpl/compile.ts'
export type { Decision } from '../backend/seatbelt/sbpl/decision.ts'
export { type Position, SbplError, type SbplErrorCode } from '../backend/seatbelt/sbpl/error.ts'
export { parseFacts } from '../backend/seatbelt/sbpl/facts.ts'
export type { Finding, Severity } from '../backend/seatbelt/sbpl/finding.ts'
export { printNode, printRule } from '../backend/seatbelt/sbpl/printer.ts'
export {
  type AtomNode,
  type ListNode,
  type Node,
  read as parse,
} from '../backend/seatbelt/sbpl/reader.ts'
export type { Facts, Rule } from '../backend/seatbelt/sbpl/rules.ts'
