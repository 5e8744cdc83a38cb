import { afterAll, beforeAll, describe, expect } from 'vitest'
import { inside, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const itHere = where(whyNoKernel())

describe.each(ordinary())('what the agent is told of its limits, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    world.put('work/project/.git/hooks/sample', 'x')
    world.put('work/project/.git/HEAD', 'ref: refs/heads/main\n')
    world.put('work/project/.env', 'KEY=secret\n')
    world.put('.ssh/id_example', 'secret')
  })
  afterAll(() => world.remove())

  itHere(
    'lies in its own temporary directory, for it alone, and is named by a variable',
    async () => {
      const { stdout } = await inside(
        world,
        'stat -c %a "$LAUNCHER_LIMITS"; echo "$LAUNCHER_LIMITS" | grep -c "^$TMPDIR/"; echo "$LAUNCHER_LIMITS_SUMMARY"; cat "$LAUNCHER_LIMITS"',
      )
      const [mode, count, summary, ...text] = stdout.split('\n')
      expect([mode, count]).toEqual(['600', '1'])
      expect(summary).toMatch(/`~\/work\/project` is writable.*network mode is none/)
      expect(text.join('\n')).toMatch(/^# Limits of this sandbox/)
      expect(stdout).not.toContain('id_example')
    },
  )

  itHere('is true: what it calls writable is written, what it calls read only is not', async () => {
    const { stdout } = await inside(world, 'cat "$LAUNCHER_LIMITS"')
    const line = (title: string): string[] =>
      [
        ...(new RegExp(`^- ${title}[^\`]*(.*)$`, 'm').exec(stdout)?.[1] ?? '').matchAll(
          /`([^`]+)`/g,
        ),
      ].map(([, word]) => word!)
    const writable = line('Also writable')
    const readOnly = line('Read only in the project')
    expect(stdout).toMatch(/- Project: `~\/work\/project`, writable/)
    expect(writable.length).toBeGreaterThan(0)
    expect(readOnly).toContain('.git/hooks')
    const tried = await inside(
      world,
      [
        'touch x && echo ok project; rm -f x',
        // A temporary directory is the run's own: this run has another.
        ...writable
          .filter((word) => !/\/launcher-[0-9a-f]{10}/.test(word))
          .map(
            (word) =>
              `d=${word.replace('~', '$HOME')}; touch "$d/x" && echo "ok ${word}"; rm -f "$d/x"`,
          ),
        'touch "$TMPDIR/x" && echo ok tmp',
        ...readOnly.map(
          (word) =>
            `if [ -d '${word}' ]; then touch '${word}/x'; else echo >> '${word}'; fi 2>/dev/null && echo 'WROTE ${word}'`,
        ),
        'cat .env ~/.ssh/id_example',
        'mkdir .vscode 2>/dev/null && echo WROTE .vscode; true',
      ].join('\n'),
    )
    expect(tried.stdout.trim().split('\n').sort()).toEqual(
      [
        'ok project',
        'ok tmp',
        ...writable
          .filter((word) => !/\/launcher-[0-9a-f]{10}/.test(word))
          .map((word) => `ok ${word}`),
      ].sort(),
    )
  })
})
