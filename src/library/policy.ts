// What `import 'launcher/policy'` gives: the policy's model and its one evaluator.
export { isAbsolutePath, toAbsolutePath, type AbsolutePath } from '../machine/paths.ts'
export { compilePolicy, decide, type Decider } from '../policy/decide.ts'
export {
  type Access,
  type Decision,
  type Grant,
  type Hop,
  type Lift,
  type LivePattern,
  type NetworkPolicy,
  type Notice,
  OPERATIONS,
  type Operation,
  type Origin,
  type Protection,
  type ResolvedPolicy,
  type SocketRule,
  type StatGrant,
} from '../policy/model.ts'
