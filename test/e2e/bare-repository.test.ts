import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect } from 'vitest'
import { inside, newWorld, until, users, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

/** Where a project can stand, seen from git. */
const KINDS: readonly (readonly [string, (world: World) => void])[] = [
  ['a plain folder', () => undefined],
  [
    'a folder of a monorepo',
    ({ home, outside }) => void outside('git', ['init', '-q', `${home}/work`]),
  ],
  ['the top of a repository', ({ outside }) => void outside('git', ['init', '-q'])],
]

const HEAD = "printf 'ref: refs/heads/main\\n' > HEAD"
const COMMAND = '[core]\\nbare=false\\nworktree=.\\nfsmonitor=touch ~/ran;false\\n'
const CONFIG = `printf '[core]\\nrepositoryformatversion=0\\n${COMMAND}'`
/**
 * A repository of its own is taken away first: git looks at the folder itself only where `.git` is
 * none.
 */
const CLEARED = 'rm -f .git/HEAD'

/** Ways to make a repository of the working directory that runs a command on `git status`. */
const FORMS: readonly (readonly [string, string])[] = [
  ['HEAD, objects, refs and a configuration', `mkdir objects refs; ${HEAD}; ${CONFIG} > config`],
  [
    'a configuration behind a link',
    `mkdir objects refs; ${HEAD}; ${CONFIG} > plain.txt; ln -s plain.txt config`,
  ],
  [
    'HEAD as a link to a branch',
    `mkdir objects refs; ln -s refs/heads/main HEAD; ${CONFIG} > config`,
  ],
  [
    'objects and refs behind links',
    `mkdir store; ln -s store objects; ln -s store refs; ${HEAD}; ${CONFIG} > config`,
  ],
  [
    'a common directory elsewhere',
    `mkdir -p x/objects x/refs; ${HEAD}; echo x > commondir; printf '[core]\\nrepositoryformatversion=1\\n[extensions]\\nworktreeConfig=true\\n' > x/config; printf '${COMMAND}' > config.worktree`,
  ],
  [
    'a common directory that is the folder itself',
    `mkdir objects refs; ${HEAD}; echo . > commondir; printf '[core]\\nrepositoryformatversion=1\\n[extensions]\\nworktreeConfig=true\\n' > config; printf '${COMMAND}' > config.worktree`,
  ],
  [
    'a .git file',
    `rm -rf .git; mkdir -p g/objects g/refs; (cd g; ${HEAD}; ${CONFIG} > config); echo 'gitdir: ./g' > .git`,
  ],
]

const status = (world: World, cwd: string): boolean => {
  world.outside('git', ['status'], cwd)
  return world.exists('ran')
}

describe.each(users())('a project made a repository by what runs in it, as $label', (user) => {
  const worlds: World[] = []
  const newOne = (prepare: (world: World) => void): World => {
    const world = newWorld(user)
    worlds.push(world)
    prepare(world)
    return world
  }
  afterEach(() => {
    for (const world of worlds.splice(0)) world.remove()
  })

  describe.each(KINDS)('%s', (_, prepare) => {
    where(reason).each(FORMS)(
      '%s: the host’s git runs nothing, during the run and after it',
      async (_form, script) => {
        const open = newOne(prepare)
        open.outside('/bin/sh', ['-c', `${CLEARED}; ${script}`])
        expect(status(open, open.project), 'the attack works where nothing holds').toBe(true)

        const world = newOne(prepare)
        const run = inside(
          world,
          `exec 2>/dev/null; ${CLEARED}; ${script}; touch made; while [ ! -e seen ]; do :; done`,
        )
        await until('the attack', () => world.exists('work/project/made'))
        const during = status(world, world.project)
        fs.writeFileSync(path.join(world.project, 'seen'), '')
        const { code, stderr } = await run
        if (!script.includes('gitdir')) expect(stderr).toContain('work/project/HEAD (')
        expect({ during, after: status(world, world.project), code }).toEqual({
          during: false,
          after: false,
          code: 0,
        })
      },
    )
  })

  where(reason)('is not made one by a second run either, nor beside another run', async () => {
    const world = newOne(() => undefined)
    const script = `exec 2>/dev/null; ${FORMS[0]![1]}`
    const first = inside(world, `${script}; touch made; while [ ! -e seen ]; do :; done`)
    await until('the first run', () => world.exists('work/project/made'))
    await inside(world, script)
    const beside = status(world, world.project)
    fs.writeFileSync(path.join(world.project, 'seen'), '')
    await first
    const after = status(world, world.project)
    await inside(world, script)
    expect({ beside, after, again: status(world, world.project) }).toEqual({
      beside: false,
      after: false,
      again: false,
    })
    expect(fs.readdirSync(world.project).sort()).toEqual([
      'HEAD',
      'config',
      'made',
      'objects',
      'seen',
    ])
  })

  where(reason)('that shipped a common directory of its own runs nothing either', async () => {
    const world = newOne(({ put }) => put('work/project/commondir', 'x\n'))
    await inside(
      world,
      `exec 2>/dev/null; mkdir -p x/objects x/refs; ${HEAD}; printf '[core]\\nrepositoryformatversion=1\\n[extensions]\\nworktreeConfig=true\\n' > x/config; printf '${COMMAND}' > config.worktree`,
    )
    expect(status(world, world.project)).toBe(false)
  })

  where(reason)('deeper is told after the run, before what is less urgent', async () => {
    const world = newOne(({ put }) => put('work/project/sub/.envrc', 'true\n'))
    const { stderr } = await inside(
      world,
      `mkdir a; echo x > a/.envrc; mkdir -p sub/objects sub/refs; cd sub; ${HEAD}; ${CONFIG} > config`,
    )
    expect(status(world, path.join(world.project, 'sub'))).toBe(true)
    expect(stderr).toMatch(/work\/project\/sub \(a repository[\s\S]*a\/\.envrc/)
  })

  where(reason).each([
    ['a repository in a subfolder', 'git init -q sub && cd sub && git status --porcelain', ''],
    [
      'a clone into the project',
      'git clone -q ~/work/other copy && cd copy && git log --format=%s -1',
      'first\n',
    ],
    [
      'a bare clone into the project',
      'git clone -q --bare ~/work/other copy.git && ls copy.git/refs',
      'heads\ntags\n',
    ],
    [
      'a build that makes target/',
      'mkdir -p target/debug/refs && touch target/HEAD && ls target',
      'HEAD\ndebug\n',
    ],
  ])('%s is made as ever', async (_, script, expected) => {
    const world = newOne(({ outside, home }) => {
      const other = `${home}/work/other`
      for (const args of [
        ['init', '-q', '-b', 'main', other],
        [
          '-C',
          other,
          '-c',
          'user.name=t',
          '-c',
          'user.email=t@t',
          'commit',
          '-q',
          '--allow-empty',
          '-m',
          'first',
        ],
      ])
        outside('git', args)
    })
    const { stdout } = await inside(world, script, ['--read', '~/work/other'])
    expect(stdout).toBe(expected)
  })

  where(reason)('is neither seen by git nor left behind in a repository', async () => {
    const world = newOne(({ outside }) => void outside('git', ['init', '-q']))
    const { stdout } = await inside(
      world,
      'git status --porcelain; git add -A; git status --porcelain',
    )
    expect(stdout).toBe('')
    expect(fs.readdirSync(world.project)).toEqual(['.git'])
  })
})
