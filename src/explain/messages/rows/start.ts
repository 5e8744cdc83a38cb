import { mac, type Row } from '../model.ts'

/** The profile, sandbox-exec and the loader (section A). */
export const START_ROWS: readonly Row[] = [
  {
    id: 1,
    prints: 'sandbox-exec',
    patterns: [/^sandbox-exec: .{0,2000} at <input string>, line \d+/, /^sandbox-exec: .{0,2000} at \S{1,1000}, line \d+/],
    exits: [65],
    nature: 'sandbox',
    means: mac('the profile does not compile'),
    remedy: 'this is a fault of launcher: show that line with launcher run --print-program, and report it',
  },
  {
    id: 2,
    prints: 'sandbox-exec',
    patterns: [/unbound variable: (?<program>[a-z][a-z0-9*-]{1,60})/],
    nature: 'sandbox',
    means: mac('this macOS does not know an operation or filter of the profile'),
    remedy: 'report it with the version of macOS: the prelude has to guard that name',
  },
  {
    id: 3,
    prints: 'sandbox-exec',
    patterns: [/^sandbox-exec: .{0,500}illegal argument/, /expected pattern, got boolean/],
    nature: 'sandbox',
    means: mac('a filter of the profile got no parameter'),
    remedy: 'this is a fault of launcher: report it',
  },
  { id: 4, prints: 'sandbox-exec', patterns: [/host must be \* or localhost/], nature: 'sandbox', means: mac('an address stands in a network filter, which knows only * and localhost'), remedy: 'allow the host through the proxy: --allow-host HOST' },
  {
    id: 5,
    prints: 'sandbox-exec',
    patterns: [/sandbox_apply: Operation not permitted/, /deny\(1\) forbidden-sandbox-reinit/],
    exits: [71],
    nature: 'sandbox',
    means: mac('a sandbox was started inside a sandbox, which macOS refuses whatever the profile permits'),
    remedy: "switch off the inner tool's own sandbox (or start it outside); no path grant changes this",
  },
  { id: 6, prints: 'sandbox-exec', patterns: [/execvp\(\) of '(?<path>[^']{1,1000})' failed: Operation not permitted/], nature: 'policy', operation: 'exec', means: mac('the program may not be executed: no grant, a set-id bit, or quarantine'), remedy: 'grant reading on the real path of the program' },
  { id: 7, prints: 'sandbox-exec', patterns: [/execvp\(\) of '(?<path>[^']{1,1000})' failed: No such file or directory/], nature: 'policy', operation: 'exec', means: mac('the program is not on PATH, cannot be read, or a whole command was quoted as one word'), remedy: 'give the absolute path' },
  { id: 8, prints: 'the loader', patterns: [/Abort trap: 6/], exits: [134], nature: 'unclear', means: mac('ended by SIGABRT; with nothing on standard error it was the loader, which could not read what it needs'), remedy: 'launcher explain --program NAME shows the loader rules; compare with the log' },
  { id: 9, prints: 'the kernel', patterns: [/Killed: 9/], exits: [137], nature: 'unclear', means: mac('killed at the start: mapping code was refused, or code signing was'), remedy: 'look at the log; codesign -v the program: this is not always the sandbox' },
  { id: 10, prints: 'the kernel', patterns: [/Trace\/BPT trap: 5/], exits: [133], nature: 'unclear', means: mac('an assertion after a refused service or sysctl'), remedy: 'look for mach-lookup and sysctl-read in the log' },
  { id: 11, prints: 'dyld', patterns: [/file system sandbox blocked open\(\)(?: of)?(?: '(?<path>[^']{1,1000})')?/], nature: 'sandbox', operation: 'read', means: mac('a library lies where nothing grants reading'), remedy: 'grant reading on its directory' },
  { id: 12, prints: 'dyld', patterns: [/file system sandbox blocked (?:mmap|stat)\(\)(?: of)?(?: '(?<path>[^']{1,1000})')?/], nature: 'sandbox', operation: 'read', means: mac('a library may not be mapped or looked at'), remedy: 'grant reading on the directory of the toolchain' },
  { id: 13, prints: 'dyld', patterns: [/not in dyld (?:shared )?cache/], nature: 'sandbox', means: mac("the system's library cache cannot be read"), remedy: 'this is a fault of the prelude: report it with the version of macOS' },
]
