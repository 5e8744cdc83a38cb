// The network proxy, measured in one run against direct loopback, a plain Node pipe and a named peer's proxy, each in a
// process of its own: connection set-up, throughput of one large transfer, many tunnels at once and the memory of each.
// Prints ratios; an absolute number is only the machine's. The peer is installed into a temporary folder and left out,
// by name, where it can't be. Usage: node test/bench/proxy.mjs [MEBIBYTES] [ROUNDS]
import { build } from 'esbuild'
import { fork, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const TOKEN = 'bench-token'
const PEER = '@anthropic-ai/sandbox-runtime'
const TUNNELS = 2000
const SETUPS = 200

const listen = (server) =>
  new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
      resolve(server.address().port),
    ),
  )

/** What each process does; gives the port it serves at. */
const roles = {
  // `E` echoes from then on; `G` and a number of mebibytes sends that much.
  host: () =>
    listen(
      net.createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => {})
        socket.once('data', (first) => {
          if (first[0] === 69) return void (socket.write(first), socket.pipe(socket))
          const block = Buffer.alloc(256 * 1024)
          let left = Number(first.toString().slice(1)) * 4
          const push = () => {
            while (left > 0) {
              left -= 1
              if (!socket.write(block)) return
            }
            socket.end()
          }
          socket.on('drain', push)
          push()
        })
      }),
    ),
  pipe: (_, target) =>
    listen(
      net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
        const host = net.connect({
          port: target,
          host: '127.0.0.1',
          noDelay: true,
          allowHalfOpen: true,
        })
        socket.on('error', () => host.destroy())
        host.on('error', () => socket.destroy())
        socket.pipe(host).pipe(socket)
      }),
    ),
  launcher: async (scratch, target) => {
    const { compileHosts, startProxy } = createRequire(import.meta.url)(
      path.join(scratch, 'proxy.cjs'),
    )
    const origin = { strength: 'flag', file: '--allow-host', key: '--allow-host' }
    const rules = compileHosts({
      mode: 'allowlist',
      allow: [{ value: `127.0.0.1:${target}`, origin }],
      deny: [],
    })
    return (await startProxy({ rules, token: TOKEN, log: () => {} })).port
  },
  // As the peer puts its parts together itself, with a filter that allows.
  peer: async (scratch) => {
    const folder = path.join(scratch, 'node_modules', PEER, 'dist/sandbox')
    const part = (name) => import(pathToFileURL(path.join(folder, name)).href)
    const [{ createHttpProxyServer }, { createMuxProxyServer }] = await Promise.all([
      part('http-proxy.js'),
      part('mux-proxy.js'),
    ])
    const mux = createMuxProxyServer({
      httpServer: createHttpProxyServer({ filter: () => true, proxyAuthToken: TOKEN }),
      handleSocksConnection: (socket) => socket.destroy(),
    })
    await mux.listenHttpBackend()
    return listen(mux.server)
  },
}

const serve = async ([role, scratch, target]) => {
  const port = await roles[role](scratch, Number(target))
  process.on('message', () => {
    globalThis.gc()
    globalThis.gc()
    process.send({ rss: process.memoryUsage().rss })
  })
  process.send({ port })
}

const start = async (role, scratch, target = 0) => {
  const child = fork(import.meta.filename, ['serve', role, scratch, String(target)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const answer = () =>
    new Promise((resolve, reject) =>
      child
        .once('message', resolve)
        .once('exit', (code) => reject(new Error(`${role} ended with ${code}`))),
    )
  const { port } = await answer()
  return {
    role,
    port,
    stop: () => child.kill(),
    rss: async () => (child.send('rss'), (await answer()).rss),
  }
}

/** An open way to the host: through CONNECT where the subject speaks it. */
const open = ({ role, port }, target) =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    if (role === 'host' || role === 'pipe')
      return void socket.once('connect', () => resolve(socket))
    const authorization = Buffer.from(`srt:${TOKEN}`).toString('base64')
    socket.write(
      `CONNECT 127.0.0.1:${target} HTTP/1.1\r\nHost: 127.0.0.1:${target}\r\nProxy-Authorization: Basic ${authorization}\r\n\r\n`,
    )
    socket.once('data', (head) =>
      head.toString().startsWith('HTTP/1.1 200')
        ? resolve(socket)
        : reject(new Error(`${role}: ${head}`)),
    )
  })

const echo = (socket) =>
  new Promise((resolve, reject) => {
    socket.once('data', resolve).once('error', reject)
    socket.write('E')
  })

const setUps = async (subject, target) => {
  const times = []
  for (let index = 0; index < SETUPS; index++) {
    const begin = process.hrtime.bigint()
    const socket = await open(subject, target)
    await echo(socket)
    times.push(Number(process.hrtime.bigint() - begin) / 1e3)
    await new Promise((resolve) => socket.once('close', resolve).destroy())
  }
  return times
}

const transfer = async (subject, target, mebibytes) => {
  const socket = await open(subject, target)
  const begin = process.hrtime.bigint()
  let got = 0
  await new Promise((resolve, reject) => {
    socket
      .on('data', (data) => (got += data.length))
      .once('end', resolve)
      .once('error', reject)
    socket.write(`G${mebibytes}`)
  })
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9
  socket.destroy()
  return { speed: mebibytes / seconds, isWhole: got === mebibytes * 1024 * 1024 }
}

const crowd = async (subject, target) => {
  const before = await subject.rss()
  const begin = process.hrtime.bigint()
  const sockets = []
  // A hundred at a time: the peer's inner socket turns a larger burst away.
  while (sockets.length < TUNNELS)
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(subject, target)))))
  await Promise.all(sockets.map(echo))
  const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6
  const rss = await subject.rss()
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())),
  )
  return { milliseconds, kilobytes: (rss - before) / 1024 / TUNNELS }
}

const installPeer = (scratch) => {
  fs.writeFileSync(path.join(scratch, 'package.json'), '{"private":true}')
  const done = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', PEER], {
    cwd: scratch,
    encoding: 'utf8',
    timeout: 120_000,
  })
  if (done.status === 0)
    return JSON.parse(
      fs.readFileSync(path.join(scratch, 'node_modules', PEER, 'package.json'), 'utf8'),
    ).version
  console.log(
    `left out: ${PEER} could not be installed (${(done.stderr ?? '').trim().split('\n')[0]})`,
  )
  return undefined
}

const at = (list, part) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))]

const main = async (mebibytes, rounds) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-bench-'))
  const running = []
  try {
    const src = path.resolve(import.meta.dirname, '../../src/network')
    const entry = `export { compileHosts } from '${src}/hosts/rules.ts'\nexport { startProxy } from '${src}/proxy/proxy.ts'`
    await build({
      stdin: { contents: entry, resolveDir: src },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: path.join(scratch, 'proxy.cjs'),
      logLevel: 'error',
    })
    const version = installPeer(scratch)
    const host = await start('host', scratch)
    running.push(host)
    for (const role of ['pipe', 'launcher', ...(version === undefined ? [] : ['peer'])])
      running.push(await start(role, scratch, host.port))
    const names = {
      host: 'direct loopback',
      pipe: 'plain Node pipe',
      launcher: 'launcher',
      peer: `${PEER} ${version}`,
    }
    const results = new Map(
      running.map(({ role }) => [role, { times: [], speeds: [], crowds: [], cut: 0 }]),
    )
    for (let round = -1; round < rounds; round++) {
      for (const subject of running) {
        const [times, { speed, isWhole }] = [
          await setUps(subject, host.port),
          await transfer(subject, host.port, round < 0 ? 64 : mebibytes),
        ]
        if (!isWhole && subject.role !== 'peer') throw new Error(`${subject.role} lost bytes`)
        if (round < 0) continue
        if (!isWhole) results.get(subject.role).cut += 1
        results.get(subject.role).times.push(...times)
        results.get(subject.role).speeds.push(speed)
      }
    }
    for (const subject of running.slice(1))
      results.get(subject.role).crowds.push(await crowd(subject, host.port))
    const base = results.get('pipe')
    console.log(
      `${rounds} rounds of ${SETUPS} set-ups and ${mebibytes} MiB, then ${TUNNELS} tunnels at once; ratios to the plain Node pipe; aim: at least 0.8 of its throughput, ahead of the peer in each row`,
    )
    for (const { role } of running) {
      const {
        times,
        speeds,
        crowds: [many],
        cut,
      } = results.get(role)
      const ratio = (value, of, digits = 2) => `${(value / of).toFixed(digits)} x`
      const cells = [
        `set-up p50 ${at(times, 0.5).toFixed(0)} us (${ratio(at(times, 0.5), at(base.times, 0.5))}), p99 ${at(times, 0.99).toFixed(0)} us (${ratio(at(times, 0.99), at(base.times, 0.99))})`,
        `${at(speeds, 0.5).toFixed(0)} MiB/s (${ratio(at(speeds, 0.5), at(base.speeds, 0.5))})${cut > 0 ? `, the end of ${cut} of ${rounds} transfers lost` : ''}`,
        many
          ? `${TUNNELS} tunnels in ${many.milliseconds.toFixed(0)} ms (${ratio(many.milliseconds, base.crowds[0].milliseconds)}), ${many.kilobytes.toFixed(1)} kB each (${ratio(many.kilobytes, base.crowds[0].kilobytes)})`
          : '',
      ]
      console.log(`${names[role].padEnd(40)} ${cells.filter((cell) => cell !== '').join('; ')}`)
    }
  } finally {
    for (const subject of running) subject.stop()
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'serve') await serve(process.argv.slice(3))
else await main(Number(process.argv[2] ?? 1024), Number(process.argv[3] ?? 5))
