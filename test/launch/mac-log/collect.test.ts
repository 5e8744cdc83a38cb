import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openMacLog } from '../../../src/launch/mac-log/collect.ts'
import type { MacLogEvent } from '../../../src/launch/mac-log/parser.ts'

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-mac-log-'))
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))

const RECORD = JSON.stringify({
  processID: 0,
  senderImagePath: '/System/Library/Extensions/Sandbox.kext/Contents/MacOS/Sandbox',
  eventMessage: 'Sandbox: cat(9) deny(1) file-read-data /x\nlauncher-1',
  timestamp: '2026-09-05 23:01:34.988314-0500',
})

/** A program that stands in for `log`. */
const standIn = (name: string, body: string): string => {
  const file = path.join(scratch, name)
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

describe('the collector', () => {
  it.each(['', ' >&2'])(
    'is ready when the stream says so (%s), and tells what came before it was stopped',
    async (where) => {
      const events: MacLogEvent[] = []
      const log = openMacLog(
        'launcher-1',
        { onEvent: (event) => events.push(event) },
        standIn(
          `live${where.length}`,
          `echo 'Filtering the log data using "x"'${where}\nprintf '%s\\n' '${RECORD.replaceAll('\\', '\\\\').replaceAll('%', '%%')}' | sed 's/\\\\\\\\/\\\\/g'\nexec sleep 600`,
        ),
      )
      expect(await log.ready).toBeUndefined()
      expect(await log.stop()).toEqual({ lost: 0, unreadable: 0, unattributed: 0, withheld: 0 })
      expect(events).toMatchObject([
        {
          program: 'cat',
          operation: 'read',
          target: '/x',
          at: Date.parse('2026-09-06T04:01:34.988Z'),
        },
      ])
    },
  )

  it.each([
    // https://github.com/timrogers/litra-autotoggle/issues/119
    [
      'a user who is no administrator',
      'echo "log: Must be admin to run \'stream\' command" >&2; exit 77',
      'administrator',
    ],
    // https://github.com/yonatangross/orchestkit/pull/3631
    [
      'a sandbox around it',
      "echo 'log: Cannot run while sandboxed' >&2; exit 64",
      'inside a sandbox',
    ],
    ['anything else', 'exit 3', 'ended with 3'],
  ])('says why the log cannot be read: %s', async (name, body, words) => {
    const log = openMacLog(
      'launcher-1',
      { onEvent: () => undefined },
      standIn(name.replaceAll(' ', '-'), body),
    )
    expect((await log.ready)?.reason).toContain(words)
    await log.stop()
  })

  it('says that there is no log at all', async () => {
    const log = openMacLog('launcher-1', { onEvent: () => undefined }, path.join(scratch, 'absent'))
    expect((await log.ready)?.reason).toContain('127')
    await log.stop()
  })
})
