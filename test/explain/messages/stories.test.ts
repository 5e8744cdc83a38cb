import { describe, expect, it } from 'vitest'
import { readLog } from '../../../src/explain/log/read.ts'
import { answer } from '../../../src/explain/messages/answer.ts'
import { explainExit } from '../../../src/explain/messages/exit.ts'
import { judgeOn } from './scene.ts'

const linux = judgeOn('linux')
const mac = judgeOn('macos')

describe('the failures of the story, each with its cause and one command', () => {
  it('127 although the program is there: the interpreter in its first line', () => {
    const told = explainExit(127, linux, 'vibe')
    expect(told.meaning).toContain('interpreter')
    expect(told.answer).toMatchObject({
      verdict: 'sandbox',
      path: expect.stringContaining('/home/u/.local/share/uv/python/cpython-3.12'),
    })
    expect(told.answer?.cause).toMatch(/nothing grants \/home\/u\/\.local\/share\/uv\/python/)
    expect(told.answer?.fix).toMatch(/^launcher run vibe --read ~\/\.local\/share\/uv\/python\//)
    const [same] = answer(readLog('zsh: command not found: vibe').sightings, linux)
    expect(same).toMatchObject({
      verdict: 'sandbox',
      path: told.answer?.path,
      fix: told.answer?.fix,
    })
  })

  it.each([
    ['bubblewrap', linux, '/home/u'],
    ['seatbelt', mac, '/Users/u'],
  ] as const)('a PermissionError on trusted_folders.toml (%s)', (_, judge, home) => {
    const log = `Traceback (most recent call last):\n  File "/x/vibe/core/trusted_folders.py", line 20, in <module>\n    if self._file.exists():\nPermissionError: [Errno 1] Operation not permitted: '${home}/.vibe/trusted_folders.toml'\n`
    expect(answer(readLog(log).sightings, judge)).toMatchObject([
      {
        verdict: 'sandbox',
        path: `${home}/.vibe/trusted_folders.toml`,
        cause: expect.stringContaining(`nothing grants ${home}/.vibe/trusted_folders.toml`),
        fix: 'launcher run vibe --read ~/.vibe/trusted_folders.toml',
      },
    ])
  })

  it('metadata on the target of a linked configuration, from the log or from Python', () => {
    const target = '/Users/u/dotfiles/vibe/config.toml'
    const told = answer(
      readLog(
        `Sandbox: python3.12(812) deny(1) file-read-metadata ${target}\nPermissionError: [Errno 1] Operation not permitted: '/Users/u/.vibe/config.toml'`,
      ).sightings,
      mac,
    )
    expect(told).toMatchObject([
      {
        verdict: 'sandbox',
        path: target,
        fix: 'launcher run vibe --read ~/dotfiles/vibe/config.toml',
      },
      {
        verdict: 'sandbox',
        path: target,
        cause: expect.stringContaining('/Users/u/.vibe/config.toml is a link to it'),
        fix: 'launcher run vibe --read ~/dotfiles/vibe/config.toml',
      },
    ])
  })
})

describe('what an exit code means', () => {
  it.each([
    [125, 'launcher'],
    [126, 'could not be executed'],
    [127, 'interpreter'],
    [130, 'SIGINT'],
    [134, 'SIGABRT'],
    [137, 'SIGKILL'],
    [143, 'SIGTERM'],
    [159, 'SIGSYS'],
    [42, 'own code'],
  ])('%i', (code, words) => {
    expect(explainExit(code, linux).meaning).toContain(words)
  })

  it('names rows of the backend only', () => {
    expect(explainExit(134, mac).rows).toEqual([8])
    expect(explainExit(134, linux).rows).toEqual([])
    expect(explainExit(71, mac).meaning).toContain('refused')
  })

  it('says that a program that is nowhere is not the sandbox', () => {
    expect(explainExit(127, linux, 'nowhere').answer).toMatchObject({
      verdict: 'not-sandbox',
      cause: expect.stringContaining('no nowhere on PATH'),
    })
    expect(explainExit(126, linux, '/home/u/p/tool.sh').answer).toMatchObject({
      verdict: 'not-sandbox',
      cause: expect.stringContaining('not executable (mode 644)'),
    })
  })
})
