import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const RUN = new URL('../../.ci/run', import.meta.url).pathname

describe('.ci/run', () => {
  let folder: string
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-ci-')))
    fs.mkdirSync(path.join(folder, '.ci'))
    fs.copyFileSync(RUN, path.join(folder, '.ci/run'))
  })
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

  /**
   * Runs it beside an npm that does as told, and returns its status, its last lines and what npm
   * was called with.
   */
  const run = (test: string, world: string) => {
    const npm = `#!/bin/sh\nprintf '%s minutes for %s, in %s\\n' "$LAUNCHER_TEST_MINUTES" "$*" "$PWD" >>"$0.calls"\ncase $1 in test) ${test} ;; *) ${world} ;; esac\n`
    fs.writeFileSync(path.join(folder, 'npm'), npm, { mode: 0o755 })
    const { status, stdout, stderr } = spawnSync(path.join(folder, '.ci/run'), {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: `${folder}:/usr/bin:/bin`, TMPDIR: folder },
    })
    expect(stderr).toBe('')
    const calls = fs.readFileSync(path.join(folder, 'npm.calls'), 'utf8').trimEnd().split('\n')
    return {
      status,
      calls,
      lines: stdout
        .slice(stdout.indexOf('\n\n') + 2)
        .trimEnd()
        .split('\n'),
    }
  }
  const says = (...lines: string[]): string => lines.map((line) => `echo '${line}'`).join('; ')

  it('runs npm test and the world, within 45 minutes together, and adds up what they say', () => {
    expect(
      run(
        says('noise', 'skipped: a: no Mac', '10 passed, 0 failed, 1 skipped'),
        says('skipped: b: no uv', '1 passed, 0 failed, 1 skipped'),
      ),
    ).toEqual({
      status: 0,
      calls: [
        `22 minutes for test --silent, in ${folder}`,
        `43 minutes for run test:world --silent, in ${folder}`,
      ],
      lines: ['skipped: a: no Mac', 'skipped: b: no uv', '11 passed, 0 failed, 2 skipped'],
    })
    expect(fs.readdirSync(folder).sort()).toEqual(['.ci', 'npm', 'npm.calls'])
  })

  it.each([
    ['fails', `${says('failed: a', '9 passed, 1 failed, 0 skipped')}; exit 1`, 9, 1, ['failed: a']],
    ['fails to set up, without counts', 'exit 1', 0, 1, []],
    [
      'is cut',
      `${says('not finished: a.test.ts', '5 passed, 1 failed, 0 skipped')}; exit 1`,
      5,
      1,
      ['not finished: a.test.ts'],
    ],
    ['ends badly after good counts', `${says('9 passed, 0 failed, 0 skipped')}; exit 3`, 9, 1, []],
    ['counts a failure and ends well', says('9 passed, 2 failed, 0 skipped'), 9, 2, []],
  ])('fails, and still runs the other, when one %s', (_, bad, passed, failed, told) => {
    const good = says('1 passed, 0 failed, 0 skipped')
    for (const outcome of [run(bad, good), run(good, bad)]) {
      expect(outcome.status).toBe(1)
      expect(outcome.lines).toEqual([...told, `${passed + 1} passed, ${failed} failed, 0 skipped`])
      expect(outcome.calls.length % 2).toBe(0)
    }
  })
})
