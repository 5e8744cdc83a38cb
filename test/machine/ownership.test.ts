import { describe, expect, it } from 'vitest'
import { isRootsProgram, otherHand, otherOwner } from '../../src/machine/ownership.ts'
import { fakeHost, file, link } from '../fixtures/fake-host.ts'

describe('otherHand', () => {
  it.each([
    [1000, 0o600, [1000], undefined],
    [1000, 0o644, [1000, 0], undefined],
    [0, 0o644, [1000, 0], undefined],
    [0, 0o644, [1000], 'belongs to another user (uid 0)'],
    [7, 0o600, [1000, 0], 'belongs to another user (uid 7)'],
    [1000, 0o664, [1000], 'can be written by others (mode 664)'],
    [1000, 0o602, [1000], 'can be written by others (mode 602)'],
    [0, 0o1777, [0], 'can be written by others (mode 1777)'],
  ])('of uid %i with mode %o for %j: %s', (uid, mode, owners, expected) => {
    expect(otherHand({ uid, mode }, owners)).toBe(expected)
  })

  it('an owner is asked about without the mode', () => {
    expect(otherOwner({ uid: 1000, mode: 0o666 }, [1000])).toBeUndefined()
    expect(otherOwner({ uid: 7, mode: 0 }, [1000])).toBe('belongs to another user (uid 7)')
  })
})

describe('a program of root’s', () => {
  const program = (uid: number, mode: number) => file('', { uid, mode })
  const host = fakeHost({
    '/usr/bin/good': program(0, 0o755),
    '/usr/bin/link': link('/usr/bin/good'),
    '/usr/bin/theirs': program(1000, 0o755),
    '/usr/bin/open': program(0, 0o775),
    '/usr/bin/plain': program(0, 0o644),
    '/usr/bin/to-theirs': link('/usr/bin/theirs'),
  })
  it.each([
    ['good', true],
    ['link', true],
    ['theirs', false],
    ['open', false],
    ['plain', false],
    ['to-theirs', false],
    ['none', false],
  ])('%s: %s', (name, expected) => {
    expect(isRootsProgram(host, `/usr/bin/${name}`)).toBe(expected)
  })
})
