import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { rankDenials } from '../../../src/explain/denials/fold.ts'
import type { ResolvedPolicy } from '../../../src/policy/model.ts'
import { withBase, workspace } from '../../contract/machine.ts'
import { where } from '../../e2e/where.ts'
import { at, grant, protection } from '../../policy/builders.ts'
import { runTraced, whyNoTrace } from './inside.ts'

const itTraced = where(
  whyNoTrace() ?? (fs.existsSync('/usr/bin/python3') ? undefined : 'no /usr/bin/python3'),
)
const WAYS = ['whole', 'chdir', 'fd'] as const
const KINDS = [
  'read',
  'stat',
  'write',
  'mkdir',
  'rename-to',
  'unlink',
  'exec',
  'connect',
  'create',
] as const

interface Scene {
  readonly root: string
  readonly policy: ResolvedPolicy
  /** What is attempted, and what the trace must say of it. */
  readonly attempts: readonly (readonly [
    operation: string,
    path: string,
    other: string,
    way: string,
  ])[]
  close(): void
}

/**
 * A home with a project, something hidden, something that is read only, and something that nobody
 * grants; `count` attempts that must be refused.
 */
const sceneOf = (count: number): Scene => {
  const { root, dispose } = workspace()
  const put = (name: string, mode = 0o644): string => {
    const file = path.join(root, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, 'x', { mode })
    return file
  }
  const servers: net.Server[] = []
  for (const name of ['home/hidden', 'home/readable', 'home/ungranted', 'project'])
    fs.mkdirSync(path.join(root, name), { recursive: true })
  const attempts = Array.from({ length: count }, (_, index) => {
    const operation = KINDS[index % KINDS.length]!
    const way = WAYS[index % WAYS.length]!
    const other = put(`project/source ${index}`)
    const place = ['home/hidden', 'home/ungranted', 'home/readable'][
      Math.floor(index / KINDS.length) % 3
    ]!
    const isReadable = place === 'home/readable'
    const name = `${place}/d${index % 7}/caf\u00e9 "${index}"`
    fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true })
    // What can be read may be stat'ed, read and run: there only writing is refused.
    const wanted =
      isReadable && ['read', 'stat', 'exec', 'connect'].includes(operation) ? 'unlink' : operation
    const target = path.join(root, name)
    if (wanted === 'connect') servers.push(net.createServer().listen(target))
    else if (!['mkdir', 'create', 'rename-to'].includes(wanted)) put(name, 0o755)
    return [wanted, target, other, way] as const
  })
  const policy = withBase({
    home: at(path.join(root, 'home')),
    project: at(path.join(root, 'project')),
    grants: [
      // The loader's and the locale's, so that starting Python is refused nothing.
      ...['/etc/ld.so.cache', '/etc/locale.alias']
        .filter((file) => fs.existsSync(file))
        .map((file) => grant('read', file, { kind: 'file' })),
      grant('write', path.join(root, 'project')),
      grant('read', path.join(root, 'home/readable')),
      grant('read', path.join(root, 'home/hidden')),
    ],
    protections: [protection('hidden', path.join(root, 'home/hidden'))],
  })
  return {
    root,
    policy,
    attempts,
    close: () => {
      for (const server of servers) server.close()
      dispose()
    },
  }
}

describe('a traced run', () => {
  itTraced(
    'collects what 200 short-lived grandchildren were refused, with exact path and operation, and nothing else',
    async () => {
      const scene = sceneOf(200)
      try {
        const project = path.join(scene.root, 'project')
        fs.copyFileSync(path.join(import.meta.dirname, 'tree.py'), path.join(project, 'tree.py'))
        fs.writeFileSync(path.join(project, 'attempts.json'), JSON.stringify(scene.attempts))
        const run = await runTraced(
          scene.policy,
          [
            '/usr/bin/python3',
            '-I',
            '-S',
            path.join(project, 'tree.py'),
            path.join(project, 'attempts.json'),
          ],
          scene.root,
          project,
        )
        expect(run.code).toBe(0)
        expect(run.end).toEqual({ dropped: 0, isComplete: true })
        const wanted = scene.attempts.map(([operation, file]) => `${operation} ${file}`)
        const found = run.log.denials().map(({ operation, path: file }) => `${operation} ${file}`)
        const missing = wanted.filter((one) => !found.includes(one))
        if (missing.length > 0) console.log(`not collected:\n${missing.join('\n')}`)
        expect(missing.length).toBeLessThanOrEqual(2)
        const others = found.filter((one) => !wanted.includes(one))
        // The grandchildren that go there first are stopped at these two.
        expect(others.sort()).toEqual(
          ['home/hidden', 'home/ungranted'].map((name) => `list ${path.join(scene.root, name)}`),
        )
        // The search along PATH was refused nothing.
        expect(run.calls.some((call) => call.path.includes('no-such-program'))).toBe(true)
        expect(rankDenials(run.log.denials()).length).toBeLessThan(200)
      } finally {
        scene.close()
      }
    },
  )

  itTraced('tells nothing of bubblewrap and passes the exit code on', async () => {
    const scene = sceneOf(0)
    try {
      const project = path.join(scene.root, 'project')
      const run = await runTraced(scene.policy, ['/bin/sh', '-c', 'exit 7'], scene.root, project)
      expect(run.code).toBe(7)
      expect(
        run.calls.filter((call) => call.program.includes('bwrap') || call.path.includes('newroot')),
      ).toEqual([])
      expect(run.log.denials()).toEqual([])
    } finally {
      scene.close()
    }
  })

  itTraced('marks what was refused last before a failure', async () => {
    const scene = sceneOf(0)
    try {
      const project = path.join(scene.root, 'project')
      // Nothing above the one is granted, so its name is hidden with it; the directory of the other
      // can be read.
      const [secret, env] = [path.join(scene.root, 'home/hidden/key'), path.join(project, '.env')]
      for (const file of [secret, env]) fs.writeFileSync(file, 'x')
      const policy = {
        ...scene.policy,
        protections: [...scene.policy.protections, protection('hidden', env, { entry: 'file' })],
      }
      const run = await runTraced(
        policy,
        [
          '/bin/sh',
          '-c',
          `cat ${secret} 2>/dev/null; cat .env ${project}/absent 2>/dev/null; cat .env 2>/dev/null | cat; exit 0`,
        ],
        scene.root,
        project,
      )
      expect(run.log.denials()).toMatchObject([
        {
          operation: 'read',
          path: secret,
          program: '/usr/bin/cat',
          error: 'ENOENT',
          count: 1,
          beforeExit: 1,
          wouldWork: true,
          because: expect.stringContaining('hidden'),
        },
        {
          operation: 'read',
          path: env,
          error: 'EACCES',
          count: 2,
          beforeExit: 1,
          source: 'strace',
        },
      ])
    } finally {
      scene.close()
    }
  })
})
