import { describe, expect, it } from 'vitest'
import { pathWord, runCommand } from '../../src/policy/run-command.ts'

describe('a command to paste', () => {
  it.each([
    ['vibe', ['--read /a'], 'launcher run vibe --read /a'],
    ['default', ['--read /a'], 'launcher run --read /a -- …'],
    ['/etc/my own.toml', ['--trace'], "launcher run --profile '/etc/my own.toml' --trace -- …"],
  ])('names the profile %s as `run` takes it', (profile, flags, command) => {
    expect(runCommand(profile, flags)).toBe(command)
  })

  it.each([
    ['/home/u/a', '~/a'],
    ['/home/u', '/home/u'],
    ['/home/u/a b', "'/home/u/a b'"],
    ["/home/u/it's", "'/home/u/it'\\''s'"],
    ['/home/u/$(rm -rf .)', "'/home/u/$(rm -rf .)'"],
    ['/srv/a', '/srv/a'],
  ])('writes %s so that the shell hands on just that', (path, word) => {
    expect(pathWord(path, '/home/u')).toBe(word)
  })
})
