import { isRootsProgram } from '../../machine/ownership.ts'
import type { Host } from '../../machine/host.ts'
import { absolute, type AbsolutePath, isAbsolutePath, isWithin } from '../../machine/paths.ts'

export type Support =
  | {
      readonly ok: true
      readonly file: AbsolutePath
      readonly signalReset: AbsolutePath | undefined
    }
  | {
      readonly ok: false
      readonly reason: string
      readonly hint: string
      readonly isNested: boolean
    }

/** /usr/bin first: Ubuntu's AppArmor exception is bound to that name. */
const PLACES = [
  '/usr/bin/bwrap',
  '/bin/bwrap',
  '/usr/local/bin/bwrap',
  '/run/current-system/sw/bin/bwrap',
]

/**
 * Where bubblewrap is, without starting it: a start costs as much as the sandbox itself, so what
 * only a start can tell is told by {@link diagnose} after a failure. `signalReset` is a GNU `env`,
 * which gives the agent back the signals its monitor ignores.
 */
export const findBubblewrap = (host: Host, project: AbsolutePath): Support => {
  if (host.platform !== 'linux') {
    return {
      ok: false,
      reason: 'bubblewrap is the backend for Linux',
      hint: 'leave out --backend',
      isNested: false,
    }
  }
  const places = [...PLACES, ...onPath(host, project)]
  const file = places.find((place) => isRootsProgram(host, place))
  if (!file || !isAbsolutePath(file)) {
    const doubtful = places.find((place) => host.stat(place)?.type === 'file')
    if (doubtful !== undefined) {
      return {
        ok: false,
        reason: `${doubtful} is not root's alone (owner ${host.stat(doubtful)?.uid ?? 'unknown'}): whoever can write it can open the gate. In a user namespace, as in a rootless container, root's files show as somebody else's`,
        hint: 'start launcher outside of it, or install bubblewrap as root',
        isNested: isNested(host),
      }
    }
    return {
      ok: false,
      reason: 'bubblewrap (bwrap) is not installed',
      hint: installHint(host),
      isNested: isNested(host),
    }
  }
  const env = host.stat('/usr/bin/env')
  return {
    ok: true,
    file,
    signalReset: env && !isBusybox(host) ? absolute('/usr/bin/env') : undefined,
  }
}

/**
 * util-linux's nsenter, as trusted as the gate itself; undefined where it is missing or only
 * busybox has it, which cannot keep its user.
 */
export const findNsenter = (host: Host): AbsolutePath | undefined => {
  const places = ['/usr/bin/nsenter', '/bin/nsenter', '/run/current-system/sw/bin/nsenter'].map(
    absolute,
  )
  return places.find(
    (place) => isRootsProgram(host, place) && host.readlink(place)?.includes('busybox') !== true,
  )
}

/**
 * What makes system calls for us, and our script for it: Perl, which is essential on Debian and
 * comes with git elsewhere, or Python.
 */
const CALLERS = [
  {
    places: ['/usr/bin/perl', '/bin/perl', '/run/current-system/sw/bin/perl'],
    words: [],
    script: 'calls.pl',
  },
  {
    places: ['/usr/bin/python3', '/bin/python3', '/run/current-system/sw/bin/python3'],
    words: ['-I', '-S'],
    script: 'calls.py',
  },
] as const

/**
 * The first of them that is there and as trusted as the gate itself; undefined where none is: then
 * mounts cannot be mended.
 */
export const findCaller = (
  host: Host,
): { readonly file: AbsolutePath; readonly args: readonly string[] } | undefined => {
  for (const { places, words, script } of CALLERS) {
    const file = places.find((place) => isRootsProgram(host, place))
    const source = `${host.installation}/shell/${script}`
    if (file !== undefined && isAbsolutePath(file) && host.stat(source)?.type === 'file')
      return { file, args: [...words, source] }
  }
  return undefined
}

const onPath = (host: Host, project: AbsolutePath): string[] =>
  (host.env['PATH'] ?? '')
    .split(':')
    .filter((entry) => isAbsolutePath(entry) && !isWithin(entry, project))
    .map((entry) => `${entry}/bwrap`)

const isBusybox = (host: Host): boolean =>
  host.readlink('/usr/bin/env')?.includes('busybox') === true

const isNested = (host: Host): boolean => host.env['LAUNCHER_RUN'] !== undefined

const INSTALL: readonly (readonly [string, string])[] = [
  ['/usr/bin/apt-get', 'sudo apt-get install bubblewrap'],
  ['/usr/bin/dnf', 'sudo dnf install bubblewrap'],
  ['/usr/bin/pacman', 'sudo pacman -S bubblewrap'],
  ['/usr/bin/zypper', 'sudo zypper install bubblewrap'],
  ['/sbin/apk', 'sudo apk add bubblewrap'],
]

const installHint = (host: Host): string =>
  INSTALL.find(([tool]) => host.stat(tool) !== undefined)?.[1] ??
  'install the package bubblewrap with your package manager'

/** Why a start of bubblewrap failed before the agent: asks it directly, so only after a failure. */
export const diagnose = (
  host: Host,
  file: AbsolutePath,
): { readonly reason: string; readonly hint: string } => {
  const restricted = host.read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 64)
  if (
    host.run(file, ['--unshare-user', '--ro-bind', '/', '/', '--', '/bin/true'], 5_000) ===
    undefined
  ) {
    if (restricted.ok && new TextDecoder().decode(restricted.bytes).trim() === '1') {
      return {
        reason: 'AppArmor on this system keeps unprivileged programs from making user namespaces',
        hint: 'install the AppArmor profile for bwrap (Ubuntu: apt install apparmor-profiles; see /etc/apparmor.d/bwrap-userns-restrict), or sysctl kernel.apparmor_restrict_unprivileged_userns=0',
      }
    }
    return {
      reason:
        'the kernel lets bubblewrap make no user namespace here (a container, a sandbox, or a sysctl)',
      hint: 'launcher cannot start an agent inside another sandbox or an unprivileged container: start it outside',
    }
  }
  const version = host.run(file, ['--version'], 5_000)?.trim() ?? 'unknown version'
  if (
    host.run(
      file,
      ['--unshare-user', '--disable-userns', '--ro-bind', '/', '/', '--', '/bin/true'],
      5_000,
    ) === undefined
  ) {
    return {
      reason: `this bubblewrap (${version}) cannot switch off nested user namespaces`,
      hint: 'bubblewrap 0.8.0 or newer is needed',
    }
  }
  return {
    reason: `bubblewrap (${version}) refused the mounts of this policy`,
    hint: 'its own message stands above; `launcher run --print-program` shows the plan',
  }
}
