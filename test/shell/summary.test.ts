import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')

/**
 * Runs vitest with our reporter over the given files and returns what test.mjs would print last.
 */
const lastLines = (
  files: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): string[] => {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-summary-')))
  try {
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
    for (const [name, text] of Object.entries(files))
      fs.writeFileSync(
        path.join(folder, name),
        `import { describe, expect, it } from 'vitest'\n${text}`,
      )
    const result = path.join(folder, 'results.jsonl')
    fs.writeFileSync(result, '')
    const run = spawnSync(
      process.execPath,
      [
        path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--root',
        folder,
        `--reporter=${ROOT}/shell/test/reporter.mjs`,
        ...words,
      ],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: folder, LAUNCHER_TEST_RESULT: result },
      },
    )
    expect(run.error).toBeUndefined()
    const print = `import { readResults, summary } from ${JSON.stringify(`${ROOT}/shell/test/summary.mjs`)}
      import fs from 'node:fs'
      process.stdout.write(summary(readResults(fs.readFileSync(${JSON.stringify(result)}, 'utf8'))).join('\\n'))`
    return spawnSync(process.execPath, ['--input-type=module', '-e', print], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => !/^time by group: test \d+\.\d s$/.test(line))
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

it('each skipped test with its reason, then the counts alone on a line', () => {
  const lines = lastLines({
    'a.test.ts': `it('passes', () => {})
it('fails', () => expect(1).toBe(2))
it('cannot run', (context) => context.skip('no bubblewrap here\\nat all'))
it.skipIf(true)('needs a Mac', () => {})
describe.skipIf(true)('on a Mac (skipped elsewhere)', () => it('denies', () => {}))`,
    'b.test.ts': `it('passes too', () => {})`,
  })
  expect(lines).toEqual([
    'failed: fails',
    'skipped: cannot run: no bubblewrap here at all',
    'skipped: needs a Mac: no reason given',
    'skipped: on a Mac (skipped elsewhere) > denies: no reason given',
    '2 passed, 1 failed, 3 skipped',
  ])
})

it('a file that cannot be loaded and an error outside a test count as failures', () => {
  expect(lastLines({ 'a.test.ts': `import './nowhere.ts'\nit('never runs', () => {})` })).toEqual([
    '0 passed, 1 failed, 0 skipped',
  ])
  expect(
    lastLines({
      'a.test.ts': `it('passes', () => { Promise.reject(new Error('stray')); return new Promise((r) => setTimeout(r, 50)) })`,
    }),
  ).toEqual(['1 passed, 1 failed, 0 skipped'])
})

it('of a run that is cut, what it did counts and the file that was running is named', () => {
  const lines = lastLines(
    {
      'a.test.ts': `it('passes', () => {})\nit.skip('is left out', () => {})`,
      'b.test.ts': `import fs from 'node:fs'
it('passes before', () => {})
it('takes the whole run with it', async () => {
  const told = () => fs.readFileSync(process.env.LAUNCHER_TEST_RESULT, 'utf8')
  while (!told().includes('passes before') || !/"ended".*a\\.test\\.ts/.test(told()))
    await new Promise((resolve) => setTimeout(resolve, 10))
  process.kill(process.ppid, 'SIGKILL')
})
it('comes too late', () => new Promise(() => {}))`,
    },
    ['--pool=forks', '--maxWorkers=2'],
  )
  expect(lines).toEqual([
    'not finished: b.test.ts',
    'skipped: is left out: no reason given',
    '2 passed, 0 failed, 1 skipped',
  ])
})
