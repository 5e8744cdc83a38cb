// `npm run check`: format, lint and types must be right, and nothing may be there that nothing uses (knip). Each is also a command of its own.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { ROOT } from './root.mjs'
import { complain, say } from './say.mjs'
import { ensureModules, requireNode, setUp } from './setup.mjs'

const STEPS = [
  { name: 'format', file: '@biomejs/biome/bin/biome', words: ['format'] },
  { name: 'lint', file: '@biomejs/biome/bin/biome', words: ['lint', '--error-on-warnings'] },
  { name: 'types', file: 'typescript/bin/tsc', words: ['--noEmit'] },
  { name: 'unused', file: 'knip/bin/knip.js', words: ['--config', '.knip.jsonc'] },
]

/** True when the step's program ends well. */
const passes = ({ file, words }) =>
  spawnSync(process.execPath, [path.join(ROOT, 'node_modules', file), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
  }).status === 0

if (await setUp([requireNode, ensureModules], 1)) {
  for (const step of STEPS) {
    if (passes(step)) say(`${step.name}: right`)
    else {
      complain(`${step.name}: wrong`)
      process.exitCode = 1
    }
  }
}
