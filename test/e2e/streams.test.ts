import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { inside, launcherCommand, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ?? (process.platform === 'darwin' ? 'these ways in exist on Linux only' : undefined)

describe.each(ordinary())('standard streams and descriptors, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    world.put('outside/secret', 'SECRET\n', 0o600)
  })
  afterAll(() => world.remove())

  /** Runs launcher from a shell that redirects as `redirections` says. */
  const shell = (
    redirections: string,
    script: string,
  ): { status: number | null; stdout: string; stderr: string } => {
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      script,
    ])
    return spawnSync('bash', ['-c', `exec ${redirections}; exec "$@"`, 'bash', file, ...args], {
      ...options,
      encoding: 'utf8',
    })
  }

  where(reason).each(['<', '0<'])('a directory as standard input is refused', (redirect) => {
    const { status, stderr } = shell(
      `${redirect} ${world.home}`,
      'cat /proc/self/fd/0/outside/secret',
    )
    expect(status).toBe(125)
    expect(stderr).toContain('is a directory')
  })

  where(reason).each([9, 20, 40, 100, 200])('descriptor %i does not reach the agent', (fd) => {
    const { stdout, status } = shell(
      `${fd}< ${world.home}`,
      `ls -l /proc/self/fd; cat /proc/self/fd/${fd}/outside/secret`,
    )
    expect(stdout).not.toContain('SECRET')
    expect(stdout).not.toContain('outside')
    expect(status).toBe(1)
  })

  where(reason)('no descriptor above 2 is open in the agent', () => {
    const { stdout } = shell(
      `20< ${world.home} 77< /etc/passwd`,
      'for f in /proc/self/fd/*; do n=${f##*/}; [ "$n" -gt 2 ] && [ -e "$f" ] && readlink "$f"; done; true',
    )
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('/proc/'))).toEqual(
      [],
    )
  })

  where(reason)('a file as standard input is read, and cannot be opened again for writing', () => {
    const file = world.put('outside/prompt', 'hello\n')
    const { stdout } = shell(`< ${file}`, 'cat; echo x > /proc/self/fd/0')
    expect(stdout).toBe('hello\n')
    expect(fs.readFileSync(file, 'utf8')).toBe('hello\n')
  })

  where(reason)('standard input arrives whole, also when it is large', async () => {
    const input = 'x'.repeat(3_000_000)
    const { stdout } = await inside(world, 'wc -c', [], { input })
    expect(stdout.trim()).toBe('3000000')
  })

  where(reason)('closed standard streams do not break the start', () => {
    expect(shell('<&-', 'echo fine').stdout).toBe('fine\n')
  })

  where(reason)('arguments and variables arrive byte for byte', async () => {
    const words = ['a b', '', '"', "'", '$HOME', '\\', 'é\n', '--', '-x']
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--env',
      'ODD=a "b"\n$c',
      '--',
      '/bin/sh',
      '-c',
      'printf "%s|" "$@" "$ODD"',
      'sh',
      ...words,
    ])
    const done = spawnSync(file, args, { ...options, encoding: 'utf8' })
    expect(done.stdout).toBe(`${[...words, 'a "b"\n$c'].join('|')}|`)
  })

  where(reason)('files as standard streams can be opened by name, as pipes', () => {
    const [prompt, out, err] = [
      world.put('outside/prompt', 'hello\n'),
      world.put('outside/out', ''),
      world.put('outside/err', ''),
    ]
    const { status } = shell(
      `< ${prompt} > ${out} 2> ${err}`,
      'cat; echo named > /dev/stdout; echo aside | tee /dev/stderr; exit 3',
    )
    expect(status).toBe(3)
    expect([fs.readFileSync(out, 'utf8'), fs.readFileSync(err, 'utf8')]).toEqual([
      'hello\nnamed\naside\n',
      'aside\n',
    ])
  })

  where(reason)(
    '10 MB into a file arrive whole, and an agent that reads nothing is not waited for',
    () => {
      const [big, out] = [
        world.put('outside/big', 'x'.repeat(3_000_000)),
        world.put('outside/out', ''),
      ]
      expect(shell(`< ${big} > ${out}`, 'head -c 10000000 /dev/zero').status).toBe(0)
      expect(fs.statSync(out).size).toBe(10_000_000)
    },
  )

  where(reason)('a program left behind that holds the output does not hold launcher', () => {
    const out = world.put('outside/out', '')
    expect(shell(`> ${out}`, 'sleep 100 & echo end').status).toBe(0)
    expect(fs.readFileSync(out, 'utf8')).toBe('end\n')
  })
})
