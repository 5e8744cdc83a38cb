import { describe, expect, it } from 'vitest'
import { connectHead, echoHost, exchange, openTunnel, openWorld, rawClient } from './stand-ins.ts'

describe('a granted name', () => {
  it.each([
    ['loopback', ['127.0.0.1']],
    ['IPv6 loopback', ['::1']],
    ['loopback inside IPv6', ['::ffff:127.0.0.1']],
    ['a private address', ['10.1.2.3']],
    ['a metadata service', ['169.254.169.254']],
    ['a link-local address with a zone', ['fe80::1%eth0']],
    ['a unique local address', ['fd00::1']],
    ['this machine by the unspecified address', ['0.0.0.0']],
    ['NAT64 of a private address', ['64:ff9b::a00:1']],
    ['several, none of them public', ['10.0.0.1', '192.168.0.1']],
    ['no address at all', ['garbage']],
  ])('that resolves to %s is refused with the address in the reason', async (_, addresses) => {
    const world = await openWorld({ allow: ['a.test'] }, { resolver: async () => addresses })
    const answer = await exchange(world.proxy.port, connectHead('a.test:443'))
    expect(answer).toMatch(/^HTTP\/1\.1 403 /)
    expect(answer).toContain('a.test resolves to an address that is not granted: ')
    expect(world.events).toEqual([expect.objectContaining({ decision: 'refused', host: 'a.test' })])
    expect(world.proxy.stats()).toMatchObject({ allowed: 0, refused: 1 })
    await world.close()
  })

  it('is resolved once for each connection, and the address that was judged is dialled: an answer that changes changes nothing', async () => {
    const host = await echoHost()
    const answers = [['127.0.0.1'], ['10.0.0.1']]
    let asked = 0
    const world = await openWorld(
      { allow: [`a.test:${host.port}`, `127.0.0.1:${host.port}`] },
      { resolver: async () => answers[asked++] ?? [] },
    )
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    expect(asked).toBe(1)
    client.socket.end('x')
    expect(await client.end()).toMatch(/x$/)
    expect(await exchange(world.proxy.port, connectHead(`a.test:${host.port}`))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
    expect(asked).toBe(2)
    await Promise.all([world.close(), host.close()])
  })

  it.each([
    ['an address that refuses', ['127.0.0.2', '127.0.0.1']],
    ['an IPv6 address where nothing listens', ['::1', '127.0.0.1']],
    ['an address that is not granted', ['10.0.0.1', '127.0.0.1']],
  ])('goes on from %s to the next', async (_, addresses) => {
    const host = await echoHost()
    const world = await openWorld(
      {
        allow: [
          `a.test:${host.port}`,
          `127.0.0.1:${host.port}`,
          `127.0.0.2:${host.port}`,
          `[::1]:${host.port}`,
        ],
      },
      { resolver: async () => addresses },
    )
    const client = await openTunnel(world.proxy.port, `a.test:${host.port}`)
    client.socket.end('x')
    expect(await client.end()).toMatch(/x$/)
    await Promise.all([world.close(), host.close()])
  })

  it.each([
    ['does not exist', 'ENOTFOUND', 502, /the name does not exist \(ENOTFOUND\)/],
    ['can\u2019t be looked up now', 'EAI_AGAIN', 502, /could not be looked up/],
  ])('that %s is no refusal', async (_, code, status, text) => {
    const world = await openWorld(
      { allow: ['a.test'] },
      { resolver: async () => Promise.reject(Object.assign(new Error(code), { code })) },
    )
    const answer = await exchange(world.proxy.port, connectHead('a.test:443'))
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(answer).toMatch(text)
    expect(answer).toContain('This is no refusal')
    expect(world.events).toEqual([expect.objectContaining({ decision: 'allowed', error: code })])
    await world.close()
  })

  it('whose look-up takes too long is 504, and a late answer opens nothing', async () => {
    let release: (addresses: string[]) => void = () => {}
    const world = await openWorld(
      { allow: ['a.test'] },
      { resolver: () => new Promise((resolve) => (release = resolve)), limits: { connectMs: 50 } },
    )
    expect(await exchange(world.proxy.port, connectHead('a.test:443'))).toMatch(/^HTTP\/1\.1 504 /)
    release(['127.0.0.1'])
    await world.close()
    expect(world.events).toEqual([
      expect.objectContaining({ decision: 'allowed', error: 'ETIMEDOUT' }),
    ])
  })
})

describe('this machine', () => {
  it.each(['localhost', 'LOCALHOST.', '127.0.0.1', '127.1', '[::ffff:127.0.0.1]'])(
    'is reached as %s only at the granted port, without a look-up',
    async (name) => {
      const host = await echoHost()
      const world = await openWorld({ allow: [`localhost:${host.port}`] })
      const client = await openTunnel(world.proxy.port, `${name}:${host.port}`)
      client.socket.end('x')
      expect(await client.end()).toMatch(/x$/)
      expect(
        await exchange(world.proxy.port, connectHead(`${name}:${host.port === 1 ? 2 : 1}`)),
      ).toMatch(/^HTTP\/1\.1 403 /)
      expect(world.lookups).toEqual([])
      await Promise.all([world.close(), host.close()])
    },
  )

  it('is not reached at another loopback address by the grant of localhost', async () => {
    const world = await openWorld({ allow: ['localhost:9'] })
    expect(await exchange(world.proxy.port, connectHead('127.0.0.2:9'))).toMatch(/^HTTP\/1\.1 403 /)
    await world.close()
  })

  it('in the mode any, every name is allowed and no private address', async () => {
    const world = await openWorld({ mode: 'any', deny: ['no.test'] })
    const answer = await exchange(world.proxy.port, connectHead('a.test:1'))
    expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*not granted: 127\.0\.0\.1 is this machine/)
    expect(await exchange(world.proxy.port, connectHead('no.test:443'))).toMatch(
      /^HTTP\/1\.1 403 [\s\S]*no\.test is refused/,
    )
    expect(world.lookups).toEqual(['a.test'])
    await world.close()
  })
})

describe('a refusal', () => {
  it('is two lines: what and why, then the command', async () => {
    const world = await openWorld({ allow: ['a.test'] })
    const answer = await exchange(world.proxy.port, connectHead('evil.test:443'))
    expect(answer).toBe(
      [
        'HTTP/1.1 403 Refused by launcher: no entry of the allowlist grants evil.test',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Length: 198',
        'X-Launcher-Refused: evil.test:443',
        'Connection: close',
        '',
        'launcher refused evil.test:443: no entry of the allowlist grants evil.test.\nTo allow it: launcher run \xe2\x80\xa6 --allow-host evil.test (why: launcher explain host evil.test)\n',
      ]
        .join('\r\n')
        .replace(/Content-Length: \d+/, /Content-Length: \d+/.exec(answer)?.[0] ?? ''),
    )
    await world.close()
  })

  it.each([
    ['another port', 'a.test:22', '--allow-host a.test:22 '],
    ['an IPv6 address', '[2001:db8::1]:443', "--allow-host '[2001:db8::1]' "],
    ['this machine', 'localhost:80', '--allow-host localhost:80 '],
    ['an entry that refuses', 'b.test:443', 'take b.test out there'],
  ])('of %s names what would allow it', async (_, authority, text) => {
    const world = await openWorld({ allow: ['a.test'], deny: ['b.test'] })
    expect(await exchange(world.proxy.port, connectHead(authority))).toContain(text)
    await world.close()
  })

  it('reaches a client that is still sending', async () => {
    const world = await openWorld({})
    const client = rawClient(world.proxy.port, connectHead('evil.test:443') + 'x'.repeat(200_000))
    expect(await client.end()).toContain('launcher refused evil.test:443')
    await world.close()
  })
})
