import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, type TestContext } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { resolveTarget } from '../../src/resolve/target.ts'
import type { Target } from '../../src/resolve/types.ts'
import { installPythons, TITLES, type PythonInstall } from '../fixtures/python-installs.ts'
import {
  launcher,
  newWorld,
  users,
  whyNoKernel,
  type Finished,
  type World,
} from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const kernel =
  whyNoKernel() ??
  (process.platform === 'darwin' ? 'the prefixes are built for Linux here' : undefined)

/** A standard library, or an environment with a few packages. */
const MOST_FILES = 30_000

const filesIn = (root: string): number =>
  fs.statSync(root).isDirectory()
    ? fs
        .readdirSync(root, { withFileTypes: true })
        .reduce(
          (count, entry) =>
            count + (entry.isDirectory() ? filesIn(path.join(root, entry.name)) : 1),
          0,
        )
    : 1

/** Tries to make, change and remove something in each root; prints what succeeded. */
const ATTEMPTS = `
import os, sys
for root in sys.argv[1:]:
    for name, attempt in (('create', lambda: open(root + '/planted', 'w')), ('mkdir', lambda: os.mkdir(root + '/planted.d')), ('chmod', lambda: os.chmod(root, 0o755)), ('rename', lambda: os.rename(root, root + '.moved'))):
        try:
            attempt()
            print(name, root)
        except OSError:
            pass
print('tried', len(sys.argv) - 1)
`

describe('Pythons that real tools installed from PyPI', () => {
  let world: World
  let reason: string | undefined
  let installs: readonly PythonInstall[] = []
  beforeAll(() => {
    world = newWorld(users()[0]!)
    if (kernel) return
    const installed = installPythons(world.home, world.project)
    if ('reason' in installed) reason = installed.reason
    else installs = installed.installs
    // Only the base and the project: what the program needs beyond them must come from resolution.
    world.put(
      'only-base.toml',
      'schema = 1\ndescription = "the base alone"\nextends = ["base"]\n\n[filesystem]\nwrite = ["$PROJECT"]\n\n[network]\nmode = "none"\n',
    )
  })
  afterAll(() => world.remove())

  const environment = (install: PythonInstall): Record<string, string> => ({
    PATH: `${world.home}/.local/bin:/usr/bin:/bin`,
    ...install.env,
  })
  const run = (
    install: PythonInstall,
    words: readonly string[],
    flags: readonly string[] = [],
  ): Promise<Finished> =>
    launcher(
      world,
      ['run', '--quiet', '--profile', `${world.home}/only-base.toml`, ...flags, '--', ...words],
      { env: environment(install) },
    )
  const resolve = (install: PythonInstall, command = install.words[0] ?? ''): Target => {
    const host = {
      ...realHost(world.project),
      home: world.home as AbsolutePath,
      cwd: world.project as AbsolutePath,
      env: { ...environment(install), HOME: world.home },
    }
    return resolveTarget(host, command, {
      searchPath: environment(install)['PATH']?.split(':') ?? [],
      project: host.cwd,
      cwd: host.cwd,
      platform: host.platform,
      args: install.words.slice(1),
    })
  }
  const each = (title: string, check: (install: PythonInstall) => unknown): void => {
    for (const name of TITLES) {
      where(kernel)(`${name}: ${title}`, async (context: TestContext) => {
        if (reason !== undefined) context.skip(reason)
        const install = installs.find((one) => one.title === name)
        if (install === undefined) throw new Error(`${name} was not installed`)
        await check(install)
      })
    }
  }

  each('starts with the resolved grants alone', async (install) => {
    const { code, stdout, stderr } = await run(install, install.words)
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(install.prints),
    })
  })

  each('its roots are these and no wider', (install) => {
    const target = resolve(install)
    const roots = target.reads
      .filter((part) => part.path.kind === 'directory')
      .map((part) => part.path.real as string)
    expect(roots.sort()).toEqual([...install.roots, ...(install.searched ?? [])].sort())
    expect(roots.filter((root) => filesIn(root) > MOST_FILES)).toEqual([])
    expect(
      target.notices.filter(
        ({ level, code }) => level === 'warning' && code !== 'target-in-project',
      ),
    ).toEqual([])
    for (const part of target.reads) expect(part.chain.length).toBeGreaterThan(1)
  })

  each(
    'nothing in its roots can be changed inside, though the user can outside',
    async (install) => {
      const inside = resolve(install, install.python).reads.map((part) => part.path.real as string)
      expect(install.roots.filter((root) => !inside.includes(root))).toEqual([])
      const { stdout, stderr, code } = await run(install, [
        install.python,
        '-c',
        ATTEMPTS,
        ...inside,
      ])
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: `tried ${inside.length}\n`,
        stderr: '',
      })
      for (const root of inside) expect(() => fs.accessSync(root, fs.constants.W_OK)).not.toThrow()
    },
  )

  each('fails without any one of them', async (install) => {
    const target = resolve(install)
    const [command = '', ...words] = install.words
    const file = command.includes('/') ? path.resolve(world.project, command) : target.file
    // A shell is the target here, so that nothing is granted but these flags: the resolved parts,
    // all or all but one.
    const parts = [...target.executables, ...target.reads].map((part) => part.path)
    const grants = (without?: string): string[] => {
      const rest = parts.filter(
        ({ real }) =>
          without === undefined || (real !== without && !real.startsWith(`${without}/`)),
      )
      const none = without?.startsWith(`${world.project}/`) === true ? ['--none', without] : []
      // By its own name, so that its links are kept; a link inside the project is no way to grant
      // anything.
      return [
        ...rest.flatMap(({ requested, real }) => [
          '--read',
          requested.startsWith(`${world.project}/`) ? real : requested,
        ]),
        ...none,
      ]
    }
    const start = (without?: string): Promise<Finished> =>
      run(install, ['/bin/sh', '-c', 'exec "$@"', 'sh', file, ...words], grants(without))
    const asItShould = { code: 0, stdout: expect.stringMatching(install.prints) }
    expect(await start()).toMatchObject(asItShould)
    for (const root of install.roots)
      expect({ root, ...(await start(root)) }).not.toMatchObject(asItShould)
  })
})
