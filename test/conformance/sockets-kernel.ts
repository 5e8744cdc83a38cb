import { spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { PYTHON, whyNoPython } from './python.ts'

const isMac = process.platform === 'darwin'

/** Connects and reads a word; an address that begins with `@` is an abstract one. */
const ask = (address: string): string =>
  `${PYTHON} -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); a = sys.argv[1]; s.connect("\\0" + a[1:] if a[0] == "@" else a); print(s.recv(5).decode())' "${address}"`

/** Sockets of this world's services, each of which says hello to whoever comes. */
const serve = async (places: readonly string[], uid: number | undefined): Promise<() => void> => {
  const servers: net.Server[] = []
  for (const place of places) {
    const server = net.createServer(
      (socket) => void socket.on('error', () => undefined).end('hello'),
    )
    servers.push(server)
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(place, resolve),
    )
    fs.chmodSync(place, 0o777)
    if (uid !== undefined) fs.chownSync(place, uid, uid)
  }
  return () => servers.forEach((server) => server.close())
}

/** An abstract address, which belongs to a network namespace and to no directory. */
const serveAbstract = async (address: string): Promise<() => void> => {
  const program =
    'import socket, sys; s = socket.socket(socket.AF_UNIX); s.bind("\\0" + sys.argv[1][1:]); s.listen(); print("ready", flush=True)\nwhile True: s.accept()[0].send(b"hello")'
  const child = spawn(PYTHON, ['-c', program, address], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return () => void child.kill('SIGKILL')
}

/** Where such services listen, relative to a home directory. */
const SERVICES = [
  '.docker/run/docker.sock',
  'run/containerd.sock',
  'run/podman/podman.sock',
  'run/ssh-agent.sock',
  '.gnupg/S.gpg-agent',
  'run/bus',
  'run/X0',
  'work/project/agent.sock',
]

conformsInKernel(
  'P9',
  async (user) => {
    const world = newWorld(user)
    const places = SERVICES.map((name) => path.join(world.home, name))
    for (const place of places) world.put(path.join(path.dirname(place), 'beside'), 'x\n')
    const abstract = isMac ? [] : [`@launcher-conformance-${process.pid}-${user.label.length}`]
    const stops = [
      await serve(places, user.uid),
      ...(await Promise.all(abstract.map(serveAbstract))),
    ]
    try {
      const script = [...places, ...abstract]
        .map((place) => `${ask(place)} 2> /dev/null || echo refused`)
        .join('\n')
      const every = (word: string): string => `${word}\n`.repeat(places.length + abstract.length)
      const env = {
        SSH_AUTH_SOCK: `${world.home}/run/ssh-agent.sock`,
        DOCKER_HOST: 'unix:///x',
        DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x',
        DISPLAY: ':0',
        GPG_AGENT_INFO: 'x',
        WSL_INTEROP: '/run/WSL/1_interop',
      }
      const read = ['--read', `${world.home}/run`]
      expect((await inside(world, script, [], { env })).stdout).toBe(every('refused'))
      // Reading a directory is no right to connect to what listens in it.
      expect((await inside(world, script, read, { env })).stdout).toBe(every('refused'))
      expect(
        (await inside(world, 'cat "$HOME/run/beside"; env', read, { env })).stdout,
      ).not.toMatch(
        /^(SSH_AUTH_SOCK|DOCKER_HOST|DBUS_SESSION_BUS_ADDRESS|DISPLAY|GPG_AGENT_INFO|WSL_INTEROP)=/m,
      )
      const listed = `${world.home}/run/ssh-agent.sock`
      const others = places.filter((place) => place !== listed)
      const granted = await inside(
        world,
        `${ask(listed)}\n${others.map((place) => `${ask(place)} 2> /dev/null || echo refused`).join('\n')}`,
        ['--connect', listed],
        { env },
      )
      expect(granted.stdout).toBe(`hello\n${'refused\n'.repeat(others.length)}`)
      // Sockets of its own work.
      const own = `${PYTHON} -c 'import os, socket; s = socket.socket(socket.AF_UNIX); s.bind("own.sock"); s.listen(); c = socket.socket(socket.AF_UNIX); c.connect("own.sock"); print("own")'`
      expect((await inside(world, own)).stdout).toBe('own\n')
      // The servers live in this process, so that the twin must not block it.
      const twin = await outside(world, script)
      expect(twin).toBe(every('hello'))
    } finally {
      for (const stop of stops) stop()
      world.remove()
    }
  },
  { reason: whyNoPython() },
)

const outside = async (world: World, script: string): Promise<string> => {
  const { uid } = world.user
  const child = spawn('/bin/sh', ['-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  return text
}
