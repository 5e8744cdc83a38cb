import { type ChildProcess, spawn } from 'node:child_process'
import net from 'node:net'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** Loopback ports of a sandbox that has a network namespace of its own. */
export interface SandboxPorts {
  /** util-linux's nsenter. */
  readonly nsenter: AbsolutePath
  /**
   * Answered from outside: each becomes a listening socket on the sandbox's loopback whose
   * connections are accepted here.
   */
  readonly out: readonly number[]
  /** The agent's own, reached from outside through {@link Listeners.dial}. */
  readonly inward: readonly number[]
}

export interface Listeners {
  /** Resolves when the namespace has been entered: from then on the sandbox may be sealed. */
  readonly joined: Promise<void>
  /**
   * The listening sockets by port (127.0.0.1, and ::1 where there is IPv6), served by this process;
   * their other side is the sandbox's loopback.
   */
  readonly ready: Promise<ReadonlyMap<number, readonly net.Server[]>>
  /**
   * Connects a socket of the host's to the agent's own port; refused while nobody listens there.
   */
  dial(port: number, socket: net.Socket): void
  /** Ends what is left of it: the helper, and the listening sockets whether served or not. */
  close(): void
}

const TIMEOUT = 20_000
const BACKLOG = 1_024

/**
 * Runs inside the sandbox's network namespace and nowhere else of it: makes the listening sockets,
 * hands them out over its channel and, unless the agent's own ports are asked for, ends.
 */
const INSIDE = `
const net = require('net')
const { out, inward, backlog } = JSON.parse(process.argv[1])
const listen = (port, host) => new Promise((resolve, reject) => {
  const server = net.createServer()
  server.once('error', reject)
  server.listen({ port, host, backlog }, () => resolve(server))
})
const hand = (message, handle) => new Promise((resolve, reject) => process.send(message, handle, (error) => (error ? reject(error) : resolve())))
// Closed here once it is out: as long as it is open, this process takes connections, too, and answers none.
const give = async (port, server) => {
  await hand({ port }, server)
  server.close()
}
;(async () => {
  for (const port of out) {
    await give(port, await listen(port, '127.0.0.1'))
    const second = await listen(port, '::1').catch(() => undefined)
    if (second) await give(port, second)
  }
  await hand({ done: true })
  if (inward.length === 0) process.exit(0)
})().catch((error) => { process.stderr.write(String(error.message)); process.exit(1) })
process.on('disconnect', () => process.exit(0))
process.on('message', ({ port }, socket) => {
  if (!socket) return
  if (!inward.includes(port)) return void socket.destroy()
  socket.allowHalfOpen = true
  const agent = net.connect({ port, host: 'localhost', autoSelectFamily: true, allowHalfOpen: true })
  for (const [from, to] of [[socket, agent], [agent, socket]]) {
    from.on('error', () => to.destroy())
    from.pipe(to)
  }
})
`

/**
 * Makes listening sockets in the network namespace of a sandbox that is being built. Whoever made a
 * user namespace holds every capability in it (user_namespaces(7)), so nsenter gets in until
 * bubblewrap seals it with a second one. The agent never sees the process that does this: it is in
 * none of the sandbox's other namespaces.
 */
export const openListeners = (init: number, { nsenter, out, inward }: SandboxPorts): Listeners => {
  const words = [
    '-t',
    String(init),
    '-U',
    '-n',
    '--preserve-credentials',
    '--',
    '/bin/sh',
    '-c',
    'echo joined; exec "$@"',
    'launcher',
  ]
  const child = spawn(
    nsenter,
    [...words, process.execPath, '-e', INSIDE, JSON.stringify({ out, inward, backlog: BACKLOG })],
    {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  const failed = failureOf(child)
  // Whoever awaits `joined` or `ready` hears of it.
  failed.catch(() => undefined)
  const servers = new Map<number, net.Server[]>()
  const joined = new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()))
  return {
    joined: Promise.race([joined, failed]),
    ready: Promise.race([serversOf(child, servers), failed]),
    dial: (port, socket) => {
      if (!child.connected || !child.send({ port }, socket)) socket.destroy()
    },
    close: () => {
      if (child.connected) child.disconnect()
      child.kill('SIGKILL')
      // Whoever was to serve them may never have got them.
      for (const server of [...servers.values()].flat()) server.close()
    },
  }
}

/** Resolves with what was collected in `servers` when the helper has handed over all. */
const serversOf = (
  child: ChildProcess,
  servers: Map<number, net.Server[]>,
): Promise<ReadonlyMap<number, readonly net.Server[]>> =>
  new Promise((resolve) => {
    child.on('message', (message: unknown, handle: unknown) => {
      if (typeof message !== 'object' || message === null) return
      if ('done' in message) resolve(servers)
      if (!('port' in message) || !(handle instanceof net.Server)) return
      const port = Number(message.port)
      servers.set(port, [...(servers.get(port) ?? []), handle])
    })
  })

const failureOf = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    let words = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString('utf8')}`.slice(0, 500)
    })
    const fail = (why: string): void =>
      reject(
        new LauncherError(
          'E_NETWORK',
          `the sandbox's network could not be entered: ${why}${words === '' ? '' : ` (${words.trim()})`}`,
          {
            hint: 'without it the agent would have no network; --network none starts it so',
          },
        ),
      )
    const timer = setTimeout(() => fail(`no answer within ${TIMEOUT / 1000} s`), TIMEOUT)
    timer.unref()
    child.once('error', (error) => fail(error.message))
    // Late: what it handed over before it ended may still lie in the channel.
    child.once('close', (code, by) => {
      clearTimeout(timer)
      fail(`its helper ended with ${by ?? code}`)
    })
  })
