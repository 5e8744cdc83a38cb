// `npm test [-- words for vitest]`: set-up, types, tests of the lanes unit and kernel; `--project NAME` chooses others.
// The last line is always the counts; a step that fails counts as one failure.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ROOT } from './root.mjs'
import { complain, say, seconds } from './say.mjs'
import { ensureBuild, ensureModules, offerTestPrograms, requireNode, setUp } from './setup.mjs'
import { readResults, summary } from './test/summary.mjs'

/** Far from what they take: three minutes on a quiet machine. */
const MINUTES = Number(process.env.LAUNCHER_TEST_MINUTES) || 40

const FAILED = { passed: 0, failed: 1, skipped: [] }
const LANES = ['--project', 'unit', '--project', 'kernel']

const checkTypes = () => {
  const start = performance.now()
  const { status } = spawnSync(
    process.execPath,
    [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit'],
    { cwd: ROOT, stdio: 'inherit' },
  )
  if (status === 0) say(`types are right (tsc, ${seconds(start)})`)
  else complain('types are wrong (tsc)')
  return status === 0
}

const runTests = async (words) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-test-'))
  const file = path.join(scratch, 'results.jsonl')
  fs.writeFileSync(file, '')
  const args = [
    'run',
    '-c',
    'test/vitest.config.ts',
    '--reporter=default',
    `--reporter=${path.join(ROOT, 'shell/test/reporter.mjs')}`,
  ]
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args, ...words],
    {
      cwd: ROOT,
      env: { ...process.env, LAUNCHER_TEST_RESULT: file },
      stdio: 'inherit',
    },
  )
  const deadline = setTimeout(() => {
    complain(`the tests took more than ${MINUTES} minutes and were stopped`)
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref()
  }, MINUTES * 60_000)
  // Ctrl-C reaches vitest through the terminal; this stays to print the counts and remove its directory.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(deadline)
  const result = readResults(fs.readFileSync(file, 'utf8'))
  fs.rmSync(scratch, { recursive: true, force: true })
  // Vitest also fails for what is no test: nothing found, a broken configuration, a stop.
  const isCut = !result.isWhole || (code !== 0 && result.failed === 0)
  return isCut ? { ...result, failed: result.failed + 1 } : result
}

const words = process.argv.slice(2)
const isChosen = words.some((word) => /^--project\b/.test(word))
const isWorldAlone = /^--project[= ]world$/.test(words.slice(0, 2).join(' '))
let result = FAILED
if (await setUp([requireNode, ensureModules, offerTestPrograms, ensureBuild], 1)) {
  const typesAreRight = isWorldAlone || checkTypes()
  result = await runTests(isChosen ? words : [...LANES, ...words])
  if (!typesAreRight) result = { ...result, failed: result.failed + 1 }
}
process.stdout.write(`${summary(result).join('\n')}\n`)
process.exitCode = result.failed === 0 ? 0 : 1
