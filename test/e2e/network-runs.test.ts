import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { hold } from '../conformance/held.ts'
import { whyNoPython } from '../conformance/python.ts'
import { type HostServices, openHostServices } from '../fixtures/host-services.ts'
import { launcher, newWorld, until, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ??
  whyNoPython() ??
  (process.platform === 'darwin' ? 'the network namespace exists on Linux only' : undefined)

describe.each(ordinary())('a run and its proxy, as $label', (user) => {
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
  const flags = (...more: string[]): string[] => [
    '--network',
    'allowlist',
    '--allow-host',
    `granted.example.test:${services.four}`,
    '--map-host',
    'granted.example.test=127.0.0.1',
    ...more,
  ]
  const url = (): string => `http://granted.example.test:${services.four}/`
  const direct = (): string => `http://127.0.0.1:${services.four}/`
  const inProject = (name: string): string => path.join(world.project, name)

  where(reason)('ends with launcher: killed without a word, it leaves nobody inside', async () => {
    const { child, finished, output } = await hold(
      world,
      flags(),
      `echo ready; while :; do curl -sS --max-time 2 ${url()}; curl -sS --max-time 2 --noproxy '*' ${direct()}; sleep 0.05; done`,
    )
    await until('the agent reached its host', () => output().includes('hello'))
    child.kill('SIGKILL')
    await finished
    await until('nobody is left', () => sandboxesOf(world.project).length === 0)
  })

  where(reason)(
    'reaches a service at ::1 by each name of this machine, once the flag that the refusal advises is given',
    async () => {
      const { six } = services
      if (six === undefined) return
      const curl = `curl -sS --max-time 5 'http://[::1]:${six}/'; curl -sS --max-time 5 http://localhost:${six}/`
      const run = (...more: string[]) =>
        launcher(world, ['run', '--quiet', ...flags(...more), '--', 'sh', '-c', curl])
      const refused = await run()
      const advised = /--allow-host '([^']+)'/.exec(refused.stdout)?.[1] ?? ''
      expect([refused.stdout.includes('hello'), advised]).toEqual([false, `[::1]:${six}`])
      for (const flag of [advised, `localhost:${six}`, `127.0.0.1:${six}`])
        expect((await run('--allow-host', flag)).stdout).toBe('hello\nhello\n')
    },
  )

  where(reason)('has no network while its proxy does not answer', async () => {
    const script = `echo ready; while [ ! -e go ]; do sleep 0.05; done; curl -sS --max-time 2 ${url()} > by-proxy; curl -sS --max-time 2 --noproxy '*' ${direct()} > past-it; touch done; sleep 60`
    const { child } = await hold(world, flags(), script)
    const before = services.reached()
    child.kill('SIGSTOP')
    try {
      world.put('work/project/go', '')
      await until('the agent has tried', () => fs.existsSync(inProject('done')))
      expect([
        fs.readFileSync(inProject('by-proxy'), 'utf8'),
        fs.readFileSync(inProject('past-it'), 'utf8'),
      ]).toEqual(['', ''])
      expect(services.reached()).toBe(before)
    } finally {
      child.kill('SIGKILL')
    }
  })

  where(reason)(
    'two at once have a proxy each; the token of one opens nothing at the other’s',
    async () => {
      const script = `echo "ready $HTTPS_PROXY"; read -r other; curl -sS ${url()}; curl -sS -x "$other" -o /dev/null -w "%{http_code}\\n" ${url()}; curl -sSp -x "$other" ${url()} 2>&1 | grep -o 407`
      const [first, second] = [
        await hold(world, flags(), script),
        await hold(world, flags(), script),
      ]
      const proxies = [first, second].map((run) => /ready (\S+)/.exec(run.output())![1]!)
      expect(new Set(proxies).size).toBe(2)
      expect(new Set(proxies.map((proxy) => new URL(proxy).host))).toEqual(
        new Set(['127.0.0.1:3128']),
      )
      first.child.stdin!.end(`${proxies[1]}\n`)
      second.child.stdin!.end(`${proxies[0]}\n`)
      for (const { finished } of [first, second])
        expect((await finished).stdout).toMatch(/^ready \S+\nhello\n407\n407\n$/)
    },
  )

  where(reason)(
    'the token stands in no process’s arguments, and the helper that opened the ports is gone',
    async () => {
      const held = await hold(world, flags(), 'echo "ready $HTTPS_PROXY"; read -r line')
      const token = new URL(/ready (\S+)/.exec(held.output())![1]!).password
      const all = processes()
      expect(token).toMatch(/^[\w-]{32}$/)
      expect(all.filter(({ words }) => words.includes(token))).toEqual([])
      expect(
        all.filter(
          ({ parent, words }) => parent === held.child.pid && /nsenter|process\.send/.test(words),
        ),
      ).toEqual([])
      held.letGo()
      expect((await held.finished).code).toBe(0)
    },
  )

  where(reason)(
    '--listen lets the host reach that port of the agent and no other, by connections that end as they should',
    async () => {
      const [open, shut] = [await freePort(), await freePort()]
      const server = (port: number): string =>
        `import socket, threading\ns = socket.create_server(("127.0.0.1", ${port}))\nprint("ready", flush=True)\nwhile True:\n c, _ = s.accept()\n c.sendall(b"agent " + c.makefile("rb").read())\n c.close()`
      const { child } = await hold(
        world,
        flags('--listen', String(open)),
        `/usr/bin/python3 -c '${server(shut)}' & exec /usr/bin/python3 -c '${server(open)}'`,
      )
      await until('the agent answers', await answers(open))
      expect(await say(open, 'x'.repeat(300_000))).toBe(`agent ${'x'.repeat(300_000)}`)
      await expect(say(shut, 'x')).rejects.toThrow('ECONNREFUSED')
      child.kill('SIGTERM')
      await until(
        'the port is free again',
        () => child.exitCode !== null || child.signalCode !== null,
      )
      await expect(say(open, 'x')).rejects.toThrow('ECONNREFUSED')
    },
  )

  where(reason).each<[string, string[]]>([
    ['without a tracer', []],
    ['under a tracer', ['--trace']],
  ])(
    'whose proxy cannot start ends at once with nothing started and nothing left, other ports being open by then, %s',
    async (_, more) => {
      const file = world.put(
        'services.toml',
        'schema = 1\nextends = ["default"]\n[network]\nmode = "allowlist"\nloopback = [11434, 11435]\n',
      )
      const records = path.join(world.home, '.local/state/launcher/records')
      const before = fs.readdirSync(records)
      const { code, stderr } = await launcher(
        world,
        [
          'run',
          '--quiet',
          ...more,
          '--profile',
          file,
          '--',
          '/bin/sh',
          '-c',
          'touch started; sleep 60',
        ],
        { env: { HTTPS_PROXY: 'socks5://proxy.example.test:1' } },
      )
      expect([code, stderr]).toEqual([
        125,
        expect.stringContaining('HTTPS_PROXY names a proxy that launcher cannot use'),
      ])
      await until('nobody is left', () => sandboxesOf(world.project).length === 0)
      expect(fs.existsSync(inProject('started'))).toBe(false)
      expect(fs.readdirSync(path.join(world.home, '.local/state/launcher/runs'))).toEqual([])
      expect(fs.readdirSync(records)).toEqual(before)
    },
  )

  where(reason)('a profile that is edited meanwhile changes nothing for it', async () => {
    const file = world.put(
      'edited.toml',
      `schema = 1\nextends = ["default"]\n[network]\nmode = "allowlist"\nhosts = ["granted.example.test:${services.four}"]\n`,
    )
    const held = await hold(
      world,
      [
        '--profile',
        file,
        '--map-host',
        'granted.example.test=127.0.0.1,later.example.test=127.0.0.1',
      ],
      `echo ready; read -r line; curl -sS ${url()}; curl -sS -o /dev/null -w "%{http_code}\\n" http://later.example.test:${services.four}/`,
    )
    world.put(
      'edited.toml',
      `schema = 1\nextends = ["default"]\n[network]\nmode = "allowlist"\nhosts = ["later.example.test:${services.four}"]\n`,
    )
    held.letGo()
    expect((await held.finished).stdout).toBe('ready\nhello\n403\n')
  })
})

interface Process {
  readonly pid: number
  readonly parent: number
  readonly words: string
}

const processes = (): Process[] =>
  fs.readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8')
      return [
        {
          pid: Number(name),
          parent: Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]),
          words: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8'),
        },
      ]
    } catch {
      // Ended meanwhile.
      return []
    }
  })

/** Processes that stand in a directory. */
const sandboxesOf = (directory: string): number[] =>
  processes().flatMap(({ pid }) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === directory ? [pid] : []
    } catch {
      return []
    }
  })

/** Sends a text to a port of this machine, ends, and gives what came back. */
const say = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let heard = ''
    socket
      .on('error', reject)
      .on('data', (chunk) => (heard += String(chunk)))
      .once('end', () => resolve(heard))
    socket.end(text)
  })

/** A look that turns true once the port has given an answer. */
const answers = async (port: number): Promise<() => boolean> => {
  let isThere = false
  const look = (): void =>
    void say(port, '').then((heard) => (heard === 'agent ' ? (isThere = true) : look()), look)
  look()
  return () => isThere
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address()
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0))
    })
  })
