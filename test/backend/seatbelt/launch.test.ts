import { describe, expect, it } from 'vitest'
import { seatbeltArgv } from '../../../src/backend/seatbelt/launch-plan.ts'
import { compileSeatbelt } from '../../../src/backend/seatbelt/program.ts'
import { probeSeatbelt } from '../../../src/backend/seatbelt/support.ts'
import type { Host, Stat } from '../../../src/machine/host.ts'
import { grant, policyOf } from './worlds.ts'

const hostOf = (parts: Partial<Host>): Host =>
  ({
    platform: 'macos',
    stat: () => ({ type: 'file' }) as Stat,
    canAccess: () => true,
    run: () => '',
    ...parts,
  }) as Host

describe('probeSeatbelt', () => {
  it.each<[string, Partial<Host>, object]>([
    ['a Mac', {}, { ok: true }],
    ['Linux', { platform: 'linux' }, { ok: false, nested: false }],
    ['no sandbox-exec', { stat: () => undefined }, { ok: false, nested: false }],
    [
      'sandbox-exec that cannot be executed',
      { canAccess: () => false },
      { ok: false, nested: false },
    ],
    ['inside a sandbox', { run: () => undefined }, { ok: false, nested: true }],
  ])('%s', (_, parts, wanted) => expect(probeSeatbelt(hostOf(parts))).toMatchObject(wanted))

  it('asks by absolute path', () => {
    const calls: unknown[] = []
    probeSeatbelt(hostOf({ run: (file, args) => (calls.push([file, ...args]), '') }))
    expect(calls).toEqual([
      ['/usr/bin/sandbox-exec', '-p', '(version 1)(allow default)', '/usr/bin/true'],
    ])
  })
})

describe('seatbeltArgv', () => {
  const program = compileSeatbelt(policyOf({ grants: [grant('/w/a=b "c"', 'read')] }), {
    runId: 'r',
    tty: '/dev/ttys001',
  })

  it('keeps every word as it is', () => {
    expect(seatbeltArgv(program, '/state/r.sb', ['/bin/x', '-D', '$(y)'])).toEqual([
      '/usr/bin/sandbox-exec',
      '-f',
      '/state/r.sb',
      '-D',
      'TTY=/dev/ttys001',
      '-D',
      'P1=/w/a=b "c"',
      '-D',
      'P2=/w',
      '--',
      '/bin/x',
      '-D',
      '$(y)',
    ])
  })

  it('refuses what execve would', () => {
    expect(() => seatbeltArgv(program, '/f', ['x'.repeat(900_000)])).toThrow(
      expect.objectContaining({ code: 'E_LIMIT' }),
    )
  })
})
