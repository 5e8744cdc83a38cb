import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../src/explain/redact.ts'
import { cpuSince } from '../fixtures/cpu.ts'

const GONE = '…'
const long = (count: number): string => 'aB3'.repeat(Math.ceil(count / 3)).slice(0, count)

describe('a command line without its secrets', () => {
  it.each<[string, string[], string[]]>([
    [
      'the word after a flag that names a secret',
      ['x', '--api-key', 'hunter2'],
      ['x', '--api-key', GONE],
    ],
    ['the same with one dash', ['x', '-token', 'hunter2'], ['x', '-token', GONE]],
    ['the value beside an equals sign', ['x', '--password=hunter2'], ['x', `--password=${GONE}`]],
    ['a variable', ['env', 'MISTRAL_API_KEY=hunter2'], ['env', `MISTRAL_API_KEY=${GONE}`]],
    [
      'a header',
      ['curl', '-H', 'Authorization: Bearer hunter2'],
      ['curl', '-H', `Authorization:${GONE}`],
    ],
    [
      'a login in an address',
      ['git', 'clone', 'https://me:hunter2@example.com/x'],
      ['git', 'clone', `https://${GONE}@example.com/x`],
    ],
    [
      'a key of its issuer’s form, in a sentence',
      ['vibe', '-p', `use sk-${long(20)} please`],
      ['vibe', '-p', `use ${GONE} please`],
    ],
    ['GitHub’s', [`ghp_${long(36)}`], [GONE]],
    ['AWS’s', ['AKIAIOSFODNN7EXAMPLE'], [GONE]],
    ['a web token', [`eyJhbGciOi${long(8)}.eyJzdWIi${long(8)}.${long(20)}`], [GONE]],
    ['a long word that no person types', [long(40)], [GONE]],
  ])('lacks %s', (_, words, expected) => {
    expect(withoutSecrets(words)).toEqual(expected)
  })

  it.each<[string, string[]]>([
    ['a plain command', ['git', 'commit', '-m', 'fix the key handling']],
    ['a flag without its value', ['x', '--key', '--other']],
    ['paths, however long', [`/home/u/${long(40)}/x`]],
    ['an address without a login', ['https://example.com/a?b=c']],
    ['a long word of letters alone', ['a'.repeat(40)]],
    ['a short word', ['sk-1']],
  ])('keeps %s', (_, words) => {
    expect(withoutSecrets(words)).toEqual(words)
  })

  it('is bounded, and quick on anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { maxLength: 150 }),
        (words) => {
          const clean = withoutSecrets(words)
          expect(clean.length).toBeLessThanOrEqual(101)
          for (const word of clean) expect(word.length).toBeLessThanOrEqual(260)
        },
      ),
    )
    const started = process.cpuUsage()
    withoutSecrets([
      'key'.repeat(100_000),
      `${'a.'.repeat(100_000)}=`,
      'https://'.repeat(50_000),
      'eyJ'.repeat(100_000),
    ])
    expect(cpuSince(started)).toBeLessThan(2_000)
  })
})
