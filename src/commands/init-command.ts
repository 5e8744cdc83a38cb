import { LauncherError } from '../errors.ts'
import { bashCompletion } from './completions/bash.ts'
import { fishCompletion } from './completions/fish.ts'
import { zshCompletion } from './completions/zsh.ts'
import type { CommandContext } from './context.ts'
import { initShell } from './init.ts'

const COMPLETIONS = { bash: bashCompletion, fish: fishCompletion, zsh: zshCompletion } as const

/**
 * `launcher init SHELL`: wrappers for the agents that are installed, and completions, as text for
 * `eval`.
 */
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
  out(initShell(shell, installed, { completion: COMPLETIONS[shell]() }))
  return 0
}
