import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FEATURES, LEFT_ALLOWED, PRELUDE } from '../../../src/backend/seatbelt/prelude.ts'
import { compileSeatbelt } from '../../../src/backend/seatbelt/program.ts'
import { compile } from '../../../src/backend/seatbelt/sbpl/compile.ts'
import { OPERATIONS } from '../../../src/backend/seatbelt/sbpl/operations.ts'
import { policyOf } from './worlds.ts'

const verdict = (
  features: readonly string[],
  operation: string,
  facts: Record<string, string | number>,
  mode: 'none' | 'host' = 'none',
): boolean => {
  const { profile, params } = compileSeatbelt(policyOf({ features: [...features], mode }), {
    runId: 'r',
    tty: '/dev/ttys003',
  })
  return compile(
    profile,
    Object.fromEntries(params.map(({ name, value }) => [name, value])),
  ).decide(operation, facts).allowed
}
const service = (name: string) => ({ 'global-name': name })

describe('the prelude', () => {
  it('denies by name, or leaves allowed with a reason, each operation that (deny default) does not cover', () => {
    const open = Object.entries(OPERATIONS)
      .filter(([, { builtin }]) => builtin === 'allow')
      .map(([name]) => name)
    const denied = PRELUDE.flatMap(({ lines }) => lines)
      .filter(({ action, filters }) => action === 'deny' && filters.length === 0)
      .flatMap(({ operations }) => operations)
    expect(open.filter((name) => !denied.includes(name)).sort()).toEqual(
      LEFT_ALLOWED.map(({ operation }) => operation).sort(),
    )
  })

  it('gives a reason for each line and names every feature', () => {
    const lines = PRELUDE.flatMap(({ lines: all }) => all)
    for (const { why, needs } of lines)
      expect([why.length > 3, /^[ -~]+$/.test(why), needs.length > 0]).toEqual([true, true, true])
    expect(
      FEATURES.filter((feature) => !lines.some(({ needs }) => needs.includes(feature))),
    ).toEqual([])
    expect(() =>
      compileSeatbelt(policyOf({ features: [...FEATURES], mode: 'host' }), { runId: 'r' }),
    ).not.toThrow()
    expect(
      readFileSync(new URL('../../../src/backend/seatbelt/prelude.ts', import.meta.url), 'utf8'),
    ).toMatch(/^[\n -~]*$/)
    // A hexadecimal ioctl number made sandbox-exec abort without a word (macOS 26.6).
    expect(lines.flatMap(({ filters }) => filters).filter((text) => text.includes('#x'))).toEqual(
      [],
    )
  })

  it.each<[string, string, Record<string, string | number>, boolean, string]>([
    [
      'launch services',
      'mach-lookup',
      service('com.apple.coreservices.launchservicesd'),
      false,
      'launch-services',
    ],
    ['open(1)', 'lsopen', {}, false, 'launch-services'],
    ['Apple events', 'appleevent-send', {}, false, 'apple-events'],
    ['the pasteboard', 'mach-lookup', service('com.apple.pasteboard.1'), false, 'pasteboard'],
    ['the keychain', 'mach-lookup', service('com.apple.SecurityServer'), false, 'keychain'],
    ['trustd', 'mach-lookup', service('com.apple.trustd.agent'), false, 'go-tls'],
    ['file events', 'mach-lookup', service('com.apple.FSEvents'), false, 'watchers'],
    ['semaphores', 'ipc-posix-sem-create', { 'ipc-posix-name': '/x' }, false, 'multiprocessing'],
    [
      'names of Chromium',
      'mach-register',
      service('org.chromium.Chromium.MachPortRendezvousServer.1'),
      false,
      'browser-tests',
    ],
    [
      'configd (uv)',
      'mach-lookup',
      service('com.apple.SystemConfiguration.configd'),
      true,
      'watchers',
    ],
    ['users', 'mach-lookup', service('com.apple.system.opendirectoryd.libinfo'), true, 'watchers'],
  ])('%s: %s', (_, operation, facts, byDefault, feature) => {
    expect(verdict([], operation, facts)).toBe(byDefault)
    expect(verdict([feature], operation, facts)).toBe(true)
    if (!byDefault)
      expect(
        verdict(
          FEATURES.filter(
            (other) =>
              other !== feature && !(operation.startsWith('ipc') && other === 'browser-tests'),
          ),
          operation,
          facts,
        ),
      ).toBe(false)
  })

  it.each<[string, string, Record<string, string | number>, boolean]>([
    ['the inherited terminal', 'file-ioctl', { path: '/dev/ttys003' }, true],
    ['another terminal', 'file-write-data', { path: '/dev/ttys004' }, false],
    ['another terminal, by ioctl', 'file-ioctl', { path: '/dev/ttys004' }, false],
    [
      'TIOCSTI on the inherited terminal',
      'file-ioctl',
      { path: '/dev/ttys003', 'ioctl-command': 0x8001_7472 },
      false,
    ],
    ['arguments of processes', 'sysctl-read', { 'sysctl-name': 'kern.procargs2' }, false],
    ['arguments of one process', 'sysctl-read', { 'sysctl-name': 'kern.procargs2.12' }, false],
    ['number of processors', 'sysctl-read', { 'sysctl-name': 'hw.ncpu' }, true],
    ['state of another process', 'process-info-pidinfo', { target: 'others' }, false],
    ['state of a child', 'process-info-pidinfo', { target: 'same-sandbox' }, true],
    ['a signal to another process', 'signal', { target: 'others' }, false],
    ['the root directory', 'file-read-data', { path: '/' }, true],
    ['a name in the root directory', 'file-read-metadata', { path: '/Users' }, false],
    ['a link to a file that is not granted', 'file-link', { path: '/x' }, false],
    ['a clone of it', 'file-clone', { path: '/x' }, false],
    ['code from it', 'file-map-executable', { path: '/x' }, false],
    ['whether it exists', 'file-test-existence', { path: '/x' }, false],
    ['compiling at run time', 'dynamic-code-generation', {}, true],
    ['firmware variables', 'nvram-get', {}, false],
    ['jobs of launchd', 'job-creation', {}, false],
    [
      'preferences of an application',
      'user-preference-read',
      { 'preference-domain': 'com.apple.Terminal' },
      false,
    ],
    ['writing preferences', 'user-preference-write', { 'preference-domain': 'x' }, false],
    ['/dev/null', 'file-write-data', { path: '/dev/null' }, true],
    ['setuid bits', 'file-write-setugid', { path: '/dev/null' }, false],
  ])('%s', (_, operation, facts, allowed) => expect(verdict([], operation, facts)).toBe(allowed))
})
