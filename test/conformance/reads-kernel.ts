import fs from 'node:fs'
import { expect } from 'vitest'
import { inside, launcher, newWorld } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { hold } from './held.ts'
import { PYTHON, python } from './python.ts'
import { type Attempts, SECRET, symlink, trial } from './trial.ts'

const isMac = process.platform === 'darwin'

const waysToRead = (file: string): Attempts => ({
  cat: `cat ${file} | grep ${SECRET}`,
  cp: `cp ${file} copy && grep ${SECRET} copy; s=$?; rm -f copy; exit $s`,
  tar: `tar -cf - ${file} | tar -xOf - | grep ${SECRET}`,
  head: `head -c 100 ${file} | grep ${SECRET}`,
  dd: `dd if=${file} bs=100 count=1 | grep ${SECRET}`,
  redirection: `grep ${SECRET} < ${file}`,
  mmap: `${PYTHON} -c 'import mmap, sys; f = open(sys.argv[1]); print(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)[:])' ${file} | grep ${SECRET}`,
  ...(isMac
    ? {}
    : {
        O_PATH: `${PYTHON} -c 'import os, sys; fd = os.open(sys.argv[1], os.O_PATH); print(open("/proc/self/fd/%d" % fd).read())' ${file} | grep ${SECRET}`,
      }),
  'after chmod': `chmod 644 ${file}; grep ${SECRET} ${file}`,
  'a link of its own': `ln -s ${file} l; grep ${SECRET} l; s=$?; rm -f l; exit $s`,
  'a hard link': `ln ${file} l && grep ${SECRET} l; s=$?; rm -f l; exit $s`,
})

conformsInKernel('R1', (user) => {
  const under = (name: string, file: string): Attempts =>
    Object.fromEntries(
      Object.entries(waysToRead(file)).map(([what, script]) => [`${name} by ${what}`, script]),
    )
  return trial(user, {
    setup: (world) => {
      world.put('.ssh/id_rsa', `${SECRET}\n`, 0o600)
      world.put('work/project/.env', `KEY=${SECRET}\n`, 0o600)
      world.put('work/project/plain', `${['SECRET', 'd41d8cd9'].join('-')}\n`, 0o600)
    },
    refused: {
      ...under('~/.ssh/id_rsa', '"$HOME/.ssh/id_rsa"'),
      ...under('.env', '.env'),
      'a directory by tar': `tar -cf - "$HOME/.ssh" | tar -xOf - | grep ${SECRET}`,
      'a directory by cp -r': `cp -r "$HOME/.ssh" c; cat c/*; s=$?; rm -rf c; exit $s`,
    },
    works: waysToRead('plain'),
  })
})

conformsInKernel('R2', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('.ssh/id_rsa', 'x\n')
      world.put('docs/private/file', 'x\n')
      world.put('docs/file', 'x\n')
    },
    flags: (world) => ['--read', `${world.home}/docs`, '--none', `${world.home}/docs/private`],
    refused: {
      '~/.ssh': 'ls "$HOME/.ssh"',
      '~/.ssh by glob': 'for f in "$HOME"/.ssh/*; do test -e "$f" || exit 1; done',
      home: 'ls "$HOME"',
      'a directory with none': 'ls "$HOME/docs/private"',
      'the name of a file in it': 'test -e "$HOME/docs/private/file"',
      find: 'find "$HOME/docs/private" -name file | grep file',
    },
    works: {
      'a readable directory': 'ls "$HOME/docs" && test -e "$HOME/docs/file"',
      'the project': 'ls',
    },
  }),
)

conformsInKernel('R3', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('docs/a/b/token', `${SECRET}\n`)
      world.put('docs/a/b/file', 'x\n')
    },
    flags: (world) => ['--read', `${world.home}/docs`, '--none', `${world.home}/docs/a/b/token`],
    refused: {
      'the file': 'cat "$HOME/docs/a/b/token"',
      'the file by recursion': `grep -r ${SECRET} "$HOME/docs"`,
    },
    works: {
      'its neighbour': 'cat "$HOME/docs/a/b/file"',
      'listing its directory': 'ls "$HOME/docs/a/b"',
    },
  }),
)

conformsInKernel('R4', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('docs/public/file', 'x\n')
      world.put('docs/private', `${SECRET}\n`)
      world.put('other', `${SECRET}\n`)
      world.put('closed/open/file', 'x\n')
      world.put('closed/file', `${SECRET}\n`)
    },
    flags: (world) => [
      '--read',
      `${world.home}/docs/public`,
      '--none',
      `${world.home}/closed`,
      '--read',
      `${world.home}/closed/open`,
    ],
    refused: {
      'a sibling': 'cat "$HOME/docs/private"',
      'a name beside it in home': 'cat "$HOME/other"',
      'the listing of the parent': 'ls "$HOME/docs"',
      'a sibling below none': 'cat "$HOME/closed/file"',
      'a write': 'echo x > "$HOME/docs/public/file"',
    },
    works: {
      'the directory in a hidden home': 'ls "$HOME/docs/public" && cat "$HOME/docs/public/file"',
      'the directory below none': 'cat "$HOME/closed/open/file"',
      'entering it': 'cd "$HOME/docs/public" && cat file',
    },
  }),
)

conformsInKernel('R5', async (user) => {
  await trial(user, {
    setup: (world) => {
      world.put('dotfiles/aws/credentials', `${SECRET}\n`)
      world.put('dotfiles/other', 'x\n')
      symlink(world, 'dotfiles/aws', '.aws')
      symlink(world, 'dotfiles/aws', 'also')
    },
    flags: (world) => ['--read', `${world.home}/dotfiles`],
    refused: {
      'by the hidden name': 'cat "$HOME/.aws/credentials"',
      'by its target': 'cat "$HOME/dotfiles/aws/credentials"',
      'by another link': 'cat "$HOME/also/credentials"',
      'by a link of its own':
        'ln -s "$HOME/dotfiles/aws" l; cat l/credentials; s=$?; rm -f l; exit $s',
    },
    works: { 'a neighbour of the target': 'cat "$HOME/dotfiles/other"' },
  })
  if (isMac) return
  // Linux cannot pin a link in a directory that the agent writes: a hidden name that is one refuses
  // the start, and names the way out.
  const world = newWorld(user)
  try {
    world.put('secrets/env', `${SECRET}\n`)
    symlink(world, '../../secrets/env', 'work/project/.env')
    const { code, stdout, stderr } = await launcher(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      'cat .env',
    ])
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/is a link .* could be replaced[\s\S]*--lift/)
  } finally {
    world.remove()
  }
})

conformsInKernel('R6', async (user) => {
  const world = newWorld(user)
  try {
    const file = world.put('outside/file', `${SECRET}\n`)
    const run = await hold(world, [], 'echo ready; read word')
    const pids = [process.pid, run.child.pid!]
    await trial(user, {
      setup: (inner) => inner.put('work/project/mine', 'mine\n'),
      refused: {
        ...Object.fromEntries(
          [
            '/proc/self/root',
            '/proc/$$/root',
            '/proc/self/root/..',
            '/proc/$$/task/$$/root',
            '/proc/self/cwd/../../..',
          ].map((way) => [
            way,
            `cat ${way.replace('/cwd/../../..', '/cwd/../../../../../..')}${file}`,
          ]),
        ),
        ...Object.fromEntries(
          pids.map((pid, at) => [
            `environ of ${at === 0 ? 'the tests' : 'another run'}`,
            user.uid === undefined || at === 1
              ? `cat /proc/${pid}/environ`
              : `test -d /proc/${pid}`,
          ]),
        ),
      },
      refusedAnyway: {
        '/proc/1/root': `cat /proc/1/root${file}`,
        'mem of the first process': python(
          'f = open("/proc/1/mem", "rb"); f.seek(4096); f.read(1)',
        ),
        'maps of every process but its own show no launcher':
          'cat /proc/[0-9]*/maps 2> /dev/null | grep launcher-installed',
        'writing below its own root': 'echo x > /proc/self/root/new',
        'the kernel’s memory': 'head -c 1 /proc/kcore',
        'descriptors of the first process': `for f in /proc/1/fd/*; do cat "$f/outside/file" && exit 0; done; exit 1`,
      },
      works: {
        'its own root leads where / leads': 'cat /proc/self/root"$PWD"/mine',
        'its own environment': 'grep -a HOME /proc/self/environ',
        'its own memory': python(
          'import ctypes; b = ctypes.create_string_buffer(b"here"); f = open("/proc/self/mem", "rb"); f.seek(ctypes.addressof(b)); assert f.read(4) == b"here"',
        ),
      },
    })
    run.letGo()
    expect((await run.finished).code).toBe(0)
    expect(fs.existsSync(`/proc/${process.pid}/environ`)).toBe(true)
    expect((await inside(world, 'ls -d /proc/[0-9]* | wc -l')).stdout.trim()).toMatch(/^[1-9]$/)
  } finally {
    world.remove()
  }
})

/**
 * Opened for writing and nothing more: what can be opened can be set, and a helper named by
 * core_pattern runs as root on the host.
 */
conformsInKernel(
  'R6',
  (user) => {
    const settings: Attempts = Object.fromEntries(
      ['sys/kernel/core_pattern', 'sys/vm/overcommit_memory', 'sys/kernel/poweroff_cmd'].map(
        (name) => [name, `: >> /proc/${name}`],
      ),
    )
    return trial(user, {
      ...(user.label === 'root' ? { refused: settings } : { refusedAnyway: settings }),
      works: { 'reading a setting': 'cat /proc/sys/vm/overcommit_memory' },
    })
  },
  { part: 'settings of the kernel' },
)
