import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { outcomes, scriptOf } from '../conformance/trial.ts'
import { whyNoPython } from '../conformance/python.ts'
import {
  directWays,
  type HostServices,
  openHostServices,
  pingWay,
} from '../fixtures/host-services.ts'
import {
  type Finished,
  inside,
  launcher,
  launcherCommand,
  newWorld,
  ordinary,
  whyNoKernel,
  type World,
} from './harness.ts'
import { where } from './where.ts'

const kernel =
  whyNoKernel() ??
  (process.platform === 'darwin' ? 'the network namespace exists on Linux only' : undefined)
const reason = kernel ?? whyNoPython()

describe.each(ordinary())('the network of a run, as $label', (user) => {
  let world: World
  let services: HostServices
  beforeAll(async () => {
    world = newWorld(user)
    services = await openHostServices()
  })
  afterAll(async () => {
    world.remove()
    await services.close()
  })

  const byName = (port: number): string => `granted.example.test:${port}`
  const allowlist = (...more: string[]): string[] => [
    '--network',
    'allowlist',
    '--allow-host',
    byName(services.four),
    '--map-host',
    'granted.example.test=127.0.0.1,other.example.test=127.0.0.1',
    ...more,
  ]
  const run = (script: string, flags: readonly string[]): Promise<Finished> =>
    inside(world, script, flags)
  const every = (
    attempts: Readonly<Record<string, string>>,
    value: boolean,
  ): Record<string, boolean> =>
    Object.fromEntries(Object.keys(attempts).map((name) => [name, value]))
  /** Which of the direct ways lead somewhere inside. */
  const holding = async (flags: readonly string[]): Promise<Record<string, boolean | undefined>> =>
    outcomes(directWays(services), (await run(scriptOf(directWays(services)), flags)).stdout)
  const profile = (name: string, network: string): string =>
    world.put(`${name}.toml`, `schema = 1\nextends = ["default"]\n[network]\n${network}\n`)

  where(reason)('outside, every one of the ways leads to the host’s services', async () => {
    expect(
      outcomes(directWays(services), await outside(world, scriptOf(directWays(services)))),
    ).toEqual(every(directWays(services), true))
  })

  where(reason).each(['none', 'allowlist', 'any'])(
    'in the mode %s no way around the proxy leads anywhere, and none of them is heard of outside',
    async (mode) => {
      const before = services.reached()
      expect(await holding(mode === 'allowlist' ? allowlist() : ['--network', mode])).toEqual(
        every(directWays(services), false),
      )
      expect(services.reached()).toBe(before)
    },
  )

  where(reason)(
    'in the mode host nothing is isolated, and the contract says so first',
    async () => {
      expect(await holding(['--network', 'host'])).toEqual(every(directWays(services), true))
      const { stderr } = await launcher(world, ['run', '--network', 'host', '--', 'true'])
      expect(stderr.split('\n').slice(0, 2).join(' ')).toMatch(/network/i)
    },
  )

  where(reason)('an echo request reaches nothing', async (context) => {
    if (!services.outer) return context.skip('no interface but loopback')
    const script = pingWay(services.outer.host)
    if (world.outside('/bin/sh', ['-c', script]).status !== 0)
      return context.skip(
        'this user may not send echo requests outside either (net.ipv4.ping_group_range)',
      )
    expect((await run(script, allowlist())).code).not.toBe(0)
  })

  where(reason)(
    'a granted host is reached by name, in the clear and through a tunnel; another one is refused with the rule and the command, and nobody calls it',
    async () => {
      const url = `http://${byName(services.four)}/`
      expect((await run(`curl -sS ${url} && curl -sSp ${url}`, allowlist())).stdout).toBe(
        'hello\nhello\n',
      )
      const before = services.reached()
      const refused = await run(`curl -sS http://other.example.test:${services.four}/`, allowlist())
      expect(refused.stdout.split('\n').slice(0, 2)).toEqual([
        `launcher refused other.example.test:${services.four}: no entry of the allowlist grants other.example.test.`,
        `To allow it: launcher run … --allow-host other.example.test:${services.four} (why: launcher explain host other.example.test)`,
      ])
      const tunnel = await run(`curl -sSp http://other.example.test:${services.four}/`, allowlist())
      expect([tunnel.code, tunnel.stdout]).toEqual([56, ''])
      expect(tunnel.stderr).toContain('403')
      expect(services.reached()).toBe(before)
      expect(tunnel.stderr).toContain('launcher: refused other.example.test: launcher net log')
    },
  )

  where(reason)(
    'the proxy itself leads to no loopback service that the contract does not name, however it is spelt',
    async () => {
      const spellings = [
        '127.0.0.1',
        'localhost',
        'LOCALHOST.',
        '127.1',
        '2130706433',
        '0x7f.1',
        '017700000001',
        '0.0.0.0',
        '[::1]',
        '[::ffff:127.0.0.1]',
        '[::ffff:7f00:1]',
        '[0:0:0:0:0:0:0:1]',
        '①②⑦.⓪.⓪.①',
      ]
      const script = spellings
        .map(
          (host) =>
            `curl -sS --max-time 5 --noproxy nothing -o /dev/null -w '%{http_code}\\n' 'http://${host}:${services.four}/'`,
        )
        .join('\n')
      for (const flags of [allowlist(), ['--network', 'any']]) {
        const before = services.reached()
        expect((await run(script, flags)).stdout.trim().split('\n')).toEqual(
          spellings.map(() => expect.stringMatching(/^(403|400)$/)),
        )
        expect(services.reached()).toBe(before)
      }
    },
  )

  where(reason)(
    'a granted loopback port is open by both addresses; the one beside it is not',
    async () => {
      const second = await openHostServices()
      try {
        const file = profile('local', `mode = "allowlist"\nloopback = [${services.four}]`)
        const at = (host: string, port: number): string =>
          `curl -sS --max-time 5 --noproxy '*' http://${host}:${port}/`
        const { stdout } = await run(
          `${at('127.0.0.1', services.four)}; ${at('localhost', services.four)}; ${at('127.0.0.1', second.four)}`,
          ['--profile', file],
        )
        expect(stdout).toBe('hello\nhello\n')
        expect(second.reached()).toBe(0)
        expect(
          (
            await run(at('127.0.0.1', services.four), [
              '--profile',
              profile('silent', `mode = "none"\nloopback = [${services.four}]`),
            ])
          ).stdout,
        ).toBe('hello\n')
      } finally {
        await second.close()
      }
    },
  )

  where(reason)(
    'a loopback port where nobody listens ends the connection and not the run',
    async () => {
      const file = profile('empty', `mode = "none"\nloopback = [${await freePort()}]`)
      const port = /\d+(?=\])/.exec(fs.readFileSync(file, 'utf8'))![0]
      const { code, stdout } = await run(
        `curl -sS --max-time 5 --noproxy '*' http://127.0.0.1:${port}/; echo "curl $?"`,
        ['--profile', file],
      )
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^curl (52|56)\n$/),
      })
    },
  )

  where(reason)('a granted loopback port on the proxy’s own number moves the proxy', async () => {
    const file = profile('moved', 'mode = "allowlist"\nloopback = [3128]')
    expect((await run('echo "$HTTPS_PROXY"', ['--profile', file])).stdout).toMatch(
      /@127\.0\.0\.1:3129\n$/,
    )
  })

  where(reason)(
    'an agent that listens on the proxy’s port hears from the kernel that it is taken',
    async () => {
      const { code, stderr } = await run(
        '/usr/bin/python3 -c \'import socket; socket.create_server(("127.0.0.1", 3128))\'',
        allowlist(),
      )
      expect(code).toBe(1)
      expect(stderr).toContain('Address already in use')
    },
  )

  where(reason)(
    'a port to listen on that the host has taken ends the start, with the port and the way out',
    async () => {
      const { code, stdout, stderr } = await run(
        'echo started',
        allowlist('--listen', String(services.four)),
      )
      expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
      expect(stderr).toMatch(
        new RegExp(`port ${services.four} of 127\\.0\\.0\\.1 cannot be listened on: EADDRINUSE`),
      )
      expect(stderr).toContain('--listen')
    },
  )

  where(reason)('--exec is refused: nobody would be left to run the proxy', async () => {
    const { code, stderr } = await launcher(world, ['run', '--exec', ...allowlist(), '--', 'true'])
    expect(code).toBe(125)
    expect(stderr).toMatch(/--exec leaves nobody/)
  })

  where(reason)(
    'no descriptor of launcher’s reaches the agent, nor does the helper that opened the ports',
    async () => {
      const { stdout } = await run(
        'for f in /proc/self/fd/*; do n=${f##*/}; [ "$n" -gt 2 ] && [ -e "$f" ] && readlink "$f"; done; cat /proc/[0-9]*/cmdline | tr "\\0" " "',
        allowlist('--listen', String(await freePort())),
      )
      expect(
        stdout.split('\n').filter((line) => line.startsWith('socket:') || line.startsWith('pipe:')),
      ).toEqual([])
      expect(stdout).not.toMatch(/nsenter|net\.connect|process\.send/)
    },
  )
})

/** What a script prints outside, as the same user; this process must go on answering meanwhile. */
const outside = async (world: World, script: string): Promise<string> => {
  const { options } = launcherCommand(world, [])
  const child = spawn('/bin/sh', ['-c', script], {
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  return text
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })
