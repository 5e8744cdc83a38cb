import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import net from 'node:net'
import { afterEach, describe, expect } from 'vitest'
import { type Listeners, openListeners } from '../../src/launch/listeners.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { until, whyNoKernel } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const NSENTER = '/usr/bin/nsenter' as AbsolutePath
const reason =
  whyNoKernel() ??
  (process.platform === 'darwin' ? 'network namespaces exist on Linux only' : undefined) ??
  (spawnSync(NSENTER, ['--version']).status === 0 ? undefined : `no ${NSENTER}`)
const PYTHON = '/usr/bin/python3'
const TRY = (port: number): string =>
  `import socket\ntry: print(socket.create_connection(("127.0.0.1", ${port}), 5).recv(9).decode())\nexcept OSError as error: print(error.errno)`

/** A namespace of its own, held by a shell that runs the Python lines it is sent. */
interface Sandbox {
  readonly init: number
  run(text: string): Promise<string>
}

const children: ChildProcess[] = []
const opened: Listeners[] = []
afterEach(() => {
  for (const one of opened.splice(0)) one.close()
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const sandbox = async (): Promise<Sandbox> => {
  const child = spawn(
    'bwrap',
    [
      '--unshare-user',
      '--unshare-net',
      '--unshare-pid',
      '--die-with-parent',
      '--ro-bind',
      '/',
      '/',
      '--proc',
      '/proc',
      '--info-fd',
      '3',
      '--',
      '/bin/sh',
      '-c',
      `while read -r line; do ${PYTHON} -c "$(echo "$line" | base64 -d)"; echo end; done`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] },
  )
  children.push(child)
  let [info, text] = ['', '']
  child.stdio[3]!.on('data', (chunk) => (info += String(chunk)))
  child.stdout!.on('data', (chunk) => (text += String(chunk)))
  await until('the sandbox is there', () => /"child-pid": \d+/.test(info))
  return {
    init: Number(/"child-pid": (\d+)/.exec(info)![1]),
    run: async (lines) => {
      text = ''
      child.stdin!.write(`${Buffer.from(lines).toString('base64')}\n`)
      await until('the answer', () => text.endsWith('end\n'))
      return text.slice(0, -'\nend\n'.length)
    },
  }
}

const open = async (
  inward: readonly number[] = [],
): Promise<{ inside: Sandbox; listeners: Listeners; servers: readonly net.Server[] }> => {
  const inside = await sandbox()
  const listeners = openListeners(inside.init, { nsenter: NSENTER, out: [3128], inward })
  opened.push(listeners)
  await listeners.joined
  return { inside, listeners, servers: (await listeners.ready).get(3128)! }
}

describe('listeners in a network namespace of its own', () => {
  where(reason).each([
    ['the helper has ended', 0],
    ['the helper stays for a port of the agent’s', 1],
  ])(
    'are answered from outside, every time, when %s; closed, they cut the inside off',
    async (_, count) => {
      const { inside, servers } = await open(Array.from({ length: count }, () => 8765))
      for (const server of servers)
        server.on('connection', (socket) => void socket.on('error', () => undefined).end('outside'))
      // Often: with a second process on the same listener some connections went to nobody.
      for (let round = 0; round < 20; round++) expect(await inside.run(TRY(3128))).toBe('outside')
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
      expect(await inside.run(TRY(3128))).toBe('111')
    },
  )

  where(reason)(
    'lead to a port of the agent’s, half-closed connections and what was sent at once included',
    async () => {
      const { inside, listeners } = await open([8765])
      const host = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
        listeners.dial(8765, socket),
      )
      await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
      const bound = host.address()
      const port = typeof bound === 'object' && bound ? bound.port : 0
      const served = inside.run(
        'import socket\nc, _ = socket.create_server(("127.0.0.1", 8765)).accept()\nc.sendall(b"got %d" % len(c.makefile("rb").read()))',
      )
      const say = (): Promise<string> =>
        new Promise((resolve) => {
          let heard = ''
          const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
          socket
            .on('error', () => resolve(''))
            .on('data', (chunk) => (heard += String(chunk)))
            .once('end', () => resolve(heard))
          socket.end(Buffer.alloc(1_000_000, 'x'))
        })
      // Until the agent listens, nobody answers.
      let heard = ''
      while (heard === '') heard = await say()
      expect(heard).toBe('got 1000000')
      await served
      host.close()
    },
  )

  where(reason)('that cannot be made say why', async () => {
    const inside = await sandbox()
    const listeners = openListeners(inside.init, {
      nsenter: '/nowhere/nsenter' as AbsolutePath,
      out: [1],
      inward: [],
    })
    opened.push(listeners)
    await expect(listeners.joined).rejects.toThrow(
      /the sandbox's network could not be entered: .*ENOENT/,
    )
    await expect(listeners.ready).rejects.toThrow('could not be entered')
  })
})
