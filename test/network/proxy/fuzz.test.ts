import fc from 'fast-check'
import fs from 'node:fs'
import net from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readAuthority } from '../../../src/policy/host-authority.ts'
import { canonicalHost } from '../../../src/policy/host-name.ts'
import { compileHosts, type HostRules } from '../../../src/network/hosts/rules.ts'
import {
  auth,
  entries,
  eventually,
  openWorld,
  type StandIn,
  tcpHost,
  TOKEN,
  type World,
} from './stand-ins.ts'

/**
 * How many conversations; 20,000 by LAUNCHER_FUZZ=20000. A seed that failed is repeated with
 * LAUNCHER_FUZZ_SEED.
 */
const RUNS = Number(process.env['LAUNCHER_FUZZ'] ?? 2000)
const SEED = Number(process.env['LAUNCHER_FUZZ_SEED'] ?? Date.now() % 2 ** 31)

let host: StandIn
let world: World
let rules: HostRules
/**
 * Connections that the host got, by the port they came from: each must belong to an allowed line of
 * the log.
 */
let reached = 0

beforeAll(async () => {
  // Answers any request head, so that conversations go on; tunnels get it as well.
  host = await tcpHost((socket) => {
    reached += 1
    socket.on(
      'data',
      () => socket.writable && socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    )
    socket.on('end', () => socket.end())
  })
  const allow = [
    `a.test:${host.port}`,
    `*.wild.test:${host.port}`,
    `**.deep.test:${host.port}`,
    `127.0.0.1:${host.port}`,
  ]
  const deny = [`bad.wild.test`]
  rules = compileHosts({ mode: 'allowlist', allow: entries(allow), deny: entries(deny) })
  world = await openWorld(
    { allow, deny },
    { limits: { headMs: 2000, halfClosedMs: 500, connectMs: 2000 } },
  )
})
afterAll(async () => {
  await Promise.all([world.close(), host.close()])
})

const piece = fc.oneof(
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    ' ',
    ':',
    '\0',
    'GET',
    'CONNECT',
    'http://',
    'HTTP/1.1',
    'Host: ',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 5\r\n',
    'Content-Length: 0\r\n',
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    'Expect: 100-continue\r\n',
    'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    '\x05\x01\x02',
    '\x04\x01',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const name = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a.test',
      'a.test',
      'A.TEST.',
      'y.wild.test',
      'x.wild.test',
      'bad.wild.test',
      'wild.test',
      'x.y.deep.test',
      'evil.test',
      'a.test.evil',
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '10.0.0.1',
      'localhost',
      '169.254.169.254',
      'xn--zz',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'a.test\0.evil.test',
      'evil.test\0a.test',
      'a.test%2e',
      'a.test\n',
      'a.test@evil.test',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[fe80::1%lo]',
      '',
      '.',
      'a..test',
      'x'.repeat(300),
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
)
const port = fc
  .constantFrom(0, 0, 0, 0, 0, 0, 22, 80, 443, 65536)
  .map((value) => () => (value === 0 ? host.port : value))
const lines = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.constantFrom(
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: identity',
        'Content-Length: 5',
        'Content-Length: 0',
        'Content-Length: 5, 5',
        'Connection: close',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Upgrade: h2c',
        'Expect: 100-continue',
        'Host: evil.test',
        'X-Odd: a\0b',
        `X-Long: ${'x'.repeat(65_600)}`,
        ' folded',
        'No-Colon',
        ': empty',
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
)
const token = fc.constantFrom(TOKEN, TOKEN, TOKEN, TOKEN, 'wrong', '')

const body = fc.constantFrom<[string[], string]>(
  [[], ''],
  [[], ''],
  [[], ''],
  [['Content-Length: 5'], 'hello'],
  [['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'],
  [['Transfer-Encoding: chunked'], 'zz\r\n'],
  [['Content-Length: 9'], 'hello'],
  [[], 'hello'],
)

type Make = () => Buffer
const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
const http: fc.Arbitrary<Make> = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'CONNECT', 'CONNECT', 'PUT', 'FETCH'),
    name,
    port,
    lines,
    token,
    fc.constantFrom(true, true, true, false),
    body,
  )
  .map(([method, to, at, more, secret, same, [framing, content]]) => () => {
    const authority = `${to}:${at()}`
    const target = method === 'CONNECT' ? authority : `http://${authority}/`
    return latin(
      `${[
        `${method} ${target} HTTP/1.1`,
        `Host: ${same ? authority : 'evil.test'}`,
        `Proxy-Authorization: ${auth(secret)}`,
        ...framing,
        ...more,
      ].join('\r\n')}\r\n\r\n${content}`,
    )
  })
const short = (text: string): Buffer =>
  Buffer.concat([
    Buffer.of(Math.min(255, Buffer.byteLength(text))),
    Buffer.from(text).subarray(0, 255),
  ])
const word = (value: number): Buffer => Buffer.of((value >> 8) & 255, value & 255)
const socks5: fc.Arbitrary<Make> = fc
  .tuple(name, port, token, fc.constantFrom(1, 1, 1, 2, 3), fc.constantFrom(3, 3, 3, 1, 4, 9))
  .map(
    ([to, at, secret, command, type]) =>
      () =>
        Buffer.concat([
          Buffer.of(5, 1, 2, 1, 1, 0x61),
          short(secret),
          Buffer.of(5, command, 0, type),
          type === 1 ? Buffer.of(127, 0, 0, 1) : type === 4 ? Buffer.alloc(16) : short(to),
          word(at()),
        ]),
  )
const socks4: fc.Arbitrary<Make> = fc.tuple(name, port, token).map(
  ([to, at, secret]) =>
    () =>
      Buffer.concat([
        Buffer.of(4, 1),
        word(at()),
        Buffer.of(0, 0, 0, 1),
        Buffer.from(`${secret}\0${to}\0`),
      ]),
)
const noise: fc.Arbitrary<Make> = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => () => latin(pieces.join('')))
const plainly: fc.Arbitrary<Make> = fc.oneof(
  { weight: 5, arbitrary: http },
  { weight: 3, arbitrary: socks5 },
  { weight: 1, arbitrary: socks4 },
)
/**
 * One whole message, pipelined requests, or a mixture with noise; a quarter with one byte changed.
 */
const conversation = fc.record({
  messages: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(plainly) },
    { weight: 2, arbitrary: fc.array(http, { minLength: 2, maxLength: 4 }) },
    { weight: 2, arbitrary: fc.array(fc.oneof(plainly, noise), { minLength: 1, maxLength: 4 }) },
  ),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
  flip: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 255 }),
      ),
    },
  ),
  ending: fc.constantFrom('answer', 'answer', 'answer', 'answer', 'end', 'reset', 'destroy'),
})

/** Sends the bytes in parts, ends as asked, and resolves when the connection is over. */
const converse = (bytes: Buffer, cuts: readonly number[], ending: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = net.connect({ port: world.proxy.port, host: '127.0.0.1', noDelay: true }, () => {
      const marks = [
        ...new Set([0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length]),
      ].sort((a, b) => a - b)
      const send = (index: number): void => {
        const [from, to] = [marks[index], marks[index + 1]]
        if (socket.destroyed) return
        if (ending === 'answer' && to === undefined)
          return void socket
            .once('data', () => setImmediate(() => socket.end()))
            .setTimeout(200, () => socket.destroy())
        if (from === undefined || to === undefined)
          return void (ending === 'end'
            ? socket.end()
            : ending === 'reset'
              ? socket.resetAndDestroy()
              : socket.destroy())
        socket.write(bytes.subarray(from, to), () => setImmediate(send, index + 1))
      }
      send(0)
    })
    socket
      .on('error', () => {})
      .once('close', () => resolve())
      .resume()
  })

it(`${RUNS} conversations: no crash, no descriptor left, no verdict but the reference's (seed ${SEED})`, {
  timeout: 600_000,
}, async () => {
  const hasDescriptors = fs.existsSync('/proc/self/fd')
  const descriptors = (): number => fs.readdirSync('/proc/self/fd').length
  const before = hasDescriptors ? descriptors() : 0
  const crashes: unknown[] = []
  const onCrash = (error: unknown): void => void crashes.push(error)
  process.on('uncaughtException', onCrash).on('unhandledRejection', onCrash)
  // One property over groups of conversations at once: what one leaves behind must not change
  // another.
  const group = 20
  await fc.assert(
    fc.asyncProperty(
      fc.array(conversation, { minLength: group, maxLength: group }),
      async (conversations) => {
        await Promise.all(
          conversations.map(({ messages, cuts, flip, ending }) => {
            const bytes = Buffer.concat(messages.map((make) => make()))
            if (flip && bytes.length > 0) bytes[Math.floor(flip[0] * (bytes.length - 1))] = flip[1]
            return converse(bytes, cuts, ending)
          }),
        )
        expect(crashes).toEqual([])
      },
    ),
    { numRuns: Math.ceil(RUNS / group), seed: SEED, endOnFailure: true },
  )
  await eventually(() => world.proxy.stats().clientsAtOnce === 0, 'no client left')
  if (hasDescriptors)
    await eventually(() => descriptors() <= before, 'as many descriptors as before')
  process.off('uncaughtException', onCrash).off('unhandledRejection', onCrash)
  expect(crashes).toEqual([])
  const { events } = world
  for (const { host: text, port: at, decision, kind, because } of events) {
    const reading = canonicalHost(text)
    const reference =
      reading.ok &&
      at > 0 &&
      rules.decide(reading.host, at, kind === 'http' ? 'http' : 'tunnel').allowed
    if (decision === 'allowed') expect([text, at, reference]).toEqual([text, at, true])
    // What is granted is refused for its form alone, and says so.
    else if (reference) expect(because).toMatch(/^(its |it needs |the host |CONNECT names )/)
  }
  // Every connection that a host got stands in the log, and no name was looked up that is not
  // granted.
  expect(reached).toBeLessThanOrEqual(
    events.filter(({ decision }) => decision === 'allowed').length,
  )
  for (const looked of new Set(world.lookups)) {
    const reading = readAuthority(looked)
    expect(reading.ok && rules.decide(reading.host, host.port, 'tunnel').allowed).toBe(true)
  }
  // The conversations are no noise alone: each kind got through, and each was refused.
  for (const kind of ['http', 'connect', 'socks'])
    for (const decision of ['allowed', 'refused'])
      expect(events.some((event) => event.kind === kind && event.decision === decision)).toBe(true)
  console.log(
    `fuzz: ${RUNS} conversations, seed ${SEED}: ${events.length} decisions, ${events.filter(({ decision }) => decision === 'allowed').length} allowed, ${reached} connections to the host, ${world.proxy.stats().unauthorised} without the token`,
  )
})
