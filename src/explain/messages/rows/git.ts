import { both, mac, type Row } from '../model.ts'

/** Apple's shims and git (section B). */
export const GIT_ROWS: readonly Row[] = [
  {
    id: 14,
    prints: 'xcrun',
    patterns: [/xcrun: error: unable to load libxcrun(?: \(dlopen\((?<path>\/[^,)]{1,1000}))?/],
    nature: 'policy',
    operation: 'read',
    means: mac('the developer directory behind the shims cannot be read'),
    remedy: 'grant reading on the developer directory and /private/var/db/xcode_select_link',
  },
  {
    id: 15,
    prints: 'xcrun',
    patterns: [
      /xcrun: error: invalid active developer path(?: \((?<path>\/[^)]{1,1000})\))?/,
      /xcode-select: note: no developer tools/,
    ],
    nature: 'policy',
    operation: 'read',
    means: mac('the developer directory cannot be read, or is not there'),
    remedy: 'xcode-select --install when it is missing',
  },
  {
    id: 16,
    prints: 'xcrun',
    patterns: [/You have not agreed to the Xcode license/],
    nature: 'unclear',
    means: mac('the file that remembers the licence cannot be read, or it was never accepted'),
    remedy: 'sudo xcodebuild -license accept, outside',
  },
  {
    id: 17,
    prints: 'xcrun',
    patterns: [/unable to locate xcodebuild/],
    nature: 'unclear',
    means: mac('only a part of the Xcode application is granted'),
    remedy: 'grant reading on the whole application',
  },
  {
    id: 18,
    prints: 'git',
    patterns: [/(?:git: error|error|fatal): cannot (?:exec|run) '?(?<program>[\w./+-]{1,300})/],
    nature: 'policy',
    operation: 'exec',
    means: both("a part of git's own programs cannot be executed"),
    remedy: 'grant reading on the directory that git --exec-path names',
  },
  {
    id: 19,
    prints: 'git',
    patterns: [/fatal: not a git repository(?: \(or any[^)]{0,200}\)|: (?<path>\/\S{1,1000}))?/],
    nature: 'policy',
    operation: 'read',
    means: both(
      'the repository that a worktree belongs to lies outside the grants, or there is none',
    ),
    remedy: 'grant what git rev-parse --git-common-dir names',
  },
  {
    id: 20,
    prints: 'git',
    patterns: [
      /fatal: unable to access '(?<path>[^']{1,1000}config[^']{0,100})': (?:Operation not permitted|Permission denied)/,
      /(?:warning|fatal): unable to access '(?<path>\/[^']{1,1000})': (?:Operation not permitted|Permission denied)/,
    ],
    nature: 'policy',
    operation: 'read',
    means: both(
      "git's configuration cannot be read; a refusal is fatal to git, an absent file is not",
    ),
    remedy: 'grant reading, or set GIT_CONFIG_GLOBAL=/dev/null',
  },
  {
    id: 21,
    prints: 'git',
    patterns: [
      /Unable to create '(?<path>[^']{1,1000}index\.lock)': (?:Operation not permitted|Permission denied|Read-only file system)/,
    ],
    nature: 'policy',
    operation: 'create',
    means: both(
      'the index may not be written: the repository is read only, or the index of a worktree lies in the main repository',
    ),
    remedy: 'grant writing on the repository',
  },
  {
    id: 22,
    prints: 'git',
    patterns: [
      /could not (?:lock|write) config file (?<path>[^:]{1,1000}): (?:Operation not permitted|Permission denied|Read-only file system|Device or resource busy)/,
      /cannot (?:lock|write|update) '?(?<path>[^':]{1,900}\/hooks\/[^':]{1,100})/,
    ],
    nature: 'policy',
    operation: 'create',
    means: both(
      'configuration and hooks of a repository are protected: they run on the host later',
    ),
    remedy: 'run that one command yourself, outside',
  },
]
