import { both, linux, mac, type Row } from '../model.ts'

/**
 * Apple's shims and git (section B). What git 2.39 says of protected and held names under
 * bubblewrap.
 */
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
  {
    id: 142,
    prints: 'git',
    patterns: [
      /(?:error|warning): unable to (?:unlink(?: old)?|create file) '?(?<path>[^':]{1,1000})'?: (?:Operation not permitted|Permission denied|Read-only file system|Device or resource busy)/,
    ],
    nature: 'policy',
    operation: 'write',
    means: both(
      'the other commit changes a protected file: git keeps the old one and may go on, so the next `commit -a` would take the change back',
    ),
    remedy:
      'switch, merge or rebase yourself, outside; after a switch that went on: git restore -- PATH',
  },
  {
    id: 143,
    prints: 'git',
    patterns: [
      /error: The following untracked working tree files would be (?:overwritten|removed) by \w{1,40}/,
    ],
    nature: 'unclear',
    means: both(
      'the other commit brings a file to a name that is taken: by a file of yours, or by launcher, which keeps protected names (.mcp.json, .envrc …) from being made during a run; git changed nothing',
    ),
    remedy:
      'run this git command yourself, outside: names that launcher keeps are gone there; git status shows a file of yours',
  },
  {
    id: 144,
    prints: 'git',
    patterns: [
      /(?:warning: failed to remove|error: unable to rmdir|fatal: cannot rmdir|cannot rmdir) '?(?<path>[^':]{1,1000}?)\/?'?: Device or resource busy/,
    ],
    nature: 'sandbox',
    means: linux(
      'the name is kept by launcher for the time of the run, or holds a protection: git cleaned everything else',
    ),
    remedy:
      'nothing to do after `git clean`; after a `git stash -u` that stopped here the stash is whole: git restore . and then git stash pop, outside',
  },
  {
    id: 145,
    prints: 'git',
    patterns: [
      /unable to access '(?<path>[^']{0,1000}\.git(?:modules|attributes|ignore))': Is a directory/,
    ],
    nature: 'elsewhere',
    means: both(
      'a directory is in the place of one of git\u2019s own files: launcher keeps that name with an empty file, so somebody else made it',
    ),
    remedy: 'remove it when it is empty, outside: rmdir .gitmodules',
  },
  {
    id: 146,
    prints: 'git',
    patterns: [
      /fatal: Could not reset index file to revision/,
      /error: could not detach HEAD/,
      /error: could not restore untracked files from stash/,
    ],
    nature: 'unclear',
    means: both(
      'git stopped half-way because a file could not be replaced, mostly a protected one: the lines before it name it, and other files may be those of the other commit',
    ),
    remedy: 'git status shows what changed; git restore . takes it back; then do it outside',
  },
]
