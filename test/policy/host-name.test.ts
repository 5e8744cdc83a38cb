import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAuthority } from '../../src/policy/host-authority.ts'
import { canonicalAddress, canonicalHost } from '../../src/policy/host-name.ts'

describe('canonicalHost', () => {
  it.each([
    ['case', 'API.Example.TEST', 'name', 'api.example.test'],
    ['a final dot', 'example.test.', 'name', 'example.test'],
    ['one label', 'intranet', 'name', 'intranet'],
    ['an underscore', '_dmarc.example.test', 'name', '_dmarc.example.test'],
    ['an international name', 'BÜCHER.example', 'name', 'xn--bcher-kva.example'],
    ['its ASCII form', 'xn--bcher-kva.example', 'name', 'xn--bcher-kva.example'],
    ['an ideographic full stop', 'a\u3002example.test', 'name', 'a.example.test'],
    ['full-width letters', '\uff41.example.test', 'name', 'a.example.test'],
    ['a soft hyphen', 'ex\u00adample.test', 'name', 'example.test'],
    ['63 letters in a label', `${'a'.repeat(63)}.test`, 'name', `${'a'.repeat(63)}.test`],
    ['IPv4', '192.0.2.1', 'address', '192.0.2.1'],
    ['IPv4 with a final dot', '192.0.2.1.', 'address', '192.0.2.1'],
    ['IPv4 in octal', '0300.0.02.01', 'address', '192.0.2.1'],
    ['IPv4 in hexadecimal', '0xC0.0x0.0x2.0x1', 'address', '192.0.2.1'],
    ['IPv4 as one number', '3221225985', 'address', '192.0.2.1'],
    ['IPv4 as one octal number', '030000001001', 'address', '192.0.2.1'],
    ['IPv4 in three parts', '192.0.513', 'address', '192.0.2.1'],
    ['IPv4 in two parts', '127.1', 'address', '127.0.0.1'],
    ['IPv4 in full-width digits', '\uff11\uff12\uff17.0.0.1', 'address', '127.0.0.1'],
    ['zero', '0', 'address', '0.0.0.0'],
    ['IPv6', '2001:DB8:0:0:0:0:0:1', 'address', '2001:db8::1'],
    ['IPv6 in brackets', '[2001:db8::1]', 'address', '2001:db8::1'],
    ['IPv6 with a dotted end', '2001:db8::192.0.2.1', 'address', '2001:db8::c000:201'],
    ['IPv4 inside IPv6', '::ffff:192.0.2.1', 'address', '192.0.2.1'],
    ['IPv4 inside IPv6 in hexadecimal', '[0:0:0:0:0:FFFF:C000:0201]', 'address', '192.0.2.1'],
    ['IPv4-compatible IPv6, which is not IPv4', '::192.0.2.1', 'address', '::c000:201'],
  ])('takes %s', (_, text, kind, expected) => {
    expect(canonicalHost(text)).toEqual({ ok: true, host: { kind, text: expected } })
  })

  it.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['two final dots', 'example.test..'],
    ['an empty label', 'a..test'],
    ['a leading dot', '.example.test'],
    ['64 letters in a label', `${'a'.repeat(64)}.test`],
    ['254 letters', `${'a.'.repeat(126)}aa`],
    ['much more', 'a.'.repeat(100_000)],
    ['a NUL', 'example.test\0.evil.test'],
    ['a NUL at the end', 'example.test\0'],
    ['a newline', 'example.test\n'],
    ['a tab, which URLs drop', 'exa\tmple.test'],
    ['a space', 'exa mple.test'],
    ['a slash', 'example.test/x'],
    ['a backslash', 'example.test\\x'],
    ['a question mark', 'example.test?x'],
    ['a hash', 'example.test#x'],
    ['an at sign', 'a@example.test'],
    ['a star', '*.example.test'],
    ['an escape', 'example%2etest'],
    ['a zone', 'fe80::1%eth0'],
    ['a zone in brackets', '[fe80::1%25eth0]'],
    ['a port', 'example.test:443'],
    ['a leading hyphen', '-a.test'],
    ['a final hyphen', 'a-.test'],
    ['a lone surrogate', 'a\ud800.test'],
    ['the sign of bytes that are not UTF-8', 'a\ufffd.test'],
    ['broken Punycode', 'xn--zz.test'],
    ['five parts of an address', '1.2.3.4.5'],
    ['a part beyond 255', '1.2.3.256'],
    ['a number beyond 32 bits', '4294967296'],
    ['octal with an 8', '08.1.1.1'],
    ['a name that ends in a number', 'example.1'],
    ['octal inside IPv6', '::ffff:010.1.1.1'],
    ['IPv6 with two gaps', '1::2::3'],
    ['one bracket', '[::1'],
    ['empty brackets', '[]'],
    ['a name in brackets', '[example.test]'],
    ['IPv4 in brackets', '[127.0.0.1]'],
  ])('refuses %s', (_, text) => {
    expect(canonicalHost(text)).toMatchObject({ ok: false, reason: expect.any(String) })
  })

  it('gives a spelling that it gives back unchanged, whatever the input', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.domain(),
          fc.ipV4Extended(),
          fc.ipV6(),
          fc.string({ unit: fc.constantFrom(...'0123456789abcdefx.:[]-_%\0'), maxLength: 30 }),
        ),
        (text) => {
          const reading = canonicalHost(text)
          if (!reading.ok) return
          expect(canonicalHost(reading.host.text)).toEqual(reading)
          expect(reading.host.text).toMatch(
            reading.host.kind === 'name' ? /^[a-z0-9_.-]{1,253}$/ : /^[0-9a-f.:]{2,39}$/,
          )
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('takes the IPv6 addresses that the system takes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV6(),
          fc.string({ unit: fc.constantFrom(...'0123456789aF:.'), minLength: 2, maxLength: 24 }),
          fc
            .array(fc.constantFrom('0', 'ff', ':', '::', '1.2.3.4', '12345', '.'))
            .map((all) => all.join(':')),
        ),
        (text) => {
          fc.pre(text.includes(':'))
          expect(canonicalHost(`[${text}]`).ok).toBe(isIPv6(text))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('knows addresses from names', () => {
    expect([
      canonicalAddress('::ffff:7f00:1'),
      canonicalAddress('example.test'),
      canonicalAddress('fe80::1%1'),
    ]).toEqual(['127.0.0.1', undefined, undefined])
  })
})

describe('readAuthority', () => {
  it.each([
    ['example.test', 'example.test', undefined],
    ['Example.test.:8080', 'example.test', 8080],
    ['[::1]', '::1', undefined],
    ['[::1]:65535', '::1', 65535],
    ['0x7f.1:1', '127.0.0.1', 1],
  ])('takes %s apart', (text, host, port) => {
    expect(readAuthority(text)).toMatchObject({ ok: true, host: { text: host }, port })
  })

  it.each([
    '',
    ':443',
    'a.test:',
    'a.test:0',
    'a.test:065',
    'a.test:65536',
    'a.test:99999999',
    'a.test:-1',
    'a.test:4 43',
    'a.test:443:443',
    '::1',
    '::1:443',
    '[::1]443',
    '[::1]:',
    'u@a.test',
    'u:p@a.test:443',
    'a.test:443\n',
    '[a]b]:1',
  ])('refuses %j', (text) => {
    expect(readAuthority(text)).toMatchObject({ ok: false })
  })
})
