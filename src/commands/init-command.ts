import { LauncherError } from '../errors.ts'
import { join } from '../machine/paths.ts'
import type { CommandContext } from './context.ts'
import { initShell } from './init.ts'

const FILES = {
  zsh: 'shell/completions/_launcher',
  bash: 'shell/completions/launcher.bash',
  fish: 'shell/completions/launcher.fish',
} as const

/** `launcher init SHELL`: wrappers for the agents that are installed, and completions, as text for `eval`. */
export const initCommand = async (
  shell: string,
  { host, builtins, out }: CommandContext,
): Promise<number> => {
  if (shell !== 'zsh' && shell !== 'bash' && shell !== 'fish') {
    throw new LauncherError('E_USAGE', `${shell} is not a shell launcher knows`, {
      hint: 'zsh, bash or fish',
    })
  }
  const search = (host.env['PATH'] ?? '').split(':').filter((entry) => entry.startsWith('/'))
  const isInstalled = (command: string): boolean =>
    search.some((entry) => host.canAccess(`${entry}/${command}`, 'execute'))
  const installed = [...builtins.profiles.entries()].flatMap(([name, { command }]) =>
    command !== undefined && isInstalled(command.value)
      ? [{ name: name.replace(/^agents\//, ''), command: command.value }]
      : [],
  )
  const completion = host.read(join(host.installation, FILES[shell]), 262_144)
  out(
    initShell(shell, installed, {
      completion: completion.ok ? new TextDecoder().decode(completion.bytes) : '',
    }),
  )
  return 0
}
