import type { Host } from '../../machine/host.ts'

/** Whether this machine can enforce a Seatbelt program now. */
export type SeatbeltSupport =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly hint: string; readonly nested: boolean }

/** Always by absolute path: a `sandbox-exec` found on PATH could be anything. */
export const SANDBOX_EXEC = '/usr/bin/sandbox-exec'

/**
 * Looks before starting: a profile that allows everything can be refused for one reason only, a
 * sandbox around us.
 */
export const probeSeatbelt = (host: Host): SeatbeltSupport => {
  if (host.platform !== 'macos') {
    return {
      ok: false,
      nested: false,
      reason: 'Seatbelt exists on macOS only',
      hint: 'use --backend bubblewrap on Linux',
    }
  }
  if (host.stat(SANDBOX_EXEC)?.type !== 'file' || !host.canAccess(SANDBOX_EXEC, 'execute')) {
    return {
      ok: false,
      nested: false,
      reason: `${SANDBOX_EXEC} is not there or cannot be executed`,
      hint: 'it is part of macOS: check the system with your administrator',
    }
  }
  if (
    host.run(SANDBOX_EXEC, ['-p', '(version 1)(allow default)', '/usr/bin/true'], PROBE_MS) ===
    undefined
  ) {
    return {
      ok: false,
      nested: true,
      reason:
        'macOS refused to start a sandbox: launcher is most likely running inside one already, and Seatbelt cannot be nested',
      hint: 'start launcher from a plain terminal, or switch off the sandbox of the program around it; no path grant helps',
    }
  }
  return { ok: true }
}

/** A nested sandbox-exec was seen to hang. */
const PROBE_MS = 5_000
