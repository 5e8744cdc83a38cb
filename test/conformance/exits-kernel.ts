import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { inside, launcherCommand, newWorld, type User, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'

const inWorld = (body: (world: World) => Promise<void> | void) => async (user: User) => {
  const world = newWorld(user)
  try {
    await body(world)
  } finally {
    world.remove()
  }
}

conformsInKernel(
  'P14',
  inWorld(async (world) => {
    world.put('work/project/text', 'x\n')
    const scripts: Record<string, number> = {
      'exit 0': 0,
      'exit 1': 1,
      'exit 7': 7,
      'exit 255': 255,
      './text': 126,
      'no-such-command': 127,
      'kill -TERM $$': 143,
      'kill -KILL $$': 137,
      'kill -INT $$': 130,
      'kill -HUP $$': 129,
      'kill -SEGV $$': 139,
    }
    const found: Record<string, number> = {}
    for (const script of Object.keys(scripts))
      found[script] = (await inside(world, `ulimit -c 0; ${script}`)).code
    expect(found).toEqual(scripts)
  }),
  { part: 'codes' },
)

/** Words that no shell has seen. */
const started = (
  world: World,
  words: readonly string[],
  flags: readonly string[] = [],
  stdin: string | undefined = undefined,
  redirections = '',
): { status: number | null; stdout: string; stderr: string } => {
  const { file, args, options } = launcherCommand(world, [
    'run',
    '--quiet',
    ...flags,
    '--',
    ...words,
  ])
  const [program, all] =
    redirections === ''
      ? [file, args]
      : ['bash', ['-c', `exec ${redirections}; exec "$@"`, 'bash', file, ...args]]
  return spawnSync(program, all, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 16 << 20,
    ...(stdin === undefined ? {} : { input: stdin }),
  })
}

conformsInKernel(
  'P14',
  inWorld((world) => {
    expect(started(world, ['/bin/cat'], [], 'piped\n').stdout).toBe('piped\n')
    expect(
      started(world, ['/bin/sh', '-c', 'wc -c'], [], 'x'.repeat(2_000_000)).stdout.trim(),
    ).toBe('2000000')
    expect(started(world, ['/bin/sh', '-c', 'echo fine'], [], undefined, '<&-')).toMatchObject({
      stdout: 'fine\n',
      status: 0,
    })
    expect(
      started(world, ['/bin/sh', '-c', 'exit 7'], [], undefined, '<&- >&- 2>&-'),
    ).toMatchObject({ status: 7 })
    // The reader goes first: the agent ends by SIGPIPE or an error, and launcher ends with it.
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      'while echo line; do :; done 2> /dev/null; exit 3',
    ])
    const piped = spawnSync(
      'bash',
      ['-c', '"$@" | head -n 1; echo "${PIPESTATUS[0]}"', 'bash', file, ...args],
      { ...options, encoding: 'utf8', timeout: 280_000 },
    )
    expect(piped.stdout).toMatch(/^line\n(3|141)\n$/)
  }),
  { part: 'standard streams' },
)

conformsInKernel(
  'P14',
  inWorld((world) => {
    const count = ['/bin/sh', '-c', 'echo "$# ${#1} ${#ODD}"; printf "%s" "$2" | od -An -c', 'sh']
    const odd = 'a\n"\'\\ é$x'
    // 500 KB in all, in words below the 128 KB that Linux takes for one.
    const words = [
      'x'.repeat(100_000),
      odd,
      ...Array.from({ length: 4 }, () => 'y'.repeat(100_000)),
    ]
    const direct = world.outside(count[0]!, [...count.slice(1), ...words])
    const found = started(world, [...count, ...words], ['--env', `ODD=${'z'.repeat(90_000)}`])
    expect(found.status, found.stderr).toBe(0)
    expect(found.stdout.split('\n')[0]).toBe(`${words.length} 100000 90000`)
    expect(found.stdout.split('\n').slice(1)).toEqual(direct.stdout.split('\n').slice(1))
  }),
  { part: 'large argv and environment' },
)
