import { describe, expect, it } from 'vitest'
import { auditCommand } from '../../src/commands/audit/command.ts'
import type { CommandContext } from '../../src/commands/context.ts'
import { explainCommand } from '../../src/commands/explain/command.ts'
import { prepare } from '../../src/run/prepare.ts'
import { runCommand } from '../../src/commands/run.ts'
import { openKeychain } from '../../src/credentials/keychain.ts'
import { withKeychain } from '../../src/resolve/environment.ts'
import { readyToStart } from '../../src/run/ready.ts'
import { placeAt } from './harness.ts'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { dir, fakeHost, file, link } from '../fixtures/fake-host.ts'
import { machBytes } from '../fixtures/mach-bytes.ts'
import { program } from '../fixtures/uv-tool.ts'
import { shipped } from '../profile/harness.ts'

const VIBE: Request = { ...emptyRequest, name: 'vibe' }

/**
 * A Mac whose only copy of the agent's key is in the keychain; `asked` are the items that somebody
 * was asked for.
 */
const mac = (): CommandContext & { readonly asked: string[]; text: string } => {
  const asked: string[] = []
  const context = {
    host: fakeHost(
      {
        '/tmp': link('private/tmp'),
        '/private/tmp': dir(),
        '/Users/u/.local/bin/vibe': program(machBytes([])),
        '/Users/u/.vibe/config.toml': file('', { mode: 0o600 }),
        '/Users/u/p': dir(),
      },
      {
        platform: 'macos',
        home: '/Users/u',
        env: { PATH: '/Users/u/.local/bin:/usr/bin' },
        run: (tool, args) => {
          if (tool !== '/usr/bin/security') return undefined
          asked.push(args[args.indexOf('-a') + 1] ?? '')
          return 'the-key-itself\n'
        },
      },
    ),
    builtins: shipped,
    json: false,
    screen: { isTerminal: false, columns: 100 },
    asked,
    text: '',
    out: (text: string) => void (context.text += text),
    err: (text: string) => void (context.text += text),
  }
  return context
}

describe('the keychain, whose question is a window on the screen', () => {
  it.each<[string, (context: CommandContext) => Promise<number>]>([
    ['run --dry-run', (it) => runCommand(VIBE, { dryRun: true, json: false }, it)],
    ['run --dry-run --json', (it) => runCommand(VIBE, { dryRun: true, json: true }, it)],
    ['run --print-program', (it) => runCommand(VIBE, { printProgram: true, json: false }, it)],
    ['explain NAME', (it) => explainCommand(['vibe'], emptyRequest, {}, it)],
    [
      'explain NAME --program',
      (it) => explainCommand(['vibe'], emptyRequest, { program: true }, it),
    ],
    ['explain env NAME', (it) => explainCommand(['env', 'MISTRAL_API_KEY'], VIBE, {}, it)],
    ['explain PATH', (it) => explainCommand(['~/.ssh'], VIBE, {}, it)],
    ['audit', (it) => auditCommand(undefined, emptyRequest, { agentVersion: '2.25.8' }, it)],
  ])('is not asked by %s, which starts nothing', async (_, look) => {
    const context = mac()
    await look(context)
    expect(context.asked).toEqual([])
    expect(context.text).not.toContain('the-key-itself')
  })

  it.each([
    ['the contract', (it: CommandContext) => runCommand(VIBE, { dryRun: true, json: false }, it)],
    ['explain', (it: CommandContext) => explainCommand(['vibe'], emptyRequest, {}, it)],
    [
      'explain env',
      (it: CommandContext) => explainCommand(['env', 'MISTRAL_API_KEY'], VIBE, {}, it),
    ],
  ])('is named by %s as what will be asked', async (_, look) => {
    const context = mac()
    await look(context)
    const words = context.text.replace(/\s+/g, ' ')
    expect(words).toMatch(/MISTRAL_API_KEY.{0,100}keychain:ai\.mistral\.vibe\/MISTRAL_API_KEY/)
    expect(words).toMatch(/at the start/)
  })

  it('is asked once by a start, however often that looks again', async () => {
    const context = mac()
    const keychain = openKeychain(context.host)
    for (const id of ['r-1', 'r-2']) {
      const prepared = await prepare(VIBE, context, placeAt(`/private/tmp/${id}`, id))
      await readyToStart(prepared, { useExec: false, asks: false }, context.host)
      const { variables, waiting } = withKeychain(prepared.environment, keychain)
      expect(variables.find(({ name }) => name === 'MISTRAL_API_KEY')).toMatchObject({
        value: 'the-key-itself',
        source: 'keychain:ai.mistral.vibe/MISTRAL_API_KEY',
      })
      expect(waiting).toEqual([])
    }
    expect(context.asked).toEqual(['MISTRAL_API_KEY'])
  })
})
