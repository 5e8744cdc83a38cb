import { expect } from 'vitest'
import { inside, newWorld } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { SECRET, trial } from './trial.ts'

const isMac = process.platform === 'darwin'

conformsInKernel('W13', async (user) => {
  await trial(user, {
    setup: (world) => {
      world.put('work/project/sub/.env', `KEY=${SECRET}\n`)
      world.put('work/project/sub/env', 'plain\n')
    },
    refused: {
      'reading it': 'cat sub/.env',
      'writing it': 'echo x > sub/.env',
      'moving it': 'mv sub/.env sub/x',
      'moving its directory': 'mv sub x',
    },
    works: { 'its neighbour': 'cat sub/env && echo x > sub/env' },
  })
  const world = newWorld(user)
  try {
    // A named difference: on Linux a pattern holds for the names that exist at the start.
    const { stdout } = await inside(
      world,
      'mkdir later; (echo x > later/.env) 2> /dev/null; cat later/.env 2> /dev/null || echo refused; echo y > later/env; cat later/env',
    )
    expect(stdout).toBe(isMac ? 'refused\ny\n' : 'x\ny\n')
    // The next run finds what this one made, so that it is covered then.
    const next = await inside(world, 'cat later/.env || echo refused; cat later/env')
    expect(next.stdout).toBe('refused\ny\n')
  } finally {
    world.remove()
  }
})

conformsInKernel('W14', (user) =>
  trial(user, {
    setup: (world) => {
      for (const directory of ['', 'a/', 'a/b/c/d/']) {
        world.put(`work/project/${directory}.env`, `KEY=${SECRET}\n`)
        world.put(`work/project/${directory}x.env`, 'plain\n')
        world.put(`work/project/${directory}.env.example`, 'plain\n')
      }
    },
    refused: {
      'zero directories': 'cat .env',
      'one directory': 'cat a/.env',
      'many directories': 'cat a/b/c/d/.env',
      'many directories, written': 'echo x > a/b/c/d/.env',
    },
    works: {
      'names that only look alike':
        'cat x.env a/x.env a/b/c/d/x.env .env.example && echo x > a/b/c/d/x.env',
    },
  }),
)

conformsInKernel('W15', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('work/project/a/.devcontainer/x/devcontainer.json', '{}\n')
      world.put('work/project/a/devcontainer/x/devcontainer.json', '{}\n')
      world.put(
        '.config/launcher/config.toml',
        'schema = 1\n[all.protect]\nhidden = ["$PROJECT/**/vault-*"]\n',
      )
      world.put('work/project/b/vault-1/x/key', `${SECRET}\n`)
    },
    refused: {
      'a file below a match': 'echo x > a/.devcontainer/x/devcontainer.json',
      'a new name below a match': 'mkdir a/.devcontainer/new',
      'the match itself': 'mv a/.devcontainer a/d',
      'reading below a hidden match': 'cat b/vault-1/x/key',
      'listing a hidden match': 'ls b/vault-1',
    },
    works: {
      'the same below another name': 'echo x > a/devcontainer/x/devcontainer.json',
      'reading below a read-only match': 'cat a/.devcontainer/x/devcontainer.json',
    },
  }),
)

/** `plain` is the one that the others are held to. */
const ODD = [
  'plain',
  'a[b]c',
  '[!a]',
  'a*b',
  '**',
  'a?b',
  'a b',
  ' ',
  'a"b',
  'a\\b',
  'a(b)',
  "a'b",
  'a\nb',
  'a$b',
  '{a,b}',
  '-a',
  'a=b',
  'é漢',
  'e\u0301',
]

conformsInKernel(
  'W16',
  async (user) => {
    const answers: Record<string, string> = {}
    for (const name of ODD) {
      const world = newWorld(user, name)
      try {
        world.put(`work/${name}/.env`, `KEY=${SECRET}\n`)
        world.put(`work/${name}/a/.vscode/settings.json`, '{}\n')
        for (const place of [name, 'plain']) world.put(`${place}/file`, 'granted\n')
        const script = `echo x > new; echo x > ../beside; cat .env; echo x > .mcp.json; mv a b; echo x > a/.vscode/settings.json; cat "$GRANTED"; echo x > "$GRANTED"; ls -A1 | grep -v '^\\.'; ls -A .. | wc -l`
        const granted = `${world.home}/${name}`
        // A flag with a control character is refused, clearly; the working directory itself may
        // hold one.
        const isRefused = name.includes('\n')
        if (isRefused)
          expect(await inside(world, 'echo started', ['--read', granted])).toMatchObject({
            code: 125,
            stdout: '',
            stderr: expect.stringContaining('control character') as string,
          })
        const { code, stdout } = await inside(world, `(${script}) 2> /dev/null`, [
          '--read',
          isRefused ? `${world.home}/plain` : granted,
          '--env',
          `GRANTED=${isRefused ? `${world.home}/plain` : granted}/file`,
        ])
        answers[name] = `${code} ${stdout} ${world.read(`${name}/file`)}`
        expect(world.outside('/bin/sh', ['-c', 'cat .env && mv a b']).status).toBe(0)
      } finally {
        world.remove()
      }
    }
    expect(answers['plain']).toContain('granted')
    expect(answers['plain']).not.toContain(SECRET)
    expect(answers).toEqual(
      Object.fromEntries(Object.keys(answers).map((name) => [name, answers['plain']])),
    )
  },
  { timeout: 600_000 },
)
