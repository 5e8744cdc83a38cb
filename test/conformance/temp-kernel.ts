import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { hold } from './held.ts'
import { outcomes, scriptOf } from './trial.ts'

/** Directories in the machine's own temporary places, with a file, owned by the world's user. */
const others = (world: World): string[] =>
  ['/tmp', '/var/tmp'].map((place) => {
    const made = fs.mkdtempSync(path.join(place, 'launcher-other-'))
    fs.writeFileSync(path.join(made, 'file'), 'other\n')
    if (world.user.uid !== undefined)
      for (const name of [made, path.join(made, 'file')])
        fs.chownSync(name, world.user.uid, world.user.uid)
    return made
  })

conformsInKernel('W19', async (user) => {
  const world = newWorld(user)
  const made = others(world)
  try {
    const first = await hold(
      world,
      [],
      'echo "ready $TMPDIR"; echo mine > "$TMPDIR/first"; read word; cat "$TMPDIR/first"',
    )
    const tmp = /ready (\S+)/.exec(first.output())?.[1] ?? ''
    expect(fs.statSync(tmp).mode & 0o777).toBe(0o700)
    const attempts = {
      'the temp of another run': `echo x > ${tmp}/x`,
      'reading the temp of another run': `ls ${tmp} || cat ${tmp}/first`,
      ...Object.fromEntries(
        made.flatMap((place) => [
          [`writing ${place}`, `echo x > ${place}/new`],
          [`changing ${place}`, `echo x > ${place}/file`],
          [`reading ${place}`, `cat ${place}/file`],
        ]),
      ),
      'a name in /var/tmp': 'f=/var/tmp/launcher-conformance-$$; touch $f && rm $f',
    }
    const works = {
      'its own': 'echo x > "$TMPDIR/x" && cat "$TMPDIR/x"',
      mktemp: 'f=$(mktemp) && echo x > "$f"',
      'mktemp -d': 'd=$(mktemp -d) && echo x > "$d/x"',
    }
    const second = await inside(world, `${scriptOf({ ...attempts, ...works })}; echo "$TMPDIR"`)
    const expected = [
      ...Object.keys(attempts).map((name) => [name, false]),
      ...Object.keys(works).map((name) => [name, true]),
    ]
    expect(outcomes({ ...attempts, ...works }, second.stdout)).toEqual(Object.fromEntries(expected))
    const twin = world.outside('/bin/sh', ['-c', scriptOf(attempts)])
    expect(Object.values(outcomes(attempts, twin.stdout))).toEqual(
      Object.keys(attempts).map(() => true),
    )
    first.letGo()
    expect((await first.finished).stdout).toContain('mine')
    expect(fs.existsSync(tmp)).toBe(false)
    expect(fs.existsSync(second.stdout.trim().split('\n').at(-1)!)).toBe(false)
  } finally {
    for (const place of made) fs.rmSync(place, { recursive: true })
    world.remove()
  }
})

conformsInKernel('W20', async (user) => {
  const world = newWorld(user)
  const made = others(world)
  try {
    world.put('work/project/file', 'x\n')
    world.put('tmp/file', 'x\n')
    const attempts = {
      'the project': 'echo x > new',
      'a file of the project': 'echo x >> file',
      'rm in the project': 'rm -f file',
      home: 'echo x > "$HOME/new"',
      ...Object.fromEntries(made.map((place) => [place, `echo x > ${place}/new`])),
      '/var/tmp itself': 'f=/var/tmp/launcher-conformance-$$; touch $f && rm $f',
      'the user’s own TMPDIR': `echo x > "${world.home}/tmp/new"`,
    }
    const flags = ['--read', world.project]
    const env = { TMPDIR: path.join(world.home, 'tmp') }
    const works = {
      reading: 'cat file',
      'the private TMPDIR, which is gone with the run': 'echo x > "$TMPDIR/x"',
    }
    const { stdout } = await inside(world, scriptOf({ ...attempts, ...works }), flags, { env })
    const expected = [
      ...Object.keys(attempts).map((name) => [name, false]),
      ...Object.keys(works).map((name) => [name, true]),
    ]
    expect(outcomes({ ...attempts, ...works }, stdout)).toEqual(Object.fromEntries(expected))
    expect(fs.readdirSync(path.join(world.home, 'tmp'))).toEqual(['file'])
    const writable = await inside(world, scriptOf({ project: 'echo x > new' }))
    expect(outcomes({ project: '' }, writable.stdout)).toEqual({ project: true })
    const twin = world.outside('/bin/sh', ['-c', scriptOf(attempts)])
    expect(Object.values(outcomes(attempts, twin.stdout))).toEqual(
      Object.keys(attempts).map(() => true),
    )
  } finally {
    for (const place of made) fs.rmSync(place, { recursive: true })
    world.remove()
  }
})
