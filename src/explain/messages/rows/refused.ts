import { both, mac, type Row } from '../model.ts'

const FAILED =
  '(?:Operation not permitted|operation not permitted|Permission denied|permission denied)'

/** A plain refusal in each runtime's words (section C). */
export const REFUSED_ROWS: readonly Row[] = [
  {
    id: 23,
    prints: 'Python',
    patterns: [
      /PermissionError: \[Errno (?:1|13)\] (?:Operation not permitted|Permission denied): ["'](?<path>.{1,2000}?)["'](?: -> ["'](?<to>.{1,2000}?)["'])?\s*$/,
    ],
    nature: 'policy',
    means: both('a refusal: errno 1 is the sandbox, SIP or TCC, errno 13 a mode or the sandbox'),
    remedy: 'grant what the path needs',
    isGeneric: true,
  },
  {
    id: 24,
    prints: 'Node',
    patterns: [
      /(?:EPERM: operation not permitted|EACCES: permission denied), (?<call>\w{1,30}) '(?<path>[^']{1,2000})'(?: -> '(?<to>[^']{1,2000})')?/,
    ],
    nature: 'policy',
    means: both('a refusal of the system call that it names'),
    remedy: 'grant what the path needs',
    isGeneric: true,
  },
  {
    id: 25,
    prints: 'Node',
    patterns: [
      /EPERM: operation not permitted, (?<call>lstat|realpath|stat) '(?<path>\/Users(?:\/[^/']{1,200})?)'/,
    ],
    nature: 'policy',
    operation: 'stat',
    means: mac('names above the granted paths cannot be looked at'),
    remedy: 'this is a fault of launcher: it grants them',
  },
  {
    id: 26,
    prints: 'Node and shells',
    patterns: [
      /(?:EPERM|EACCES|ENOENT).{0,200}uv_cwd/,
      /getcwd: cannot access parent directories/,
      /shell-init: error retrieving current directory/,
    ],
    nature: 'unclear',
    means: both('the working directory itself cannot be read, or is gone'),
    remedy: 'start in the project',
  },
  {
    id: 27,
    prints: 'Rust',
    patterns: [
      new RegExp(
        `(?:["'\`](?<path>/[^"'\`]{1,1000})["'\`].{0,200})?${FAILED} \\(os error (?:1|13)\\)`,
      ),
    ],
    nature: 'policy',
    means: both('a refusal in the words of a Rust program'),
    remedy: 'grant what the path needs',
    isGeneric: true,
  },
  {
    id: 28,
    prints: 'Go',
    patterns: [
      /(?<call>open|stat|lstat|mkdir|remove|unlink|rename|readdirent|chdir|chmod|fork\/exec) (?<path>[^:]{1,1000}): (?:operation not permitted|permission denied|read-only file system)/,
    ],
    nature: 'policy',
    means: both('a refusal in the words of a Go program'),
    remedy: 'grant what the path needs',
    isGeneric: true,
  },
  {
    id: 29,
    prints: 'shells and Node',
    patterns: [
      /(?:^|: )(?<program>[\w.+-]{1,100}): (?:command )?not found\s*$/,
      /command not found: (?<program>[\w.+-]{1,100})/,
      /spawn (?<program>\S{1,500}) E(?:PERM|ACCES)/,
    ],
    nature: 'policy',
    operation: 'exec',
    means: both(
      'the search along PATH stopped at a directory that cannot be entered, or the program cannot be read',
    ),
    remedy: 'take directories that cannot be read from PATH',
    isGeneric: true,
  },
  {
    id: 30,
    prints: 'Node',
    patterns: [/spawn (?<program>\S{1,500}) ENOENT/],
    nature: 'policy',
    operation: 'exec',
    means: both('the program, its interpreter or its working directory cannot be reached'),
    remedy: 'check the working directory of the spawn, then the interpreter',
  },
  {
    id: 31,
    prints: 'shells',
    patterns: [
      /bad interpreter: (?<path>\/[^:]{1,1000}): /,
      /(?:^|: )(?<path>\/[^:]{1,1000}): bad interpreter: /,
      /(?<program>[\w./+-]{1,300}): bad interpreter: /,
    ],
    nature: 'policy',
    operation: 'exec',
    means: both(
      'the interpreter in the first line of the script cannot be read or executed; on macOS also quarantine',
    ),
    remedy: 'grant reading on the interpreter; xattr -d com.apple.quarantine FILE on macOS',
  },
  {
    id: 32,
    prints: 'shells',
    patterns: [
      /(?:zsh: operation not permitted|zsh: permission denied): (?<path>\S{1,1000})/,
      /(?:ba)?sh: (?:line )?\d{1,9}: (?<path>\/[^:]{1,1000}): (?:Operation not permitted|Permission denied)/,
    ],
    exits: [126],
    nature: 'policy',
    operation: 'exec',
    means: both('the program was found and could not be executed'),
    remedy: 'grant reading on the program; chmod +x when it is not executable',
  },
]
