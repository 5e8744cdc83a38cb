import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { seatbeltArgv } from '../../src/backend/seatbelt/launch-plan.ts'
import type { Kernel } from './kernel.ts'
import { sharedProbe } from './machine.ts'
import { seatbeltProgram } from './seatbelt.ts'

const PROGRAM = '/usr/bin/sandbox-exec'

/**
 * macOS: the generated profile given to sandbox-exec. Written from its documentation and not yet
 * run on a Mac.
 */
export const seatbeltKernel: Kernel = {
  name: 'sandbox-exec',
  unavailable: () => (fs.existsSync(PROGRAM) ? undefined : 'sandbox-exec is not here'),
  start: (policy, argv, options) => {
    const program = seatbeltProgram(policy)
    const file = path.join(sharedProbe(), 'profile.sb')
    fs.writeFileSync(file, program.profile)
    const [command, ...words] = seatbeltArgv(program, file, argv)
    const done = spawnSync(command ?? PROGRAM, words, {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      ...(options.stdin === undefined
        ? { input: options.input ?? '' }
        : { stdio: [options.stdin, 'pipe', 'pipe'] as const }),
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    })
    return Promise.resolve({ code: done.status ?? 255, stdout: done.stdout, stderr: done.stderr })
  },
}
