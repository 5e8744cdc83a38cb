import { Command } from 'commander'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyOptions } from '../../src/commands/policy-options.ts'
import { plainRun, RUN_FLAGS, TRIAL } from '../../src/commands/run-words.ts'
import { LauncherError } from '../../src/errors.ts'

const addRunFlags = (command: Command): Command =>
  [...RUN_FLAGS, TRIAL].reduce((all, { flag, text }) => all.option(flag, text), command)

/**
 * What commander makes of the words after `run`: the request and the flags, or the message of
 * launcher's own error.
 */
const byCommander = (words: readonly string[]) => {
  const policy = policyOptions()
  const program = new Command('launcher').version('1', '-V, --version').helpCommand(false)
  let seen: { name: string | undefined; flags: object } | undefined
  const run = addRunFlags(policy.addTo(program.command('run').argument('[name]'))).action(
    (name: string | undefined) => void (seen = { name, flags: flagsOf(run) }),
  )
  for (const command of [program, run])
    command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  try {
    program.parse(['run', ...words], { from: 'user' })
  } catch (error) {
    return error instanceof LauncherError ? error.message : undefined
  }
  return seen && { name: seen.name, flags: seen.flags, request: policy.request(seen.name, []) }
}

/** Its values for the policy's own flags are kept by the collector. */
const flagsOf = (command: Command): object => {
  const own = ['backend', 'dryRun', 'printProgram', 'json', 'quiet', 'exec', 'debug']
  return Object.fromEntries(
    Object.entries(command.opts<Record<string, unknown>>()).filter(([name]) => own.includes(name)),
  )
}

const byWords = (words: readonly string[]) => {
  const policy = policyOptions()
  try {
    const plain = plainRun(words, policy.flags)
    return plain && { ...plain, request: policy.request(plain.name, []) }
  } catch (error) {
    return error instanceof LauncherError ? error.message : undefined
  }
}

const WORDS = [
  'vibe',
  'default',
  '',
  '-',
  '-5',
  '-V',
  '-h',
  '--help',
  '--version',
  '--nope',
  '--network=none',
  '~/x',
  'A=1',
  'host',
  '8080',
]
const FLAGS = [
  ...policyOptions().flags.map(({ flag }) => flag.split(' ')[0]!),
  '--backend',
  '--dry-run',
  '--print-program',
  '--json',
  '--quiet',
  '--exec',
  '--debug',
]

describe('plainRun', () => {
  it('reads the usual words without commander', () => {
    expect(byWords(['vibe', '--dry-run', '--read', '/etc', '--backend', 'seatbelt'])).toMatchObject(
      {
        name: 'vibe',
        flags: { dryRun: true, backend: 'seatbelt' },
        request: { name: 'vibe', grants: [{ path: '/etc', access: 'read' }] },
      },
    )
  })

  it.each([
    [['--nope']],
    [['--network=none']],
    [['--read']],
    [['--read', '-V']],
    [['a', 'b']],
    [['-h']],
    [['vibe', '--version']],
  ])('leaves %j to commander', (words) => {
    const policy = policyOptions()
    expect(plainRun(words, policy.flags)).toBeUndefined()
    expect(policy.request(undefined, [])).toEqual(policyOptions().request(undefined, []))
  })

  it('never reads anything otherwise than commander', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...FLAGS), fc.constantFrom(...WORDS)), { maxLength: 6 }),
        (words) => {
          const plain = byWords(words)
          if (plain) expect(plain).toEqual(byCommander(words))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
