import { describe, expect, it } from 'vitest'
import { toAbsolutePath } from '../../src/machine/paths.ts'
import { existing, physical, written } from '../../src/machine/physical.ts'
import { createWalker } from '../../src/machine/walk.ts'
import { fakeHost, link } from '../fixtures/fake-host.ts'

const host = fakeHost({
  '/home/u/p/a/b': '',
  '/home/u/away': link('/srv/deep/x'),
  '/srv/deep/x/y': '',
  '/loop': link('/loop'),
})
const walk = createWalker(host)

describe('physical', () => {
  it.each([
    ['a/b', '/home/u/p/a/b'],
    ['./a//b/', '/home/u/p/a/b'],
    ['../q', '/home/u/q'],
    ['/x/../y', '/y'],
    ['../../../../..', '/'],
    ['../away/../z', '/srv/deep/z'],
    ['../away', '/home/u/away'],
    ['/', '/'],
    ['.', '/home/u/p'],
  ])('%s', (text, expected) => {
    expect(physical(walk, host.cwd, text)).toBe(expected)
  })

  it.each(['', 'a\0b'])('%j names nothing', (text) => {
    expect(physical(walk, host.cwd, text)).toBeUndefined()
  })
})

describe('existing', () => {
  it.each([
    ['/home/u/away/y', '/srv/deep/x/y'],
    ['/home/u/away/../x', '/srv/deep/x'],
    ['/home/u/none', undefined],
    ['/loop', undefined],
    ['a/b', undefined],
    ['/a\0', undefined],
  ])('%s leads to %s', (text, expected) => {
    expect(existing(walk, text)).toBe(expected)
  })
})

describe('written', () => {
  it.each([
    ['~', '/home/u'],
    ['~/x', '/home/u/x'],
    ['~x', '/home/u/p/~x'],
    ['~/away/../z', '/srv/deep/z'],
  ])('%s', (text, expected) => {
    expect(written(walk, host, text)).toBe(toAbsolutePath(expected))
  })
})
