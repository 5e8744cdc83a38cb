import type { Host } from '../machine/host.ts'
import type { Notice } from '../policy/model.ts'
import type { Target } from './types.ts'

const XATTR = '/usr/bin/xattr'
/** `0083;66f1…;Safari;UUID`: flags in hexadecimal first (LaunchServices, LSQuarantine). */
const FLAGS = /^([0-9a-f]{1,8});/i
/** Set when the user agreed to the first start. */
const APPROVED = 0x40

/**
 * Programs of a target that macOS marks as downloaded and not yet agreed to: it asks about them in
 * a window before their first start, and refuses them where it cannot. Node cannot read extended
 * attributes, so `xattr` is asked: for an explanation that a person waits for, not at each start.
 */
export const quarantineNotices = (target: Target, host: Host): Notice[] => {
  if (host.platform !== 'macos') return []
  return target.executables.flatMap(({ path, chain }) => {
    const flags = FLAGS.exec(
      host.run(XATTR, ['-p', 'com.apple.quarantine', path.real], 2_000) ?? '',
    )?.[1]
    if (flags === undefined || (Number.parseInt(flags, 16) & APPROVED) !== 0) return []
    const message = `${path.real} is in quarantine (downloaded, not yet agreed to): macOS may refuse to start it inside; start it once outside, or xattr -d com.apple.quarantine FILE`
    return [
      {
        level: 'warning',
        code: 'target-quarantined',
        message,
        origin: {
          strength: 'derived',
          file: 'resolution',
          key: 'target',
          because: chain.join(', '),
        },
      },
    ]
  })
}
