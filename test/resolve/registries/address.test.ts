import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPattern } from '../../../src/policy/host-pattern.ts'
import { registryAddress } from '../../../src/resolve/registries/address.ts'

describe('the address of a registry', () => {
  it.each([
    ['https://registry.example.test/', 'registry.example.test:443'],
    ['https://registry.example.test', 'registry.example.test:443'],
    ['HTTPS://Registry.Example.TEST./simple', 'registry.example.test:443'],
    ['https://registry.example.test:8443/a', 'registry.example.test:8443'],
    ['http://registry.example.test/', 'registry.example.test:80'],
    ['sparse+https://index.example.test/', 'index.example.test:443'],
    ['https://nexus/repository', 'nexus:443'],
    ['https://user:secret@registry.example.test/simple', 'registry.example.test:443'],
    ['https://token@registry.example.test/simple', 'registry.example.test:443'],
  ])('%s opens %s', (written, host) =>
    expect(registryAddress(written)).toMatchObject({ ok: true, host }),
  )

  it.each([
    ['a file', 'file:///srv/wheels'],
    ['a path', '/opt/wheels'],
    ['another scheme', 'git+ssh://git@example.test/index'],
    ['nothing', ''],
    ['a script', 'javascript:alert(1)'],
    ['two @', 'https://good.example.test@user@evil.example.test/'],
    ['an @ hidden by a backslash', 'https://good.example.test\\@evil.example.test/'],
    ['a line break', 'https://good.example.test\n.evil.example.test/'],
    ['a tab, which URL parsers drop', 'https://good.exam\tple.test/'],
    ['a space', 'https://good.example.test evil/'],
    ['a NUL', 'https://good.example.test\0.evil/'],
    ['Unicode', 'https://régistre.example.test/'],
    ['a percent sign in the name', 'https://good%2eexample.test/'],
    ['IPv6', 'http://[::1]/'],
    ['IPv4', 'https://10.0.0.1/'],
    ['IPv4 in short', 'https://127.1/'],
    ['IPv4 in hexadecimal', 'https://0x7f.0.0.1/'],
    ['IPv4 as one number', 'https://2130706433/'],
    ['this machine', 'http://localhost:4873/'],
    ['this machine, longer', 'http://a.localhost:4873/'],
    ['this machine with a dot', 'http://localhost.:4873/'],
    ['port 0', 'https://registry.example.test:0/'],
    ['a port too large', 'https://registry.example.test:70000/'],
    ['a wildcard', 'https://*.example.test/'],
    ['an empty label', 'https://a..example.test/'],
    ['an empty label at the end', 'https://b.test../'],
    ['a label that begins with a dash', 'https://-a.example.test/'],
    ['an unset variable', 'https://${HOST}/'],
    ['ten megabytes', `https://${'a'.repeat(10 << 20)}.test/`],
  ])('%s opens nothing, and the reason does not repeat it', (_, written) => {
    const address = registryAddress(written)
    expect(address).toEqual({ ok: false, problem: expect.stringMatching(/^[a-z]/) })
    if (!address.ok && written.length > 8) expect(address.problem).not.toContain(written)
  })

  it('forgets user, password, query and fragment', () => {
    expect(
      registryAddress('https://me:hunter2@registry.example.test:8443/simple/?token=abc#x'),
    ).toEqual({
      ok: true,
      host: 'registry.example.test:8443',
      url: 'https://registry.example.test:8443/simple/',
      isPlain: false,
      hadCredentials: true,
    })
  })

  it('agrees with the WHATWG parser, and with the proxy’s own, on whatever it accepts', () => {
    const piece = fc.constantFrom(
      'https://',
      'http://',
      'a',
      'b.test',
      '@',
      ':',
      '/',
      '\\',
      '.',
      '?',
      '#',
      '%41',
      '0x7f',
      '1',
      '443',
      '[',
      ']',
      'xn--a',
      '-',
      ' ',
      '\t',
      'sparse+',
      '${X}',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, hasScheme) => {
        const written = (hasScheme ? 'https://' : '') + pieces.join('')
        const address = registryAddress(written)
        if (!address.ok) return
        const other = new URL(written.replace(/^sparse\+/, ''))
        expect(address.host).toBe(
          `${other.hostname.replace(/\.$/, '')}:${other.port || (other.protocol === 'http:' ? 80 : 443)}`,
        )
        const read = readPattern(address.host)
        expect(read).toMatchObject({ ok: true, pattern: { reach: 'exact', isAddress: false } })
        if (read.ok) expect(`${read.pattern.stem}:${read.pattern.port}`).toBe(address.host)
        expect(address.url).not.toContain(`@${address.host}`)
      }),
      { numRuns: 5000 },
    )
  })
})
