import { sourceOf } from '../../policy/decide.ts'
import type { Operation, Origin } from '../../policy/model.ts'
import type { Sighting } from '../log/read.ts'
import { allowHostFlag, runCommand } from '../../policy/run-command.ts'
import { adviceFor } from './fix.ts'
import type { Judge, Judged } from './judge.ts'
import type { Row } from './model.ts'
import { ROWS } from './rows.ts'

/** Whose doing a failure is. */
type Whose = 'sandbox' | 'not-sandbox' | 'cannot-tell'

/** What is known of one failure; nothing in it is a guess. */
export interface Answer {
  readonly sighting: Sighting
  readonly verdict: Whose
  /** The cause as a sentence: which entry denies it, or what else fails. */
  readonly cause: string
  /** What the message means under this backend. */
  readonly meaning: string | undefined
  readonly operation?: Operation
  readonly path?: string
  /** Where the deciding entry is written. */
  readonly origin?: Origin
  /** One command that changes it, or what to do instead. */
  readonly fix: string
}

const BY_ID: ReadonlyMap<number, Row> = new Map(ROWS.map((row) => [row.id, row]))

/** Answers every failure through the policy and the host, in the order of the log. */
export const answer = (sightings: readonly Sighting[], judge: Judge): readonly Answer[] =>
  sightings.map((sighting) => answerOne(sighting, judge))

const answerOne = (sighting: Sighting, judge: Judge): Answer => {
  const row = BY_ID.get(sighting.row)
  const meaning = row?.means[judge.backend]
  const about = { sighting, meaning, fix: row?.remedy ?? '' }
  if (!row || row.nature === 'elsewhere')
    return {
      ...about,
      verdict: 'not-sandbox',
      cause: row?.means[judge.backend] ?? 'something else prints this',
    }
  if (row.nature === 'sandbox') {
    // A message of the other backend's: whatever printed it, it was not this one.
    return meaning === undefined
      ? { ...about, verdict: 'cannot-tell', cause: `${judge.backend} does not cause this` }
      : { ...about, verdict: 'sandbox', cause: meaning }
  }
  if (sighting.host !== undefined && row.nature === 'policy')
    return hostAnswer(sighting.host, judge, about)
  const path = sighting.paths[0] ?? programPath(sighting, judge)
  if (path !== undefined) {
    const judged = firstDenied(sighting, path, judge)
    if (judged) return pathAnswer(judged, sighting, judge, about)
  }
  if (sighting.program !== undefined && row.operation === 'exec') {
    return {
      ...about,
      verdict: 'not-sandbox',
      cause: `there is no ${sighting.program} on PATH outside either`,
      fix: `install ${sighting.program}, or give its absolute path`,
    }
  }
  return {
    ...about,
    verdict: 'cannot-tell',
    cause: `${meaning ?? `${judge.backend} is not known to cause this`}; the text names nothing that the policy could be asked about`,
  }
}

type About = Pick<Answer, 'sighting' | 'meaning' | 'fix'>

const programPath = ({ program }: Sighting, judge: Judge): string | undefined =>
  program === undefined ? undefined : program.includes('/') ? program : judge.program(program)

/**
 * What was tried is not always in the text: a path that may be read may have been meant for
 * writing.
 */
const firstDenied = (sighting: Sighting, path: string, judge: Judge): Judged | undefined => {
  const tried: readonly Operation[] = sighting.operation
    ? [sighting.operation]
    : sighting.error === 'EROFS'
      ? ['write']
      : sighting.error === 'ENOENT'
        ? ['read']
        : ['read', 'write']
  const judged = tried
    .map((operation) => judge.path(operation, path))
    .filter((one) => one !== undefined)
  return judged.find((one) => !one.decision.allowed || one.blocked !== undefined) ?? judged[0]
}

const hostAnswer = (host: string, judge: Judge, about: About): Answer => {
  const verdict = judge.host(host)
  if (verdict === undefined)
    return { ...about, verdict: 'cannot-tell', cause: `nothing is known of ${host} here` }
  if (!verdict.allowed)
    return {
      ...about,
      verdict: 'sandbox',
      cause: verdict.because,
      fix: runCommand(judge.profile, [allowHostFlag(host)]),
    }
  return {
    ...about,
    verdict: 'cannot-tell',
    cause: `${verdict.because}, so the client went around the proxy, or the host itself did not answer`,
  }
}

const pathAnswer = (judged: Judged, sighting: Sighting, judge: Judge, about: About): Answer => {
  const { operation, followed, decision, blocked } = judged
  const told = { ...about, operation, path: followed.real }
  const links = followed.hops.length === 0 ? '' : ` (${judged.requested} is a link to it)`
  const missing = missingReason(judged)
  if (!decision.allowed || blocked) {
    // Hidden or not, what is not there outside fails in the same way.
    if (missing !== undefined && (sighting.error === 'ENOENT' || sighting.error === undefined))
      return {
        ...told,
        verdict: 'not-sandbox',
        cause: missing,
        fix: 'make it, or look for it elsewhere',
      }
    const entry = decision.allowed && blocked ? blocked : { path: followed.real, decision, how: '' }
    const how = entry.how === '' ? links : ` (${entry.how})`
    const origin = entry.decision.origin
    return {
      ...told,
      path: entry.path,
      verdict: 'sandbox',
      cause: `the sandbox denies ${operation} on ${entry.path}${how}: ${entry.decision.because}${origin && !entry.decision.because.includes(sourceOf(origin)) ? `, ${sourceOf(origin)}` : ''}`,
      ...(origin ? { origin } : {}),
      fix:
        judged.flags && judged.flags.length > 0
          ? adviceFor(judge.profile, judged.flags, judge.home)
          : about.fix,
    }
  }
  const other = missing ?? otherReason(judged, sighting)
  if (other !== undefined)
    return {
      ...told,
      verdict: 'not-sandbox',
      cause: `the sandbox allows it (${decision.because}): ${other}`,
    }
  return {
    ...told,
    verdict: 'cannot-tell',
    cause: `the policy allows ${operation} on ${followed.real} (${decision.because}), and the host has no reason against it: another profile, or a file that changed since`,
  }
}

const missingReason = ({ followed, operation, hasParent }: Judged): string | undefined => {
  if (followed.status === 'dangling')
    return `${followed.requested} is a link that points to nothing (${followed.real})`
  if (followed.status === 'cycle')
    return `${followed.requested} is a link that leads back to itself`
  if (followed.status !== 'missing') return undefined
  const isMade = ['create', 'mkdir', 'symlink', 'link-to', 'rename-to', 'bind'].includes(operation)
  if (isMade) return hasParent ? undefined : `the directory of ${followed.real} is missing`
  return `${followed.real} is missing`
}

const otherReason = (judged: Judged, sighting: Sighting): string | undefined => {
  const { stat, guard, operation, isPermitted, followed } = judged
  if (guard === 'SIP') return `${followed.real} lies on the sealed system volume (SIP)`
  if (guard === 'TCC' && sighting.error === 'EPERM')
    return 'macOS guards that place itself (TCC): the terminal needs the right to it in System Settings'
  if (stat === 'denied') return 'a directory above it may not be entered by you'
  if (isPermitted) return undefined
  if (sighting.error === 'EROFS') return 'the file system itself is read only'
  if (stat === undefined) return 'its directory may not be written by you'
  const mode = (stat.mode & 0o7777).toString(8).padStart(3, '0')
  if (operation === 'exec' && (stat.mode & 0o111) === 0)
    return `${followed.real} is not executable (mode ${mode})`
  return `${followed.real} has mode ${mode} and belongs to user ${stat.uid}`
}
