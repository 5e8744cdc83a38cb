import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface StandIn {
  readonly bin: string
  readonly home: string
  /** What the last call was given, its name first. */
  calls(): readonly (readonly string[])[]
  /** Runs a program with the stand-ins first on PATH and a home of its own. */
  run(
    file: string,
    args: readonly string[],
    input?: string,
  ): { readonly status: number | null; readonly stdout: string; readonly stderr: string }
  remove(): void
}

/**
 * Programs on PATH that write down their arguments, each ended by NUL and each call by a double
 * NUL, and nothing else. `launcher profiles` prints `profiles`.
 */
export const standIn = (programs: readonly string[], profiles: readonly string[] = []): StandIn => {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-shell-')))
  const bin = path.join(home, 'bin')
  const log = path.join(home, 'calls')
  fs.mkdirSync(bin)
  fs.writeFileSync(path.join(home, 'profiles'), profiles.map((name) => `${name}\n`).join(''))
  for (const program of programs) {
    const script = `#!/bin/sh
if [ "$1" = profiles ]; then cat '${home}/profiles'; exit; fi
{ printf '%s\\0' ${program} "$@"; printf '\\001\\0'; } >> '${log}'
exit 7
`
    fs.writeFileSync(path.join(bin, program), script, { mode: 0o755 })
  }
  return {
    bin,
    home,
    calls: () => (fs.existsSync(log) ? parseCalls(fs.readFileSync(log, 'utf8')) : []),
    run: (file, args, input) => {
      // macOS's bash has a word about zsh for interactive shells.
      const env = {
        BASH_SILENCE_DEPRECATION_WARNING: '1',
        HOME: home,
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        LANG: 'C.UTF-8',
        TERM: 'dumb',
        ZDOTDIR: home,
        XDG_CONFIG_HOME: `${home}/config`,
        XDG_DATA_HOME: `${home}/data`,
      }
      const { status, stdout, stderr } = spawnSync(file, [...args], {
        cwd: home,
        encoding: 'utf8',
        env,
        input: input ?? '',
        timeout: 30_000,
      })
      return { status, stdout, stderr }
    },
    remove: () => fs.rmSync(home, { recursive: true, force: true }),
  }
}

const parseCalls = (text: string): string[][] =>
  text
    .split('\u0001\0')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1))

export const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
