import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BubblewrapProgram, MountOperation } from '../../src/backend/bubblewrap/program.ts'
import { type Attempt, attemptsFor } from '../../src/explain/attempts.ts'
import { exitCodeOf, type VerifiedRow, verify } from '../../src/explain/verification.ts'
import { type Planted, plant, runProbe } from '../../src/launch/verify.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, join } from '../../src/machine/paths.ts'
import { grant, origin, protection } from '../policy/builders.ts'
import { type InsideOptions, kernel, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'
import { buildTree, type Tree, type TreeSpec } from './tree.ts'

const reason =
  skipReason() ??
  (kernel.name === 'bubblewrap' ? undefined : 'programs are changed here as bubblewrap takes them')
const CHECKOUT = new URL('../..', import.meta.url).pathname.replace(/\/$/, '') as AbsolutePath
const VARIABLE = 'LAUNCHER_VERIFY_SECRET'

const operations =
  (change: (all: readonly MountOperation[]) => readonly MountOperation[]): Sabotage =>
  () => ({
    mutate: (program: BubblewrapProgram) => ({
      ...program,
      operations: change(program.operations),
    }),
  })

interface Place {
  readonly home: AbsolutePath
  readonly other: AbsolutePath
}
type Sabotage = (place: Place) => InsideOptions

const isMask = ({ type }: MountOperation): boolean =>
  type === 'standin-dir' || type === 'standin-file'
const isSealOf = (one: MountOperation, all: readonly MountOperation[]): boolean =>
  one.type === 'remount-ro' &&
  all.some((other) => other.type === 'standin-dir' && other.dest === one.dest)
const without =
  (word: string): Sabotage =>
  () => ({ mutateOptions: (words) => words.filter((one) => one !== word) })

/** A backend that is broken in one way, and a row that has to say so. */
const SABOTAGES: readonly (readonly [name: string, sabotage: Sabotage, row: RegExp])[] = [
  [
    'nothing stands before what is hidden',
    operations((all) => all.filter((one) => !isMask(one) && !isSealOf(one, all))),
    /^read .*\/secret$/,
  ],
  [
    'a hidden directory is bound read-only',
    operations((all) =>
      all
        .filter((one) => !isSealOf(one, all))
        .map((one) =>
          one.type === 'standin-dir'
            ? { dest: one.dest, origin: one.origin, type: 'ro-bind', source: one.dest }
            : one,
        ),
    ),
    /^list .*\/vault$/,
  ],
  [
    'what is read only is bound writable',
    operations((all) =>
      all.map((one) =>
        one.type === 'ro-bind' && one.dest.endsWith('/config') ? { ...one, type: 'bind' } : one,
      ),
    ),
    /^write .*\/git\/config$/,
  ],
  [
    'the pins are left out',
    operations((all) => all.filter(({ type }) => type !== 'pin')),
    /^move .*\/git away$/,
  ],
  [
    'an absent name is not held',
    operations((all) => all.filter(({ dest }) => !dest.endsWith('/git/hooks'))),
    /^make a file in .*\/git\/hooks$/,
  ],
  [
    'a socket is not masked',
    operations((all) =>
      all.filter(({ dest, type }) => type !== 'standin-file' || !dest.endsWith('/socket')),
    ),
    /^connect to .*\/socket$/,
  ],
  [
    'the home directory is bound in place of nothing',
    ({ home }) => ({ mutateOptions: (words) => [...words, '--bind', home, home] }),
    /^make a file in .*\/home$/,
  ],
  [
    'another directory is bound as the project',
    (place) =>
      operations((all) =>
        all.map((one) =>
          one.type === 'bind' && one.dest.endsWith('/p') ? { ...one, source: place.other } : one,
        ),
      )(place),
    /^see a file that was put into the project$/,
  ],
  [
    'the network is left open',
    () => ({ mutate: (program) => ({ ...program, hasOwnNetwork: false }) }),
    /^send a datagram to 127\.0\.0\.1/,
  ],
  [
    'the environment is inherited',
    () => ({ env: { [VARIABLE]: 'canary' } }),
    /^see a variable that no profile passes$/,
  ],
  ['the processes are shared', without('--unshare-pid'), /^signal a process outside$/],
  [
    'everything is handed in',
    () => ({ mutateOptions: (words) => [...words, '--dev-bind', '/', '/'] }),
    /^read a file outside$/,
  ],
]

const node = (kind: TreeSpec[number]['kind'], name: string): TreeSpec[number] => ({
  kind,
  name: name as TreeSpec[number]['name'],
  parent: 0,
  target: 0,
  isAbsolute: false,
  isPrivate: false,
})

describe.skipIf(reason !== undefined)('verify sees a backend that does not hold', () => {
  const place = workspace()
  const home = join(place.root, 'home')
  const project = join(home, 'p')
  const other = join(place.root, 'other')
  let tree: Tree
  let planted: Planted
  let bystander: ChildProcess
  let policy: ResolvedPolicy
  let attempts: readonly Attempt[]
  let control: readonly (string | undefined)[]

  beforeAll(async () => {
    for (const directory of [home, project, other]) fs.mkdirSync(directory)
    tree = await buildTree(project, [
      node('directory', 'git'),
      node('directory', 'vault'),
      node('file', 'secret'),
      node('socket', 'socket'),
    ])
    for (const root of [project, other])
      for (const file of ['git/config', 'vault/key', 'secret', 'socket']) {
        fs.mkdirSync(join(root, file.includes('/') ? file.split('/')[0]! : ''), { recursive: true })
        if (!fs.existsSync(join(root, file))) fs.writeFileSync(join(root, file), file)
      }
    fs.mkdirSync(join(other, 'git/hooks'))
    planted = await plant(project)
    bystander = spawn('/bin/sleep', ['600'], { env: { [VARIABLE]: 'canary' }, stdio: 'ignore' })
    policy = withBase({
      home,
      project,
      grants: [grant('write', project)],
      protections: [
        protection('read_only', join(project, 'git/config'), { entry: 'file' }),
        protection('read_only', join(project, 'git/hooks'), { exists: false }),
        protection('hidden', join(project, 'secret'), { entry: 'file' }),
        protection('hidden', join(project, 'vault')),
      ],
      sockets: {
        connect: [],
        bind: [],
        masked: [{ path: join(project, 'socket'), origin: origin() }],
      },
    })
    attempts = attemptsFor(policy, {
      ...planted,
      process: {
        pid: bystander.pid!,
        started: fs
          .readFileSync(`/proc/${bystander.pid}/stat`, 'utf8')
          .split(') ')
          .at(-1)!
          .split(' ')[19]!,
      },
      variable: VARIABLE,
      isWritable: () => true,
      kindOf: (path) => {
        const stat = fs.lstatSync(path, { throwIfNoEntry: false })
        return stat?.isDirectory()
          ? 'directory'
          : stat?.isFile()
            ? 'file'
            : stat
              ? 'other'
              : undefined
      },
    })
    control = await runProbe(
      CHECKOUT,
      attempts.map((one) => one.control),
      { before: [], environment: { ...process.env, [VARIABLE]: 'canary' }, cwd: project },
    )
  })
  afterAll(async () => {
    bystander.kill('SIGKILL')
    planted.remove()
    await tree.close()
    place.dispose()
  })

  const rowsUnder = async (options: InsideOptions): Promise<VerifiedRow[]> => {
    const script = fs.readFileSync(`${CHECKOUT}/shell/verify-probe.cjs`, 'utf8')
    const input = JSON.stringify(attempts.map((one, id) => ({ id, ...one.inside })))
    const { code, stdout, stderr } = await kernel.start(policy, ['/usr/bin/node', '-e', script], {
      ...options,
      input,
    })
    if (code !== 0) throw new Error(`the probe ended with ${code}: ${stderr}`)
    const outcomes = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { code: string }).code)
    expect(outcomes.length).toBe(attempts.length)
    return verify(attempts, outcomes, control)
  }

  it('and nothing in one that does', async () => {
    const rows = await rowsUnder({})
    expect(rows.filter(({ verdict }) => verdict !== 'holds' && verdict !== 'not tried')).toEqual([])
    expect(rows.length).toBeGreaterThan(20)
    expect(exitCodeOf(rows)).toBe(0)
  })

  it.each(SABOTAGES)('%s', async (_, sabotage, row) => {
    const rows = await rowsUnder(sabotage({ home, other }))
    expect(
      rows
        .filter(({ verdict }) => verdict === 'differs')
        .map(({ what }) => what)
        .join('\n'),
    ).toMatch(new RegExp(row.source, 'm'))
    expect(exitCodeOf(rows)).toBe(1)
  })
})
