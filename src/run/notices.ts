import type { Host } from '../machine/host.ts'
import type { Notice } from '../policy/model.ts'
import type { Prepared } from './prepare.ts'

/** All that is to be said before a start; `audited` is what the agent's own configuration leaves open. */
export const startNotices = (
  { resolution }: Prepared,
  host: Host,
  audited: readonly Notice[],
): readonly Notice[] => [...resolution.resolved.notices, ...audited, ...rootNotice(host)]

/** bubblewrap hands in the host's own device nodes, and their owner may change their modes without any capability (measured: chmod of /dev/null). */
const rootNotice = (host: Host): Notice[] =>
  host.platform === 'linux' && host.uid === 0
    ? [
        {
          level: 'warning',
          code: 'root',
          message:
            'you are root: the agent could change the modes of device nodes such as /dev/null; an ordinary user is safer',
        },
      ]
    : []
