import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAnswer } from '../../src/network/ask-client.ts'
import { type Asker, createAsker } from '../../src/network/ask.ts'
import { openRemembered } from '../../src/network/remembered.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import {
  connectHead,
  echoHost,
  eventually,
  exchange,
  openWorld,
  type StandIn,
  type World,
} from './proxy/stand-ins.ts'

let directory: AbsolutePath
let echo: StandIn
let asker: Asker | undefined
let world: World | undefined
const open = async (
  timeoutMs = 20_000,
  lists: { allow?: string[]; deny?: string[] } = {},
): Promise<void> => {
  asker = createAsker({ remembered: openRemembered(directory, 'p'), timeoutMs })
  await asker.listen(directory)
  world = await openWorld(
    { ...lists, allow: [`127.0.0.1:${echo.port}`, ...(lists.allow ?? [])] },
    { ask: asker.ask },
  )
}
const close = async (): Promise<void> => {
  asker?.close()
  await world?.close()
  world = undefined
}
beforeEach(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-ask-')) as AbsolutePath
  echo = await echoHost()
})
afterEach(async () => {
  await close()
  await echo.close()
  fs.rmSync(directory, { recursive: true, force: true })
})

/** Somebody who answers: every message that came, as lines. */
const person = (): { socket: net.Socket; heard: () => string } => {
  let text = ''
  const socket = net.connect(path.join(directory, 'ask'))
  socket.on('error', () => undefined).on('data', (chunk) => (text += String(chunk)))
  return { socket, heard: () => text }
}
const ask = (host: string): Promise<string> =>
  exchange(
    world!.proxy.port,
    connectHead(`${host}:${echo.port}`).replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  )
const connected = async (host: string): Promise<boolean> => {
  const socket = net.connect(world!.proxy.port, '127.0.0.1')
  socket.write(connectHead(`${host}:${echo.port}`))
  const first = await new Promise<string>((resolve) =>
    socket.once('data', (chunk) => resolve(String(chunk))),
  )
  socket.destroy()
  return first.startsWith('HTTP/1.1 200 ')
}

describe('a host that no entry speaks of', () => {
  it.each([
    ['once', true, []],
    ['project', true, ['new.test']],
    ['no', false, []],
  ] as const)(
    'answered with %s: %j for this connection and the next ones; remembered: %j',
    async (answer, allowed, kept) => {
      await open()
      const { socket, heard } = person()
      const both = Promise.all([connected('new.test'), connected('NEW.test.')])
      await eventually(() => heard().includes('"asked"'), 'the question')
      expect(heard()).toContain(`"host":"new.test:${echo.port}"`)
      socket.write(`{"number":1,"answer":"${answer}"}\n`)
      expect(await both).toEqual([allowed, allowed])
      expect(await connected('new.test')).toBe(allowed)
      expect(heard().match(/"asked"/g)).toHaveLength(1)
      expect(openRemembered(directory, 'p').hosts).toEqual(
        kept.map((name) => `${name}:${echo.port}`),
      )
      socket.destroy()
      await close()
      await open(50)
      expect(await connected('new.test')).toBe(answer === 'project')
      expect(await connected(`other.test`)).toBe(false)
    },
  )

  it('is refused when nobody answers in time, with that as the reason and the command; the next connection asks again', async () => {
    await open(30)
    const answer = await ask('new.test')
    expect(answer).toContain(
      'no entry of the allowlist grants new.test, and nobody answered in time (launcher net approve)',
    )
    expect(answer).toContain(`--allow-host new.test:${echo.port}`)
    const { heard } = person()
    await ask('new.test')
    await eventually(() => heard().includes('nobody answered'), 'the end of the second question')
    expect(world!.lookups).toEqual([])
  })

  it('that resolves to an address that is not granted stays refused after a yes', async () => {
    await open()
    const { socket, heard } = person()
    const answer = exchange(world!.proxy.port, connectHead('new.test:9'))
    await eventually(() => heard().includes('"asked"'), 'the question')
    socket.write('{"number":1,"answer":"once"}\n')
    expect(await answer).toMatch(/^HTTP\/1\.1 403 [^\r]*127\.0\.0\.1 is this machine/)
    socket.destroy()
  })

  it.each(['127.0.0.1:1', 'localhost:1', '8.8.8.8:443', 'denied.test:443', 'granted.test:22'])(
    'nobody is asked about %s',
    async (authority) => {
      await open(20_000, { allow: ['granted.test'], deny: ['denied.test'] })
      expect(await exchange(world!.proxy.port, connectHead(authority))).toMatch(/^HTTP\/1\.1 403 /)
    },
  )

  it('beyond twenty that wait, further ones are refused at once', async () => {
    await open()
    const waiting = Array.from({ length: 20 }, (_, at) => connected(`host-${at}.test`))
    const { socket, heard } = person()
    await eventually(() => heard().includes('"number":20,'), 'all questions')
    expect(await ask('one-more.test')).toContain('20 other hosts wait for your answer')
    socket.write(
      Array.from({ length: 20 }, (_, at) => `{"number":${at + 1},"answer":"no"}\n`).join(''),
    )
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 20 }, () => false))
    socket.destroy()
  })

  it.each([
    'not json\n',
    '{"number":1,"answer":"yes"}\n',
    '{"number":"1","answer":"once"}\n',
    'null\n',
    `${'x'.repeat(5_000)}`,
  ])(
    'what is no answer ends that talk, decides nothing, and the next one is heard: %s',
    async (bytes) => {
      await open()
      const [bad, good] = [person(), person()]
      const answer = connected('new.test')
      await eventually(
        () => bad.heard().includes('"asked"') && good.heard().includes('"asked"'),
        'the question',
      )
      const ended = new Promise((resolve) => bad.socket.once('close', resolve))
      bad.socket.write(bytes)
      await ended
      good.socket.write('{"number":1,"answer":"once"}\n')
      expect(await answer).toBe(true)
      good.socket.destroy()
    },
  )
})

describe('the hosts of a project', () => {
  beforeEach(() => open())
  it.each([
    'a.test',
    'A.test:443',
    '8.8.8.8:443',
    'a.test:443 ',
    '*.test:443',
    'a.test:0',
    '\u0000',
  ])('a file that holds %j is refused: nobody knows who wrote it', (line) => {
    fs.mkdirSync(path.join(directory, 'approved'))
    fs.writeFileSync(path.join(directory, 'approved/p'), `b.test:443\n${line}\n`)
    expect(() => openRemembered(directory, 'p')).toThrow('holds something else')
  })

  it('a link in its place is not followed', () => {
    fs.mkdirSync(path.join(directory, 'approved'))
    fs.writeFileSync(path.join(directory, 'elsewhere'), 'b.test:443\n')
    fs.symlinkSync('../elsewhere', path.join(directory, 'approved/p'))
    expect(() => openRemembered(directory, 'p')).toThrow('cannot be read')
  })
})

it.each([
  ['once 3', { number: 3, answer: 'once' }],
  ['o3', { number: 3, answer: 'once' }],
  ['12 project', { number: 12, answer: 'project' }],
  ['NO 1', { number: 1, answer: 'no' }],
  ['yes 1', undefined],
  ['once', undefined],
  ['3', undefined],
  ['once 3 4', undefined],
  ['', undefined],
])('%j is read as %j', (line, expected) => {
  expect(readAnswer(line)).toEqual(expected)
})
