import fs from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BubblewrapProgram, MountOperation } from '../../src/backend/bubblewrap/program.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { Operation, ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, join } from '../../src/machine/paths.ts'
import { grant, origin, protection } from '../policy/builders.ts'
import { runInside, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'
import { buildTree, type Tree, type TreeSpec } from './tree.ts'

const PROBE = fs.readFileSync(new URL('probe.cjs', import.meta.url), 'utf8')
const reason = skipReason()

type Mutation = (operations: readonly MountOperation[]) => MountOperation[]

const isMask = ({ type }: MountOperation): boolean =>
  type === 'standin-dir' || type === 'standin-file'

/**
 * The second of two equal binds: what stands before it belongs beneath, what stands after it on
 * top.
 */
const rebindAt = (operations: readonly MountOperation[]): number =>
  operations.findIndex(
    (one, at) =>
      one.type === 'bind' &&
      operations.slice(0, at).some((other) => other.type === 'bind' && other.dest === one.dest),
  )

/** What is left out or moved, by the triple that notices. */
const MUTATIONS: readonly (readonly [
  name: string,
  mutation: Mutation,
  noticed: readonly string[],
])[] = [
  [
    'the pins of the ancestors are left out',
    (all) => all.filter(({ type }) => type !== 'pin'),
    ['rename-from git'],
  ],
  [
    'the pins come before the first bind',
    (all) => {
      const at = all.findIndex(({ type }) => type === 'bind')
      return [
        ...all.slice(0, at),
        ...all.filter(({ type }) => type === 'pin'),
        ...all.slice(at).filter(({ type }) => type !== 'pin'),
      ]
    },
    ['rename-from git'],
  ],
  [
    'the pins come after the second bind',
    (all) => {
      const at = rebindAt(all)
      return [
        ...all.slice(0, at + 1).filter(({ type }) => type !== 'pin'),
        ...all.filter(({ type }) => type === 'pin'),
        ...all.slice(at + 1),
      ]
    },
    ['create git/index.lock', 'rename-from git/HEAD'],
  ],
  [
    'the protections come before the second bind',
    (all) => {
      const at = rebindAt(all)
      const late = all.slice(at + 1).filter((one) => one.type === 'ro-bind' || isMask(one))
      return [
        ...all.slice(0, at),
        ...late,
        all[at]!,
        ...all.slice(at + 1).filter((one) => !late.includes(one) && !isSealOf(one, all)),
      ]
    },
    ['write git/config', 'create git/fresh hook', 'read secret', 'list vault', 'connect socket'],
  ],
  [
    'nothing is put in front of what is hidden',
    (all) => all.filter((one) => !isMask(one) && !isSealOf(one, all)),
    ['read secret', 'list vault', 'connect socket'],
  ],
  [
    'what stands in for a hidden directory can be listed',
    (all) => all.map((one) => (one.type === 'standin-dir' ? { ...one, mode: 0o755 as 0 } : one)),
    ['list vault'],
  ],
  [
    'a hidden directory is shown read-only',
    (all) =>
      all
        .filter((one) => !isSealOf(one, all))
        .map((one) =>
          one.type === 'standin-dir'
            ? { dest: one.dest, origin: one.origin, type: 'ro-bind', source: one.dest }
            : one,
        ),
    ['list vault'],
  ],
  [
    'read-only protections are bound writable',
    (all) =>
      all.map((one) =>
        one.type === 'ro-bind' && one.dest.endsWith('/config') ? { ...one, type: 'bind' } : one,
      ),
    ['write git/config'],
  ],
  [
    'the root is left writable',
    (all) => all.filter(({ type, dest }) => type !== 'remount-ro' || dest !== '/'),
    ['chmod above'],
  ],
  [
    'the socket is not masked',
    (all) => all.filter(({ dest, type }) => type !== 'standin-file' || !dest.endsWith('/socket')),
    ['connect socket'],
  ],
]

const isSealOf = (one: MountOperation, all: readonly MountOperation[]): boolean =>
  one.type === 'remount-ro' &&
  all.some((other) => other.type === 'standin-dir' && other.dest === one.dest)

const node = (kind: TreeSpec[number]['kind'], name: string, parent: number): TreeSpec[number] => ({
  kind,
  name: name as TreeSpec[number]['name'],
  parent: parent * 2,
  target: 0,
  isAbsolute: false,
  isPrivate: false,
})

describe.skipIf(reason !== undefined)('each step of the program is needed', () => {
  const place = workspace()
  let tree: Tree
  let policy: ResolvedPolicy
  let triples: readonly {
    readonly name: string
    readonly deed: Operation
    readonly path: AbsolutePath
  }[]

  beforeAll(async () => {
    const root = join(place.root, 't')
    fs.mkdirSync(root)
    tree = await buildTree(root, [
      node('directory', 'git', 0),
      node('directory', 'vault', 0),
      node('file', 'secret', 0),
      node('socket', 'socket', 0),
    ])
    for (const file of ['git/config', 'git/HEAD', 'vault/key'])
      fs.writeFileSync(join(root, file), file)
    policy = withBase({
      grants: [grant('write', root)],
      protections: [
        protection('read_only', join(root, 'git/config'), { entry: 'file' }),
        protection('read_only', join(root, 'git/hooks'), { exists: false }),
        protection('hidden', join(root, 'secret'), { entry: 'file' }),
        protection('hidden', join(root, 'vault')),
      ],
      sockets: {
        connect: [],
        bind: [],
        masked: [{ path: join(root, 'socket'), origin: origin() }],
      },
    })
    const ask = (name: string, deed: Operation, path: string): (typeof triples)[number] => ({
      name,
      deed,
      path: join(root, path),
    })
    triples = [
      ask('rename-from git', 'rename-from', 'git'),
      ask('write git/config', 'write', 'git/config'),
      ask('create git/fresh hook', 'create', 'git/hooks/fresh hook'),
      ask('create git/index.lock', 'create', 'git/index.lock'),
      ask('rename-from git/HEAD', 'rename-from', 'git/HEAD'),
      ask('read secret', 'read', 'secret'),
      ask('list vault', 'list', 'vault'),
      ask('connect socket', 'connect', 'socket'),
      { name: 'chmod above', deed: 'chmod', path: place.root },
    ]
  })
  afterAll(async () => {
    await tree.close()
    place.dispose()
  })

  /** Names of the triples on which the kernel, given a changed program, and `decide()` differ. */
  const noticedBy = async (mutation: Mutation): Promise<string[]> => {
    const decider = compilePolicy(policy)
    const mutate = (program: BubblewrapProgram): BubblewrapProgram => ({
      ...program,
      operations: mutation(program.operations),
    })
    const answers = (await runInside(
      policy,
      { script: PROBE, input: triples.map(({ deed, path }) => [deed, path]) },
      { mutate },
    )) as string[]
    return triples
      .filter(({ deed, path }, at) => (answers[at] === 'ok') !== decider.decide(deed, path).allowed)
      .map(({ name }) => name)
  }

  it('the program as it is agrees with decide() on every triple', async () => {
    expect(await noticedBy((operations) => [...operations])).toEqual([])
  })

  it.each(MUTATIONS)(
    '%s: the kernel then lets through what decide() denies',
    async (_name, mutation, noticed) => {
      expect(await noticedBy(mutation)).toEqual(noticed)
    },
  )
})
