import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { Operation } from '../../src/policy/model.ts'
import { at } from '../policy/builders.ts'
import { kernel, runInside, SECOND_UID, skipReason } from './kernel.ts'
import { withBase } from './machine.ts'

const PROBE = fs.readFileSync(new URL('probe.cjs', import.meta.url), 'utf8')
const reason =
  skipReason() ??
  (process.platform === 'linux' ? undefined : 'macOS has no /proc, and its /dev is the prelude’s')
const policy = withBase({})

const ASKED: readonly (readonly [Operation, string])[] = [
  ['list', '/proc'],
  ['read', '/proc/self/status'],
  ['read', '/proc/sys/kernel/core_pattern'],
  ['write', '/proc/sys/kernel/core_pattern'],
  ['write', '/proc/sys/kernel/hostname'],
  ['write', '/proc/sys/vm/drop_caches'],
  ['write', '/proc/self/oom_score_adj'],
  ['chmod', '/proc'],
  ['create', '/proc/x'],
  ['mkdir', '/proc/x'],
  ['list', '/dev'],
  ['list', '/dev/shm'],
  ['list', '/dev/pts'],
  ['write', '/dev/null'],
  ['write', '/dev/zero'],
  ['create', '/dev/shm/x'],
  ['mkdir', '/dev/shm/x'],
  ['create', '/dev/x'],
  ['mkdir', '/dev/x'],
  ['symlink', '/dev/x'],
  ['chmod', '/dev'],
  ['unlink', '/dev/null'],
  ['rename-from', '/dev/null'],
]

describe.skipIf(reason !== undefined)('/dev and /proc, which the backend makes', () => {
  it.each([undefined, ...(SECOND_UID === undefined ? [] : [SECOND_UID])])(
    'are as decide() says, kernel settings included (uid %s)',
    async (uid) => {
      const decider = compilePolicy(policy)
      const answers = (await runInside(
        policy,
        { script: PROBE, input: ASKED.map(([operation, path]) => [operation, path]) },
        uid === undefined ? {} : { uid },
      )) as string[]
      const differ = ASKED.filter(
        ([operation, path], index) =>
          decider.decide(operation, at(path)).allowed !== (answers[index] === 'ok'),
      )
      expect(differ).toEqual([])
    },
  )

  it.skipIf(SECOND_UID === undefined)(
    'root changes no kernel setting through an open that works outside',
    async () => {
      const setting = '/proc/sys/kernel/core_pattern'
      expect((await kernel.start(policy, ['/bin/sh', '-c', `: >> ${setting}`], {})).code).not.toBe(
        0,
      )
      expect(() => fs.closeSync(fs.openSync(setting, 'a'))).not.toThrow()
    },
  )
})
