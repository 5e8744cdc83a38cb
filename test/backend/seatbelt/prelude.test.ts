import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { PRELUDE } from '../../../profiles/seatbelt/prelude.sb'
import { FEATURES as KNOWN } from '../../../src/backend/seatbelt/prelude.ts'
import { readPrelude } from '../../../src/backend/seatbelt/read-prelude.ts'
import { read } from '../../../src/backend/seatbelt/sbpl/reader.ts'
import { checkProfile } from '../../../src/backend/seatbelt/sbpl/check.ts'
import { compileSeatbelt } from '../../../src/backend/seatbelt/program.ts'
import { compile } from '../../../src/backend/seatbelt/sbpl/compile.ts'
import { OPERATIONS } from '../../../src/backend/seatbelt/sbpl/operations.ts'
import { policyOf } from './worlds.ts'

const FEATURES = Object.keys(KNOWN)

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
const text = readFileSync(new URL('../../../profiles/seatbelt/prelude.sb', import.meta.url), 'utf8')
const service = (name: string) => ({ 'global-name': name })

describe('the prelude', () => {
  it('denies by name, or leaves allowed with a reason, each operation that (deny default) does not cover', () => {
    const open = Object.entries(OPERATIONS)
      .filter(([, { builtin }]) => builtin === 'allow')
      .map(([name]) => name)
    const denied = PRELUDE.rules
      .filter(({ action, filters }) => action === 'deny' && filters.length === 0)
      .flatMap(({ operations }) => operations)
    expect(open.filter((name) => !denied.includes(name)).sort()).toEqual(
      PRELUDE.leftOpen.map(({ operation }) => operation).sort(),
    )
  })

  it('gives a reason for each line and names every feature', () => {
    const lines = PRELUDE.rules
    for (const { why, needs } of lines)
      expect([why.length > 3, /^[ -~]+$/.test(why), needs.length > 0]).toEqual([true, true, true])
    expect(
      FEATURES.filter(
        (feature) => !lines.some(({ needs }) => needs.some((need) => need === feature)),
      ),
      // Its folders are those above the project: entries of the policy.
    ).toEqual(['bun'])
    expect(() =>
      compileSeatbelt(policyOf({ features: [...FEATURES], mode: 'host' }), { runId: 'r' }),
    ).not.toThrow()
    // A hexadecimal ioctl number made sandbox-exec abort without a word (macOS 26.6).
    expect(lines.flatMap(({ filters }) => filters).filter((text) => text.includes('#x'))).toEqual(
      [],
    )
  })

  it('is a profile by itself, in which nothing is wrong', () => {
    expect(
      checkProfile(text, { TTY: '/dev/ttys003' }).filter(({ severity }) => severity !== 'notice'),
    ).toEqual([])
  })

  it('names for each rule the line it stands on', () => {
    const lines = text.split('\n')
    for (const { line, operations, ifDefined } of PRELUDE.rules)
      expect(`${lines[line - 1]} ${lines[line]}`).toContain(ifDefined ?? operations[0])
    const { origins } = compileSeatbelt(policyOf({}), { runId: 'r' })
    expect(lines[(origins[1]?.origin.line ?? 0) - 1]).toBe('(deny default)')
    expect(origins.every(({ origin }) => origin.file === 'profiles/seatbelt/prelude.sb')).toBe(true)
  })

  it.each<[string, string, RegExp]>([
    ['no frame', '(allow signal)', /must come first/],
    ['no heading', '; why\n(allow signal)', /line 5 has no heading/],
    ['an unknown need', ';;; alwasy: x\n; why\n(allow signal)', /line 6 .* unknown need: alwasy/],
    ['no reason', ';;; always: x\n(allow signal)', /line 5 has no comment/],
    ['no rule', ';;; always: x\n; why\n(define x 1)', /line 6 is no rule/],
    ['another guard', ';;; always: x\n; why\n(if #t (allow signal))', /line 6 is no rule behind/],
    ['an accent', '; \u00e9', /ASCII/],
    ['text in the list of what is left open', ';;; left open\n; x', /line 5 is no operation/],
  ])('refuses %s', (what, body, problem) => {
    const frame = what === 'no frame' ? '' : '; head\n(version 1)\n(deny default)\n'
    expect(() => readPrelude(`${frame}${body}`, read)).toThrow(problem)
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
      'TIOCSTI on the inherited terminal: the filter is inert, the platform refuses',
      'file-ioctl',
      { path: '/dev/ttys003', 'ioctl-command': 0x8001_7472 },
      true,
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
    [
      'whether it exists (a denial keeps all from starting)',
      'file-test-existence',
      { path: '/x' },
      true,
    ],
    ['the link /etc', 'file-read-metadata', { path: '/etc' }, true],
    ['what /etc holds', 'file-read-data', { path: '/private/etc' }, false],
    ['the link /tmp', 'file-read-metadata', { path: '/tmp' }, true],
    ['the link /var', 'file-read-metadata', { path: '/var' }, true],
    ['the link /home', 'file-read-metadata', { path: '/home' }, true],
    ['/private/tmp', 'file-read-metadata', { path: '/private/tmp' }, true],
    ['the names in /private/tmp', 'file-read-data', { path: '/private/tmp' }, false],
    ['a file in /private/tmp', 'file-read-metadata', { path: '/private/tmp/x' }, false],
    ['compiling at run time', 'dynamic-code-generation', {}, true],
    ['firmware variables', 'nvram-get', {}, false],
    ['mounting a snapshot', 'fs-snapshot-mount', { path: '/' }, false],
    ['making one', 'fs-snapshot-create', { path: '/' }, false],
    ['a graft', 'file-graft', { path: '/p' }, false],
    ['taking one away', 'file-ungraft', { path: '/p' }, false],
    ['quotas', 'fs-quota-on', {}, false],
    ['a mount', 'file-mount', { path: '/p' }, false],
    ['a device', 'file-mknod', { path: '/p/d' }, false],
    ['locks', 'file-lock', { path: '/p/x' }, true],
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
