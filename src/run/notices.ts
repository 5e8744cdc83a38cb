import type { LaunchAudit } from '../audit/launch.ts'
import type { Host } from '../machine/host.ts'
import type { Notice } from '../policy/model.ts'
import type { Prepared } from './prepare.ts'

/**
 * All that is to be said before a start; `audited` is what the agent's own configuration was found
 * to say.
 */
export const startNotices = (
  { resolution, copy }: Prepared,
  host: Host,
  audited: LaunchAudit | undefined,
): readonly Notice[] => [
  ...copyNotice(copy),
  ...resolution.resolved.notices,
  ...(audited === undefined ? [] : auditNotices(audited)),
  ...rootNotice(host),
]

const copyNotice = (copy: Prepared['copy']): readonly Notice[] =>
  copy
    ? [
        {
          level: 'info',
          code: 'settings-copy',
          message: `${copy.from}/${copy.name} is a copy for this run: the agent may rewrite it, and it is gone at the end`,
        },
      ]
    : []

/**
 * What keeps a version that is not known from starting may be otherwise there: it is said, and
 * refused only of known ones.
 */
const auditNotices = ({ version, stops, open }: LaunchAudit): readonly Notice[] => [
  ...(version.isKnown ? [] : stops).map(
    ({ id, message, stop }): Notice => ({
      level: 'warning',
      code: 'audit',
      message: `${id}: ${message}; if that is so for this version, it will not start: ${stop ?? ''}`,
    }),
  ),
  ...open.map(
    ({ id, message, kernel }): Notice => ({
      level: 'warning',
      code: 'audit',
      message: `${id}: ${message}; the kernel does not cover it${kernel ? ` (${kernel.because})` : ''} (launcher audit)`,
    }),
  ),
]

/**
 * bubblewrap hands in the host's own device nodes, and their owner may change their modes without
 * any capability (measured: chmod of /dev/null).
 */
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
