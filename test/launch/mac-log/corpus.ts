/**
 * One record of the kernel's Sandbox as people have published it (user names replaced), and what it
 * says.
 */
export interface PublishedRecord {
  readonly source: string
  readonly text: string
  /** Undefined where it is not a refusal of a profile. */
  readonly says:
    | {
        readonly program: string
        readonly pid?: number
        readonly operation: string
        readonly target: string
        readonly count?: number
      }
    | undefined
}

const NIX = 'https://github.com/NixOS/nixpkgs/issues/345333'
const MAIL = 'https://github.com/apparition47/MailTrackerBlocker/issues/11'
const TELEGRAM = 'https://github.com/telegramdesktop/tdesktop/issues/716'
const WEBKIT = 'https://github.com/xerpi/vita-udcd-uvc/issues/4'

export const CORPUS: readonly PublishedRecord[] = [
  {
    source: NIX,
    text: 'Sandbox: ollama-sandbox(4615) deny(1) file-read-data /System/Volumes/Preboot/Cryptexes/OS',
    says: {
      program: 'ollama-sandbox',
      pid: 4615,
      operation: 'read',
      target: '/System/Volumes/Preboot/Cryptexes/OS',
    },
  },
  {
    source: NIX,
    text: 'Sandbox: ollama-sandbox(4615) deny(1) file-read-metadata /System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld/dyld_shared_cache_arm64e',
    says: {
      program: 'ollama-sandbox',
      pid: 4615,
      operation: 'stat',
      target: '/System/Volumes/Preboot/Cryptexes/OS/System/Library/dyld/dyld_shared_cache_arm64e',
    },
  },
  {
    source: NIX,
    text: 'Sandbox: ollama-sandbox(4615) deny(1) mach-lookup com.apple.system.notification_center',
    says: {
      program: 'ollama-sandbox',
      pid: 4615,
      operation: 'mach-lookup',
      target: 'com.apple.system.notification_center',
    },
  },
  {
    source: NIX,
    text: '1 duplicate report for Sandbox: ollama-sandbox(4615) deny(1) mach-lookup com.apple.diagnosticd',
    says: {
      program: 'ollama-sandbox',
      pid: 4615,
      operation: 'mach-lookup',
      target: 'com.apple.diagnosticd',
      count: 1,
    },
  },
  {
    source: NIX,
    text: 'Sandbox: ollama-sandbox(4615) deny(1) file-read-data /dev/autofs_nowait',
    says: { program: 'ollama-sandbox', pid: 4615, operation: 'read', target: '/dev/autofs_nowait' },
  },
  {
    source: 'https://github.com/anthropic-experimental/sandbox-runtime/issues/67',
    text: 'Sandbox: sandbox-exec(27256) deny(1) forbidden-sandbox-reinit',
    says: {
      program: 'sandbox-exec',
      pid: 27256,
      operation: 'forbidden-sandbox-reinit',
      target: '',
    },
  },
  {
    source: 'https://github.com/agentic-dev3o/sandbox-shell/issues/22',
    text: 'Sandbox: bash(73058) deny(1) forbidden-exec-sugid',
    says: { program: 'bash', pid: 73058, operation: 'forbidden-exec-sugid', target: '' },
  },
  {
    source: WEBKIT,
    text: 'Sandbox: storeassetd(29237) deny(1) mach-lookup com.apple.dock.server',
    says: {
      program: 'storeassetd',
      pid: 29237,
      operation: 'mach-lookup',
      target: 'com.apple.dock.server',
    },
  },
  {
    source: WEBKIT,
    text: 'Sandbox: 1 duplicate report for com.apple.WebKit deny(1) file-read-data /private/etc/hosts',
    says: {
      program: 'com.apple.WebKit',
      operation: 'read',
      target: '/private/etc/hosts',
      count: 1,
    },
  },
  {
    source: MAIL,
    text: 'Sandbox: mds(76) System Policy: deny(1) file-read-metadata /Users/u/Library/Containers/com.apple.mail/Data/DataVaults/MailBundles/Library/Mail/Bundles/MailTrackerBlocker.mailbundle/Contents/Resources/fr.lproj',
    says: undefined,
  },
  {
    source: MAIL,
    text: 'Sandbox: 4 duplicate reports for mds deny(1) file-read-metadata /Users/u/Library/Containers/com.apple.mail/Data/DataVaults/MailBundles/Library/Mail/Bundles/MailTrackerBlocker.mailbundle/Contents/Resources/inactive.pdf',
    says: {
      program: 'mds',
      operation: 'stat',
      target:
        '/Users/u/Library/Containers/com.apple.mail/Data/DataVaults/MailBundles/Library/Mail/Bundles/MailTrackerBlocker.mailbundle/Contents/Resources/inactive.pdf',
      count: 4,
    },
  },
  {
    source: TELEGRAM,
    text: 'Sandbox: mdworker(36488) deny network-outbound /private/var/run/mDNSResponder',
    says: {
      program: 'mdworker',
      pid: 36488,
      operation: 'connect',
      target: '/private/var/run/mDNSResponder',
    },
  },
  {
    source: 'https://github.com/openzfsonosx/zfs/issues/304',
    text: 'Sandbox: appleeventsd(84) deny file-read-metadata /etc/localtime',
    says: { program: 'appleeventsd', pid: 84, operation: 'stat', target: '/etc/localtime' },
  },
  {
    source: 'https://github.com/bitstadium/QuincyKit/issues/153',
    text: 'Sandbox: sandboxd(7944) deny mach-lookup com.apple.coresymbolicationd',
    says: {
      program: 'sandboxd',
      pid: 7944,
      operation: 'mach-lookup',
      target: 'com.apple.coresymbolicationd',
    },
  },
]
