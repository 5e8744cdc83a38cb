import { describe, expect, it } from 'vitest'
import { type Naming, namingOf } from '../../src/machine/naming.ts'
import { toAbsolutePath } from '../../src/machine/paths.ts'

const inside = (naming: Naming, path: string, root: string): boolean =>
  naming.isInside(toAbsolutePath(path)!, toAbsolutePath(root)!)

describe('namingOf', () => {
  it.each([
    ['/a/b', '/a', true, true],
    ['/a', '/a', true, true],
    ['/a/b', '/', true, true],
    ['/ab', '/a', false, false],
    ['/a', '/a/b', false, false],
    ['/A/b', '/a', false, true],
    ['/a/b', '/A', false, true],
    ['/AB', '/a', false, false],
    ['/caf\u00e9/x', '/cafe\u0301', false, true],
    ['/STRASSE/x', '/stra\u00dfe', false, true],
    ['/\u212a/x', '/k', false, true],
    ['/\uff21', '/a', false, false],
  ])('%s inside %s: %s on Linux, %s on macOS', (path, root, exact, folding) => {
    expect(inside(namingOf('linux'), path, root)).toBe(exact)
    expect(inside(namingOf('macos'), path, root)).toBe(folding)
  })

  it('says which names are one', () => {
    expect(namingOf('macos').isSame('.GIT', '.git')).toBe(true)
    expect(namingOf('macos').isSame('.git', '.gitx')).toBe(false)
    expect(namingOf('linux').isSame('.GIT', '.git')).toBe(false)
  })
})
