import { describe, expect, it } from 'vitest'
import { subjectOf } from '../../../src/commands/explain/subject.ts'

describe('what explain is asked about', () => {
  it.each<[string, string, string]>([
    ['', 'run', ''],
    ['vibe', 'profile', 'vibe'],
    ['-', 'log', '-'],
    ['/etc/passwd', 'path', '/etc/passwd'],
    ['~/.ssh', 'path', '~/.ssh'],
    ['~', 'path', '~'],
    ['.', 'path', '.'],
    ['.env', 'path', '.env'],
    ['$PROJECT/x', 'path', '$PROJECT/x'],
    ['src/cli.ts', 'path', 'src/cli.ts'],
    ['example.com', 'host', 'example.com'],
    ['example.com:443', 'host', 'example.com:443'],
    ['localhost:8080', 'host', 'localhost:8080'],
    ['[::1]:80', 'host', '[::1]:80'],
    ['env PATH', 'env', 'PATH'],
    ['socket /run/x.sock', 'socket', '/run/x.sock'],
    ['target node', 'target', 'node'],
    ['log build.log', 'log', 'build.log'],
    ['path vibe', 'path', 'vibe'],
    ['profile example.com', 'profile', 'example.com'],
    ['host localhost', 'host', 'localhost'],
    ['env', 'profile', 'env'],
  ])('%j is a %s', (words, kind, value) => {
    expect(subjectOf(words.split(' ').filter((word) => word !== ''))).toEqual({ kind, value })
  })

  it.each([['two words'], ['env A B'], ['path a b']])(
    '%j is refused with the right form',
    (words) => {
      expect(() => subjectOf(words.split(' '))).toThrow(
        expect.objectContaining({ code: 'E_USAGE' }),
      )
    },
  )
})
