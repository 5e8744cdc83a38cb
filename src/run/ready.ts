import type { Host } from '../machine/host.ts'
import type { Notice } from '../policy/model.ts'
import { auditStart } from './audit.ts'
import { BEFORE_THE_START, refuse } from './guards.ts'
import { startNotices } from './notices.ts'
import type { Prepared } from './prepare.ts'

/** What a start has asked for besides its policy. */
export interface StartWishes {
  /** `--exec`: become the agent. */
  readonly useExec: boolean
  /** `--ask`: somebody is asked about new hosts. */
  readonly asks: boolean
}

/** The last look before a start: what is to be said. Throws the first refusal. */
export const readyToStart = async (
  prepared: Prepared,
  wishes: StartWishes,
  host: Host,
): Promise<readonly Notice[]> => {
  const audited = await auditStart(prepared, host)
  const notices = startNotices(prepared, host, audited)
  refuse(BEFORE_THE_START, { prepared, host, audited, notices, ...wishes })
  return notices
}
