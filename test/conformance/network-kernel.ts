import dgram from 'node:dgram'
import fs from 'node:fs'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { inside, newWorld, until, type User } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { hold } from './held.ts'
import { PYTHON, whyNoPython } from './python.ts'
import { type Attempts, outcomes, scriptOf } from './trial.ts'

const reason = whyNoPython()
const PING = ['/bin/ping', '/usr/bin/ping', '/sbin/ping'].find((file) => fs.existsSync(file))
const HOST = ['--network', 'host']

/** Services of the host on loopback that say hello over TCP and count what comes over UDP. */
interface Services {
  readonly four: number
  readonly six: number | undefined
  readonly udp: number
  datagrams(): number
  close(): void
}

const listenOn = (host: string): Promise<net.Server | undefined> =>
  new Promise((resolve) => {
    const server = net.createServer(
      (socket) => void socket.on('error', () => undefined).end('HTTP/1.0 200 OK\r\n\r\nhello\n'),
    )
    server.once('error', () => resolve(undefined)).listen(0, host, () => resolve(server))
  })

const serve = async (): Promise<Services> => {
  const [four, six] = [await listenOn('127.0.0.1'), await listenOn('::1')]
  const udp = dgram.createSocket('udp4')
  let count = 0
  udp.on('message', () => (count += 1))
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  const portOf = (server: net.Server): number => (server.address() as AddressInfo).port
  return {
    four: portOf(four!),
    six: six && portOf(six),
    udp: udp.address().port,
    datagrams: () => count,
    close: () => {
      four?.close()
      six?.close()
      udp.close()
    },
  }
}

const withServices =
  (
    body: (
      services: Services,
      run: (
        attempts: Attempts,
        flags?: readonly string[],
      ) => Promise<Record<string, boolean | undefined>>,
    ) => Promise<void>,
  ) =>
  async (user: User) => {
    const [world, services] = [newWorld(user), await serve()]
    try {
      await body(services, async (attempts, flags = []) =>
        outcomes(attempts, (await inside(world, scriptOf(attempts), flags)).stdout),
      )
    } finally {
      services.close()
      world.remove()
    }
  }

const every = (attempts: Attempts, value: boolean): Record<string, boolean> =>
  Object.fromEntries(Object.keys(attempts).map((name) => [name, value]))

const tcp = (host: string, port: number): string =>
  `${PYTHON} -c 'import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5); assert b"hello" in s.makefile("rb").read()' ${host} ${port}`

conformsInKernel(
  'N1',
  withServices(async ({ four }, run) => {
    const attempts = {
      'a service of the host': tcp('127.0.0.1', four),
      'an address of the internet': `${PYTHON} -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("192.0.2.1", 9))'`,
    }
    expect(await run(attempts, ['--network', 'none'])).toEqual(every(attempts, false))
    expect(await run(attempts)).toEqual(every(attempts, false))
    expect(await run({ service: attempts['a service of the host'] }, HOST)).toEqual({
      service: true,
    })
    const interfaces = {
      'no interface but loopback': `${PYTHON} -c 'import socket; assert {name for _, name in socket.if_nameindex()} <= {"lo", "lo0", "sit0", "tunl0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6gre0"}'`,
    }
    if (process.platform !== 'darwin')
      expect(await run(interfaces)).toEqual(every(interfaces, true))
  }),
  { reason },
)

conformsInKernel(
  'N2',
  withServices(async ({ four }, run) => {
    const attempts = {
      'curl --noproxy': `curl -sS --max-time 5 --noproxy "*" http://127.0.0.1:${four}/ | grep hello`,
      'curl without proxy variables': `env -u http_proxy -u HTTP_PROXY -u ALL_PROXY curl -sS --max-time 5 http://127.0.0.1:${four}/ | grep hello`,
      'raw connect': tcp('127.0.0.1', four),
      'bash /dev/tcp': `bash -c 'exec 3<> /dev/tcp/127.0.0.1/${four} && grep hello <&3'`,
    }
    expect(await run(attempts)).toEqual(every(attempts, false))
    expect(await run(attempts, HOST)).toEqual(every(attempts, true))
  }),
  { reason },
)

conformsInKernel(
  'N3',
  withServices(async ({ udp, datagrams }, run) => {
    const send = `${PYTHON} -c 'import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"x", ("127.0.0.1", int(sys.argv[1])))' ${udp}`
    const attempts = {
      'UDP to the internet, port 53': `${PYTHON} -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"x", ("192.0.2.1", 53))'`,
      'TCP to port 53': `${PYTHON} -c 'import socket; socket.create_connection(("192.0.2.1", 53), 2)'`,
      // Without the program the attempt would fail for no reason that matters.
      ...(PING === undefined ? {} : { 'ping of an address': `${PING} -c 1 192.0.2.1` }),
      'a name': `${PYTHON} -c 'import socket; socket.getaddrinfo("name-that-is-looked-up.example", 80)'`,
      'the system’s own look-up': 'getent hosts name-that-is-looked-up.example',
    }
    expect(await run(attempts)).toEqual(every(attempts, false))
    // Loopback of the sandbox is its own: a datagram may leave the program, and reaches nobody.
    await run({ send })
    expect(datagrams()).toBe(0)
    expect(await run({ send }, HOST)).toEqual({ send: true })
    expect(datagrams()).toBe(1)
    expect(
      await run({
        'localhost is known': `${PYTHON} -c 'import socket; socket.getaddrinfo("localhost", 80)'`,
      }),
    ).toEqual({ 'localhost is known': true })
  }),
  { reason },
)

conformsInKernel(
  'N4',
  withServices(async ({ four, six }, run) => {
    const attempts: Attempts = {
      '127.0.0.1': tcp('127.0.0.1', four),
      localhost: tcp('localhost', four),
      'another address of loopback': tcp('127.0.0.2', four),
      '0.0.0.0': tcp('0.0.0.0', four),
      'IPv4 in IPv6': tcp('::ffff:127.0.0.1', four),
      ...(six === undefined ? {} : { '::1': tcp('::1', six) }),
    }
    expect(await run(attempts)).toEqual(every(attempts, false))
    const allowed = {
      '127.0.0.1': tcp('127.0.0.1', four),
      ...(six === undefined ? {} : { '::1': tcp('::1', six) }),
    }
    expect(await run(allowed, HOST)).toEqual(every(allowed, true))
    const own = `${PYTHON} -c 'import socket, threading; s = socket.create_server(("127.0.0.1", 0)); threading.Thread(target=lambda: s.accept()[0].send(b"own")).start(); print(socket.create_connection(s.getsockname()).recv(3).decode())'`
    if (process.platform !== 'darwin')
      expect(await run({ 'its own loopback': own })).toEqual({ 'its own loopback': true })
  }),
  { reason },
)

/**
 * A run whose proxy knows one host of the loopback services by name, and another one that is not
 * granted.
 */
const byProxy = (port: number, ...more: string[]): string[] => [
  '--network',
  'allowlist',
  '--allow-host',
  `granted.example.test:${port}`,
  '--map-host',
  'granted.example.test=127.0.0.1,other.example.test=127.0.0.1',
  ...more,
]
const fetched = (host: string, port: number, ...words: string[]): string =>
  `test "$(curl -sS --max-time 5 ${words.join(' ')} http://${host}.example.test:${port}/)" = hello`
const isLinux =
  process.platform === 'darwin' ? 'a port of the sandbox’s own exists on Linux only' : undefined

conformsInKernel(
  'N5',
  withServices(async ({ four }, run) => {
    const served =
      'import socket, threading; s = socket.create_server(("127.0.0.1", 8765)); threading.Thread(target=lambda: s.accept()[0].send(b"own")).start(); assert socket.create_connection(("127.0.0.1", 8765)).recv(3) == b"own"'
    const attempts = {
      'bind and be reached from inside': `${PYTHON} -c '${served}'`,
      'egress past the proxy': tcp('127.0.0.1', four),
      'another host': fetched('other', four),
      'the granted host': fetched('granted', four),
    }
    expect(await run(attempts, byProxy(four, '--listen', '8765'))).toEqual({
      ...every(attempts, true),
      'egress past the proxy': false,
      'another host': false,
    })
  }),
  { reason: reason ?? isLinux },
)

conformsInKernel(
  'N9',
  withServices(async ({ four }, run) => {
    const forged = [
      'http://127.0.0.1:3128',
      'http://launcher:wrong@127.0.0.1:3128',
      'http://launcher:@127.0.0.1:3128',
      'socks5h://launcher:wrong@127.0.0.1:3128',
      'socks4a://wrong@127.0.0.1:3128',
    ]
    const attempts = Object.fromEntries(
      forged.map((proxy) => [proxy, fetched('granted', four, '-x', proxy)]),
    )
    expect(
      await run(
        { ...attempts, twin: fetched('granted', four, '-x', '"$HTTPS_PROXY"') },
        byProxy(four),
      ),
    ).toEqual({ ...every(attempts, false), twin: true })
  }),
  { reason: reason ?? isLinux },
)

conformsInKernel(
  'N10',
  withServices(async ({ four }, run) => {
    const relay =
      'import socket, threading\ndef copy(a, b):\n while True:\n  d = a.recv(65536)\n  if not d: break\n  b.sendall(d)\n b.shutdown(1)\ns = socket.create_server(("127.0.0.1", 9999))\nwhile True:\n c, _ = s.accept(); p = socket.create_connection(("127.0.0.1", 3128))\n for w in ((c, p), (p, c)): threading.Thread(target=copy, args=w, daemon=True).start()'
    const through =
      '-x "$(echo "$HTTPS_PROXY" | sed s/3128/9999/)" --retry 20 --retry-connrefused --retry-delay 1 -p'
    const attempts = {
      'the granted host': `${PYTHON} -c '${relay}' & ${fetched('granted', four, through)}; end=$?; kill $!; exit $end`,
      'another one': `${PYTHON} -c '${relay}' & ${fetched('other', four, through)}; end=$?; kill $!; exit $end`,
    }
    expect(await run(attempts, byProxy(four))).toEqual({
      'the granted host': true,
      'another one': false,
    })
  }),
  { reason: reason ?? isLinux },
)

conformsInKernel(
  'N11',
  async (user) => {
    const [world, services] = [newWorld(user), await serve()]
    try {
      const held = await hold(
        world,
        byProxy(services.four),
        `echo ready; while [ ! -e go ]; do sleep 0.02; done; (${fetched('granted', services.four)} || ${tcp('127.0.0.1', services.four)}) && echo out > result || echo cut off > result; sleep 60`,
      )
      held.child.kill('SIGSTOP')
      world.put('work/project/go', '')
      await until(
        'the agent has tried',
        () => world.exists('work/project/result') && world.read('work/project/result') !== '',
      )
      expect(world.read('work/project/result')).toBe('cut off\n')
      held.child.kill('SIGKILL')
      await held.finished
    } finally {
      services.close()
      world.remove()
    }
  },
  { reason: reason ?? isLinux },
)

conformsInKernel(
  'N12',
  withServices(async ({ four }, run) => {
    const listening = (addresses: string): string =>
      `awk 'NR > 1 && $4 == "0A" { print $2 }' /proc/net/tcp /proc/net/tcp6 | sort | tr '\\n' ' ' | grep -qx '${addresses}'`
    const port = (3128).toString(16).toUpperCase().padStart(4, '0')
    expect(
      await run(
        {
          'both addresses of loopback and nothing else': listening(
            `\\(00000000000000000000000001000000:${port} \\)\\?0100007F:${port} `,
          ),
        },
        byProxy(four),
      ),
    ).toEqual({ 'both addresses of loopback and nothing else': true })
  }),
  { reason: reason ?? isLinux },
)

conformsInKernel(
  'N14',
  withServices(async ({ four }, run) => {
    const clients = (host: string): Attempts => ({
      curl: fetched(host, four),
      'curl by CONNECT': fetched(host, four, '-p'),
      Python: `${PYTHON} -c 'import sys, urllib.request as r; assert r.urlopen(sys.argv[1]).read() == b"hello\\n"' http://${host}.example.test:${four}/`,
    })
    expect(await run(clients('granted'), byProxy(four))).toEqual(every(clients('granted'), true))
    expect(await run(clients('other'), byProxy(four))).toEqual(every(clients('other'), false))
  }),
  { reason },
)

conformsInKernel(
  'N15',
  withServices(async ({ four }, run) => {
    const attempts = {
      'only loopback is up': `${PYTHON} -c 'import fcntl, socket, struct; s = socket.socket(); up = [n for _, n in socket.if_nameindex() if struct.unpack("16sh", fcntl.ioctl(s, 0x8913, struct.pack("16sh14x", n.encode(), 0))[:18])[1] & 1]; assert up == ["lo"], up'`,
      'there is no route': 'test "$(wc -l < /proc/net/route)" -le 1',
    }
    expect(await run(attempts, byProxy(four))).toEqual(every(attempts, true))
  }),
  { reason },
)

conformsInKernel(
  'N16',
  withServices(async ({ four }, run) => {
    const bare = 'env -i PATH="$PATH" '
    const attempts = {
      'the granted host by its name': `${bare}curl -sS --max-time 5 http://granted.example.test:${four}/`,
      'its address': `${bare}curl -sS --max-time 5 http://127.0.0.1:${four}/`,
      'another one': `${bare}curl -sS --max-time 5 http://192.0.2.1/`,
    }
    expect(await run(attempts, byProxy(four))).toEqual(every(attempts, false))
  }),
  { reason },
)
