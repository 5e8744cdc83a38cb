import { describe, expect, it } from 'vitest'
import { readLog } from '../../../src/explain/log/read.ts'
import { answer } from '../../../src/explain/messages/answer.ts'
import { judgeOn } from './scene.ts'

const judges = { linux: judgeOn('linux'), macos: judgeOn('macos') }

/** Line, row, whose doing, path (or what the cause says). */
type Expected = readonly [
  line: number,
  row: number,
  verdict: 'sandbox' | 'not-sandbox' | 'cannot-tell',
  path: string | undefined,
  cause?: string,
]

const LOGS: readonly (readonly [
  title: string,
  system: 'linux' | 'macos',
  log: string,
  answers: readonly Expected[],
])[] = [
  [
    'Python: hidden, missing, closed by its mode, and fine',
    'linux',
    `collecting
Traceback (most recent call last):
  File "/home/u/p/main.py", line 3, in <module>
    open("/home/u/.aws/credentials")
FileNotFoundError: [Errno 2] No such file or directory: '/home/u/.aws/credentials'
retrying
Traceback (most recent call last):
  File "/home/u/p/main.py", line 9, in <module>
    open("absent.txt")
FileNotFoundError: [Errno 2] No such file or directory: 'absent.txt'
Traceback (most recent call last):
  File "/home/u/p/main.py", line 11, in <module>
    open("closed.txt")
PermissionError: [Errno 13] Permission denied: 'closed.txt'
Traceback (most recent call last):
  File "/home/u/p/main.py", line 12, in <module>
    open("main.py")
PermissionError: [Errno 13] Permission denied: 'main.py'
done`,
    [
      [2, 125, 'sandbox', '/home/u/.aws/credentials', 'it is hidden (test.toml:1'],
      [7, 125, 'not-sandbox', '/home/u/p/absent.txt', 'is missing'],
      [11, 23, 'not-sandbox', '/home/u/p/closed.txt', 'mode 000'],
      [15, 23, 'cannot-tell', '/home/u/p/main.py'],
    ],
  ],
  [
    'Python writing: a protection, outside, and a chained traceback',
    'linux',
    `Traceback (most recent call last):
  File "a.py", line 1, in <module>
    open("/home/u/p/.git/config", "w")
OSError: [Errno 30] Read-only file system: '/home/u/p/.git/config'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 4, in <module>
    os.mkdir("/home/u/out")
OSError: [Errno 30] Read-only file system: '/home/u/out'
ModuleNotFoundError: No module named 'requests'`,
    [
      [1, 124, 'sandbox', '/home/u/p/.git/config', 'read only'],
      [8, 124, 'sandbox', '/home/u/out', 'nothing grants'],
      [12, 90, 'cannot-tell', undefined],
    ],
  ],
  [
    'Node: uncaught, a fetch, a spawn',
    'linux',
    `node:fs:573
  return binding.open(
                 ^

Error: EACCES: permission denied, open '/home/u/p/.env'
    at Object.openSync (node:fs:573:18)
    at Object.<anonymous> (/home/u/p/index.js:1:4) {
  errno: -13,
  code: 'EACCES',
  syscall: 'open',
  path: '/home/u/p/.env'
}

Node.js v20.20.2
Error: getaddrinfo ENOTFOUND example.com
Error: spawn no-such-tool ENOENT`,
    [
      [1, 24, 'sandbox', '/home/u/p/.env', 'hidden'],
      [15, 33, 'sandbox', undefined, 'no entry allows example.com'],
      [16, 30, 'not-sandbox', undefined, 'no no-such-tool on PATH'],
    ],
  ],
  [
    'Node on macOS: SIP, TCC and a missing file',
    'macos',
    `Error: EPERM: operation not permitted, mkdir '/System/Library/x'
    at Object.mkdirSync (node:fs:1371:26)
Error: EPERM: operation not permitted, open '/Users/u/Documents/report.txt'
    at Object.openSync (node:fs:573:18)
Error: ENOENT: no such file or directory, open '/Users/u/p/absent.json'
    at Object.openSync (node:fs:573:18)
Error: EPERM: operation not permitted, scandir '/Users/u/.ssh'`,
    [
      [1, 24, 'sandbox', '/System/Library/x', 'only read is granted'],
      [3, 24, 'not-sandbox', '/Users/u/Documents/report.txt', 'TCC'],
      [5, 125, 'not-sandbox', '/Users/u/p/absent.json', 'missing'],
      [7, 24, 'sandbox', '/Users/u/.ssh', 'hidden'],
    ],
  ],
  [
    'Go: caches, a panic, a refused connection',
    'linux',
    `go: could not create module cache: mkdir /home/u/go/pkg/mod/cache: permission denied
panic: open /home/u/.ssh/id_rsa: no such file or directory

goroutine 1 [running]:
main.main()
	/home/u/p/main.go:9 +0x1b
exit status 2
main.go:4: open /home/u/p/gone.yaml: no such file or directory
dial tcp 93.184.216.34:443: connect: network is unreachable
dial unix /var/run/docker.sock: connect: no such file or directory`,
    [
      [1, 68, 'sandbox', '/home/u/go/pkg/mod/cache', 'nothing grants'],
      [2, 125, 'sandbox', '/home/u/.ssh/id_rsa', 'hidden'],
      [8, 125, 'not-sandbox', '/home/u/p/gone.yaml', 'missing'],
      [10, 49, 'not-sandbox', '/var/run/docker.sock', 'missing'],
    ],
  ],
  [
    'git: protected configuration, a lock, and a host',
    'linux',
    `error: could not lock config file .git/config: Read-only file system
fatal: could not set 'branch.main.remote' to 'origin'
On branch main
fatal: not a git repository (or any of the parent directories): .git
rm: cannot remove '/home/u/p/.git/config': Device or resource busy
ssh: connect to host github.com port 22: Network is unreachable
fatal: Could not read from remote repository.`,
    [
      [1, 22, 'sandbox', '/home/u/p/.git/config', 'read only'],
      [4, 19, 'cannot-tell', undefined],
      [5, 128, 'sandbox', undefined, 'holds a protection'],
      [6, 103, 'sandbox', undefined, 'no entry allows github.com'],
    ],
  ],
  [
    'git: a branch that brings protected names, and what is kept during a run',
    'linux',
    `error: The following untracked working tree files would be overwritten by checkout:
	.mcp.json
Please move or remove them before you switch branches.
Aborting
error: unable to unlink old '.git/config': Read-only file system
Switched to branch 'feature'
fatal: cannot rmdir '.mcp.json': Device or resource busy
Removing left
warning: failed to remove .agents/: Device or resource busy
From ../remote
warning: unable to access '.gitmodules': Is a directory
HEAD is now at 1234567 one
fatal: Could not reset index file to revision 'feature'.`,
    [
      [1, 143, 'cannot-tell', undefined],
      [5, 142, 'sandbox', '/home/u/p/.git/config', 'read only'],
      [7, 144, 'sandbox', undefined, 'kept by launcher'],
      [9, 144, 'sandbox', undefined, 'kept by launcher'],
      [11, 145, 'not-sandbox', undefined],
      [13, 146, 'cannot-tell', undefined],
    ],
  ],
  [
    'git on macOS: its configuration',
    'macos',
    `warning: unable to access '/Users/u/.gitconfig': Operation not permitted
fatal: unknown error occurred while reading the configuration files
xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun at: /Library/Developer/CommandLineTools/usr/bin/xcrun`,
    [
      [1, 20, 'sandbox', '/Users/u/.gitconfig', 'nothing grants'],
      [3, 15, 'not-sandbox', '/Library/Developer/CommandLineTools', 'missing'],
    ],
  ],
  [
    'npm: one report of many lines, then a proxy',
    'linux',
    `npm ERR! code EACCES
npm ERR! syscall mkdir
npm ERR! path /home/u/.npm/_cacache/tmp
npm ERR! errno -13
npm ERR! Error: EACCES: permission denied, mkdir '/home/u/.npm/_cacache/tmp'
npm ERR!  [Error: EACCES: permission denied] {
npm ERR!   errno: -13 }

added 3 packages
npm error code E403
npm error 403 403 Forbidden - GET https://example.com/x
Tunnel connection failed: 403 Forbidden example.com`,
    [
      [1, 67, 'sandbox', '/home/u/.npm/_cacache/tmp', 'nothing grants'],
      [12, 98, 'sandbox', undefined, 'no entry allows example.com'],
    ],
  ],
  [
    'zsh: programs that are there, are not, and may not run',
    'macos',
    `zsh: command not found: vibe
zsh: command not found: ripgrep
zsh: permission denied: ./tool.sh
zsh: operation not permitted: ps
zsh: can't create temp file for here document: operation not permitted
zsh: no matches found: *.x`,
    [
      [1, 76, 'sandbox', undefined, '/.local/share/uv/python/'],
      [2, 29, 'not-sandbox', undefined, 'no ripgrep on PATH'],
      [3, 32, 'not-sandbox', '/Users/u/p/tool.sh', 'mode 644'],
      [4, 56, 'sandbox', undefined, 'set-id'],
      [5, 66, 'cannot-tell', undefined],
    ],
  ],
  [
    'a mixture, with colours and a kernel log',
    'macos',
    `\u001b[31mPermissionError: [Errno 1] Operation not permitted: '/Users/u/.vibe/trusted_folders.toml'\u001b[0m
2026-09-05 23:01:34.988 kernel: (Sandbox) Sandbox: python3.12(812) deny(1) file-read-metadata /Users/u/dotfiles/vibe/config.toml
Attempted to create a NULL object.
bwrap: setting up uid map: Permission denied
Tool execution not permitted.
stty: stdin isn't a terminal: Inappropriate ioctl for device
mkdir: /Users/u/p/theirs/x: Permission denied`,
    [
      [1, 78, 'sandbox', '/Users/u/.vibe/trusted_folders.toml', 'nothing grants'],
      [2, 82, 'sandbox', '/Users/u/dotfiles/vibe/config.toml', 'nothing grants'],
      [3, 87, 'sandbox', undefined, 'network settings'],
      [4, 113, 'cannot-tell', undefined, 'seatbelt does not cause this'],
      [5, 84, 'not-sandbox', undefined, "Vibe's own"],
      [6, 43, 'not-sandbox', undefined, 'not a terminal'],
      [7, 64, 'not-sandbox', '/Users/u/p/theirs/x', 'may not be written by you'],
    ],
  ],
]

describe('ten logs, answered line by line', () => {
  it.each(LOGS)('%s', (_, system, log, expected) => {
    const answers = answer(readLog(log).sightings, judges[system])
    expect(answers.map(({ sighting, verdict }) => [sighting.line, sighting.row, verdict])).toEqual(
      expected.map(([line, row, verdict]) => [line, row, verdict]),
    )
    for (const [index, [, , , path]] of expected.entries())
      if (path !== undefined) expect(answers[index]?.path).toBe(path)
    for (const [index, [, , , , cause]] of expected.entries())
      if (cause !== undefined) expect(answers[index]?.cause).toContain(cause)
    expect(answers.every(({ fix }) => fix !== '')).toBe(true)
  })
})
