import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { installation, newWorld, users, whyNoKernel, type World } from './harness.ts'
import { hold } from './held.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ?? (process.platform === 'darwin' ? 'mounts are the Linux backend’s' : undefined)
const noPerl = fs.existsSync('/usr/bin/perl') ? undefined : 'no perl to race with inside'

/**
 * What the agent tries when it is let go on, and what it must not be able to do, whatever happened
 * meanwhile.
 */
const TRIES = `
try() { if (eval "$2") > /dev/null 2>&1; then echo "$1 yes"; else echo "$1 no"; fi; }
try env 'cat .env'
try config 'echo x >> .git/config'
try hook 'mkdir -p .git/hooks && echo x > .git/hooks/pre-commit'
try vscode 'mkdir -p .vscode && echo x > .vscode/tasks.json'
try envrc 'echo x > .envrc'
try mcp 'echo x > .mcp.json'
try moves 'mv .git .g'
try commondir 'echo .. > .git/commondir'
try own 'echo x > src && cat src'
`
const HELD = 'env no\nconfig no\nhook no\nvscode no\nenvrc no\nmcp no\nmoves no\ncommondir no\n'

describe.each(users())('what the host does during a run, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
    world.outside('git', ['init', '-q', '-b', 'main'])
    world.outside('git', ['config', 'user.name', 'Some Body'])
    world.outside('git', ['config', 'user.email', 'body@example.org'])
    world.put('work/project/.env', 'TOKEN=secret\n')
    world.put('work/project/.vscode/settings.json', '{}\n')
    world.put('work/project/.envrc', 'export A=1\n')
    world.put('work/project/.gitignore', '.env\n')
    // On both branches: a branch that adds a held name is refused by git itself.
    world.put('work/project/.mcp.json', '{}\n')
    world.outside('git', ['add', '.'])
    world.outside('git', ['commit', '-q', '-m', 'first'])
    world.outside('git', ['checkout', '-q', '-b', 'other'])
    world.put('work/project/.envrc', 'export A=2\n')
    world.put('work/project/.mcp.json', '{"mcpServers":{}}\n')
    world.outside('git', ['add', '.'])
    world.outside('git', ['rm', '-q', '-r', '.vscode'])
    world.outside('git', ['commit', '-q', '-m', 'second'])
    world.outside('git', ['checkout', '-q', 'main'])
    world.outside('git', ['init', '-q', '--bare', `${world.home}/remote.git`])
  })
  afterEach(() => world.remove())

  const at = (name: string): string => path.join(world.project, name)
  const git = (...args: string[]): void => {
    const { status, stderr } = world.outside('git', args)
    if (status !== 0) throw new Error(stderr)
  }
  /**
   * A file of the user's; the rest of the tree is left alone, because the run changes it meanwhile.
   */
  const write = (name: string, content: string): void => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true })
    fs.writeFileSync(at(name), content)
    if (user.uid !== undefined)
      for (const file of [at(name), path.dirname(at(name))]) fs.chownSync(file, user.uid, user.uid)
  }
  const save = (name: string, content: string): void => {
    write(`${name}.new`, content)
    fs.renameSync(at(`${name}.new`), at(name))
  }
  const leftOver = (): string[] => fs.readdirSync(`${world.home}/.local/state/launcher/runs`)
  /** Long enough for a look, however busy the machine is: until the record would tell of it. */
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 700))

  where(reason).each<[string, () => void]>([
    ['git config', () => git('config', 'core.editor', 'true')],
    ['git remote add', () => git('remote', 'add', 'origin', `${world.home}/remote.git`)],
    [
      'git push -u',
      () => {
        git('remote', 'add', 'origin', `${world.home}/remote.git`)
        git('push', '-q', '-u', 'origin', 'main')
      },
    ],
    ['an editor that saves .env by a rename', () => save('.env', 'TOKEN=other\n')],
    ['an editor that saves .envrc by a rename', () => save('.envrc', 'export B=1\n')],
    ['git checkout of a branch where protected files differ', () => git('checkout', '-q', 'other')],
    [
      'git checkout there and back, and again',
      () => {
        for (const branch of ['other', 'main', 'other', 'main']) git('checkout', '-q', branch)
      },
    ],
    ['git clean -fdx', () => git('clean', '-qfdx')],
    [
      'a directory that is made anew',
      () => {
        fs.renameSync(at('.vscode'), at('.vscode-old'))
        write('.vscode/settings.json', '{"new":1}\n')
      },
    ],
    [
      'a protected file that is removed',
      () => {
        fs.rmSync(at('.envrc'))
        fs.rmSync(at('.env'))
      },
    ],
    [
      'a repository that is made anew',
      () => {
        fs.rmSync(at('.git'), { recursive: true })
        git('init', '-q')
      },
    ],
    [
      'a protected file that is moved aside and back',
      () => {
        fs.renameSync(at('.env'), at('.env.aside'))
        fs.renameSync(at('.env.aside'), at('.env'))
      },
    ],
  ])('%s: the run goes on, and protects what is there now', async (_, change) => {
    const run = await hold(world, `echo ready; read word; ${TRIES} exit 7`)
    change()
    await settled()
    run.letGo()
    const { code, stdout, stderr } = await run.finished
    expect({ code, stdout, stderr: stderr.replace(/^launcher: the host[\s\S]*/, '') }).toEqual({
      code: 7,
      stdout: `ready\n${HELD}own yes\n`,
      stderr: '',
    })
    expect(leftOver()).toEqual([])
  })

  where(reason)('an ordinary agent at work outlives many edits of the host', async () => {
    const run = await hold(
      world,
      'echo ready; i=0; while [ ! -e stop ]; do i=$((i+1)); echo $i > work; mv work done; git status > /dev/null; done; exit 7',
    )
    for (let round = 0; round < 40; round++) {
      git('config', 'some.key', String(round))
      save('.env', `TOKEN=${round}\n`)
      save('.envrc', `export A=${round}\n`)
    }
    write('stop', '')
    const { code, stderr } = await run.finished
    expect({ code, stderr: stderr.replace(/^launcher: the host[\s\S]*/, '') }).toEqual({
      code: 7,
      stderr: '',
    })
  })

  /** Tries an action as fast as it can until it succeeds, then keeps what it got. */
  const race = (action: string, keep = 'sleep 1 while 1'): string =>
    `echo ready; exec /usr/bin/perl -e 'use Socket; $| = 1; 1 until ${action}; print "got\\n"; ${keep}'`
  const edit = async (isOver: () => boolean): Promise<void> => {
    for (let round = 0; !isOver() && round < 100; round++) {
      git('config', 'some.key', String(round))
      fs.rmSync(at('.vscode'), { recursive: true, force: true })
      write('.vscode/settings.json', `{"round":${round}}\n`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }

  where(reason ?? noPerl).each<[string, string, RegExp]>([
    [
      'an open descriptor of a protected file',
      race('open(F, ">>", ".git/config")'),
      /got hold of .*\.git\/config( \(deleted\))? meanwhile \(a descriptor\)/,
    ],
    [
      'a working directory in a protected directory',
      race('(chdir("$ENV{PWD}/.vscode") && open(F, ">", "tasks.json") && close(F))'),
      /got hold of .*\.vscode.* meanwhile \(a working directory\)/,
    ],
    [
      'a descriptor that is on its way through a socket',
      // sendmsg with SCM_RIGHTS: msghdr {name, namelen, iov, iovlen, control, controllen, flags}.
      race(
        'open(F, ">>", ".git/config")',
        'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); my $d = "x"; my $iov = pack("PQ", $d, 1); my $c = pack("QiiiI", 20, 1, 1, fileno(F), 0); my $m = pack("QI x4 PQPQi x4", 0, 0, $iov, 1, $c, 20, 0); syscall(46, fileno(A), $m, 0); close F; sleep 1 while 1',
      ),
      /descriptors on their way through a socket|got hold of/,
    ],
    [
      'a second name of a protected file',
      race(
        'link(".git/config", "mine")',
        'while (1) { unlink("mine"); link(".git/config", "mine") and select(undef, undef, undef, 0.03) }',
      ),
      /config has another name since then/,
    ],
  ])('%s from the moment in between ends the run', async (_, script, words) => {
    const run = await hold(world, script)
    await edit(() => run.child.exitCode !== null)
    run.child.kill()
    const { code, stderr } = await run.finished
    expect(code).toBe(125)
    expect(stderr).toMatch(words)
    expect(stderr).toContain('enforcement was lost')
    expect(leftOver()).toEqual([])
  })

  where(reason ?? noPerl)(
    'a program that lets nobody look ends the run when it matters',
    async () => {
      // prctl(PR_SET_DUMPABLE, 0); root may look all the same.
      const run = await hold(
        world,
        `/usr/bin/perl -e 'syscall(157, 4, 0, 0, 0, 0); $| = 1; print "ready\\n"; sleep 1 while ! -e "stop"; exit 7'`,
      )
      git('config', 'some.key', '1')
      await settled()
      write('stop', '')
      const { code, stderr } = await run.finished
      if (user.uid === undefined && process.getuid?.() === 0) expect(code).toBe(7)
      else {
        expect(code).toBe(125)
        expect(stderr).toContain('could not be looked at')
      }
    },
  )

  where(reason)('what changed in that moment is told after the run and kept', async () => {
    const run = await hold(world)
    save('.envrc', 'export CHANGED=1\n')
    await settled()
    run.letGo()
    const { stderr } = await run.finished
    expect(stderr).toMatch(/replaced protected names during the run[\s\S]*\.envrc/)
  })

  where(reason ?? noPerl)(
    'a run that must end gives the agent its last words, and names who did it',
    async () => {
      const run = await hold(
        world,
        'trap "echo last words; exit 3" TERM; echo ready; while :; do sleep 0.02; done',
      )
      fs.renameSync(world.project, `${world.project}-moved`)
      const { code, stdout, stderr } = await run.finished
      expect({ code, stdout }).toEqual({ code: 125, stdout: 'ready\nlast words\n' })
      expect(stderr).toMatch(/project was moved on the host to .*project-moved/)
      expect(leftOver()).toEqual([])
      expect(fs.readdirSync(`${world.project}-moved`).sort()).toEqual([
        '.env',
        '.envrc',
        '.git',
        '.gitignore',
        '.mcp.json',
        '.vscode',
      ])
    },
  )

  where(reason)('a run that ignores SIGTERM is ended all the same', async () => {
    const run = await hold(world, 'trap "" TERM; echo ready; while :; do sleep 0.02; done')
    fs.renameSync(world.project, `${world.project}-moved`)
    expect((await run.finished).code).toBe(125)
  })

  where(reason)('where nothing can mend, a loss ends the run, and git is named', async () => {
    const bare = path.join(path.dirname(world.home), 'installed')
    fs.cpSync(installation(), bare, { recursive: true })
    fs.rmSync(path.join(bare, 'shell/calls.pl'))
    fs.rmSync(path.join(bare, 'shell/calls.py'))
    const run = await hold(world, 'git init -q sub; echo ready; while :; do sleep 0.02; done', {
      installation: bare,
    })
    git('config', 'some.key', '1')
    const { code, stderr } = await run.finished
    expect(code).toBe(125)
    expect(stderr).toContain('nothing is there to mend it with')
    expect(stderr).toMatch(/^ {2}git/m)
    expect(stderr).toContain('sub/.git (a repository')
  })

  where(
    reason ??
      (spawnSync('/usr/bin/python3', ['-c', 'import ctypes']).status === 0
        ? undefined
        : 'no python3'),
  )('Python mends where there is no Perl', async () => {
    const other = path.join(path.dirname(world.home), 'installed')
    fs.cpSync(installation(), other, { recursive: true })
    fs.rmSync(path.join(other, 'shell/calls.pl'))
    const run = await hold(world, `echo ready; read word; ${TRIES} exit 7`, { installation: other })
    git('config', 'core.editor', 'true')
    save('.env', 'TOKEN=other\n')
    await settled()
    run.letGo()
    const { code, stdout } = await run.finished
    expect({ code, stdout }).toEqual({ code: 7, stdout: `ready\n${HELD}own yes\n` })
  })
})
