import { describe, expect, it } from 'vitest'
import { closest, closestFew } from '../../src/text/closest.ts'

describe('closest', () => {
  it.each([
    ['raed', ['read', 'write'], 'read'],
    ['VIBE_HOM', ['VIBE_HOME', 'HOME'], 'VIBE_HOME'],
    ['Read', ['read'], 'read'],
    ['rea', ['read', 'reap'], 'read'],
    ['xyz', ['read', 'write'], undefined],
    ['a', ['b'], undefined],
    ['', ['a'], undefined],
    [
      '/home/u/.config/gh/hosts.yaml',
      ['/home/u/.config/gh/hosts.yml', '/home/u/.ssh'],
      '/home/u/.config/gh/hosts.yml',
    ],
    [
      `/home/u/${'deep/'.repeat(20)}keys.txt`,
      [`/home/u/${'deep/'.repeat(20)}key.txt`],
      `/home/u/${'deep/'.repeat(20)}key.txt`,
    ],
  ])('to %j among %j is %j', (word, candidates, expected) => {
    expect(closest(word, candidates)).toBe(expected)
  })

  it('gives a few, nearest first, each once', () => {
    expect(closestFew('vibr', ['vibes', 'vibe', 'vibe', 'codex'], 2)).toEqual(['vibe', 'vibes'])
  })
})
