import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { hold } from '../conformance/held.ts'
import {
  launcher,
  launcherCommand,
  newWorld,
  until,
  ordinary,
  whyNoKernel,
  type World,
} from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(ordinary())('run --ask and net approve, as $label', (user) => {
  let world: World
  const host = http.createServer((_, response) => void response.end('hello\n'))
  let port = 0
  beforeAll(async () => {
    world = newWorld(user)
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
    const bound = host.address()
    port = typeof bound === 'object' && bound ? bound.port : 0
  })
  afterAll(() => {
    world.remove()
    host.close()
  })
  const flags = (): string[] => [
    '--network',
    'allowlist',
    '--ask',
    '--map-host',
    'new.example.test=127.0.0.1,other.example.test=127.0.0.1',
  ]
  const state = (): string => path.join(world.home, '.local/state/launcher')
  const get = (name: string): string => `curl -sS http://${name}.example.test:${port}/ | head -1`

  /** A second terminal: what it shows, and typing into it. */
  const approve = (
    ...words: string[]
  ): { heard: () => string; type: (line: string) => void; ended: Promise<number | null> } => {
    const { file, args, options } = launcherCommand(world, ['net', 'approve', ...words])
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
    let text = ''
    child.stdout.on('data', (chunk) => (text += String(chunk)))
    child.stderr.on('data', (chunk) => (text += String(chunk)))
    return {
      heard: () => text,
      type: (line) => void child.stdin.write(`${line}\n`),
      ended: new Promise((resolve) => child.once('close', resolve)),
    }
  }

  where(reason)(
    'a new host is held until it is answered: once for this run, for this project in later ones that ask, and no',
    async () => {
      const script = `echo ready; read -r line; ${get('new')}; ${get('new')}; ${get('other')}`
      const first = await hold(world, flags(), script)
      const terminal = approve()
      await until('the terminal is connected', () => terminal.heard().includes('asks about hosts'))
      first.letGo()
      await until('the first question', () =>
        terminal.heard().includes(`1  new.example.test:${port}`),
      )
      terminal.type('perhaps')
      terminal.type('project 1')
      await until('the second question', () =>
        terminal.heard().includes(`2  other.example.test:${port}`),
      )
      terminal.type('no 2')
      const { stdout } = await first.finished
      expect(stdout).toMatch(
        /^ready\nhello\nhello\nlauncher refused other\.example\.test:\d+: .*and you said no/,
      )
      expect(await terminal.ended).toBe(0)
      expect(terminal.heard()).toContain('perhaps is no answer')
      const later = await launcher(world, [
        'run',
        '--quiet',
        ...flags(),
        '--',
        '/bin/sh',
        '-c',
        get('new'),
      ])
      expect(later.stdout).toBe('hello\n')
      const unasked = await launcher(world, [
        'run',
        '--quiet',
        ...flags().filter((word) => word !== '--ask'),
        '--',
        '/bin/sh',
        '-c',
        get('new'),
      ])
      expect(unasked.stdout).toMatch(/^launcher refused/)
      const log = await launcher(world, ['net', 'log', '--json'])
      expect(log.stdout).toContain('no entry of the allowlist grants new.example.test')
    },
  )

  where(reason)(
    'the agent reaches neither the socket nor what was answered, also with its folder granted, and the run leaves no socket behind',
    async () => {
      const held = await hold(
        world,
        [...flags(), '--read', `${world.home}/.local`],
        `echo ready; read -r line; ls ${state()} 2>&1; find / -name ask -type s 2>/dev/null; cat ${state()}/approved/* 2>&1; echo x > ${state()}/approved/x`,
      )
      const [socket] = fs
        .readdirSync(path.join(state(), 'runs'))
        .map((run) => path.join(state(), 'runs', run, 'ask'))
        .filter((file) => fs.existsSync(file))
      expect(socket).toBeDefined()
      held.letGo()
      const { stdout } = await held.finished
      expect(stdout).toMatch(/Permission denied|not permitted/)
      expect(stdout).not.toMatch(/\/ask\n|:\d+\n$/)
      expect(fs.existsSync(socket!)).toBe(false)
    },
  )

  where(reason)(
    'with no run that asks there is nobody to answer, and where the mode leaves nothing to ask the start is refused',
    async () => {
      expect(await launcher(world, ['net', 'approve'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('no run asks'),
      })
      expect(
        await launcher(world, ['run', '--ask', '--network', 'any', '--', 'true']),
      ).toMatchObject({ code: 125, stderr: expect.stringContaining('the network mode is any') })
    },
  )
})
