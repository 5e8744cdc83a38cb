import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { trial } from '../conformance/trial.ts'
import {
  INSTALLERS,
  type Installer,
  installTools,
  registryVariables,
  shellOf,
} from '../fixtures/toolchains.ts'
import {
  type Finished,
  inside,
  launcher,
  newWorld,
  type StartOptions,
  users,
  whyNoKernel,
  type World,
} from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const kernel =
  whyNoKernel() ??
  (process.platform === 'darwin' ? 'the tools are laid out for Linux here' : undefined)

const uidOf = (world: World): number => world.user.uid ?? process.getuid?.() ?? -1
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

describe.each(users())('installing a dependency with the real tool, as $label', (user) => {
  let world: World
  let missing: ReadonlyMap<Installer['tool'], string>
  const locks = (): string => `/tmp/pnpm-store-operation-locks-${uidOf(world)}`
  let hadLocks: boolean
  beforeAll(() => {
    world = newWorld(user)
    if (kernel) return
    missing = installTools(world.home)
    hadLocks = fs.existsSync(locks())
  })
  afterAll(() => {
    if (!kernel && !hadLocks) fs.rmSync(locks(), { recursive: true, force: true })
    world.remove()
  })

  const startOf = ({ tool }: Installer, cwd: string): StartOptions => {
    const shell = shellOf(tool, world.home)
    return {
      cwd,
      env: { ...shell.env, PATH: [...shell.path, '/usr/local/bin', '/usr/bin', '/bin'].join(':') },
    }
  }
  const place = (installer: Installer, name: string): string => {
    const files = { ...installer.files, '.gitignore': '/target\n' }
    for (const [file, content] of Object.entries(files)) world.put(`work/${name}/${file}`, content)
    const folder = path.join(world.home, 'work', name)
    // Go asks git for a stamp wherever it finds a `.git`, and launcher holds an absent one with an
    // empty folder.
    world.outside('git', ['init', '-q'], folder)
    return folder
  }
  /** The same by the same user without a sandbox: what fails here says nothing about launcher. */
  const outside = (
    script: string,
    { cwd, env }: StartOptions,
  ): { status: number | null; stdout: string; stderr: string } =>
    spawnSync('/bin/sh', ['-c', script], {
      cwd,
      encoding: 'utf8',
      env: {
        ...registryVariables(),
        ...env,
        HOME: world.home,
        ...(env?.['CARGO_HOME'] && { CARGO_HOME: path.join(world.home, 'host-cargo') }),
      },
      timeout: 120_000,
      ...(user.uid === undefined ? {} : { uid: user.uid, gid: user.uid }),
    })
  const passed = Object.entries(registryVariables()).flatMap(([variable, value]) => [
    '--env',
    `${variable}=${value}`,
  ])

  for (const installer of INSTALLERS) {
    where(kernel)(
      `${installer.name} works inside, then from the project’s own cache without a network, and no other project finds anything there`,
      async (context) => {
        const reason = missing.get(installer.tool)
        if (reason !== undefined)
          context.skip(`${installer.tool} could not be installed: ${reason}`)
        const name = installer.name.replace(/\W+/g, '-')
        const twin = outside(
          `${installer.fill} && ${installer.use('')}`,
          startOf(installer, place(installer, `${name}-twin`)),
        )
        if (twin.status !== 0 || twin.stdout.trim() !== installer.prints)
          context.skip(`${installer.name} does not work outside either: ${lastLine(twin.stderr)}`)

        const project = place(installer, name)
        const run = (script: string, flags: readonly string[], cwd = project): Promise<Finished> =>
          inside(
            world,
            script,
            [...(installer.flags?.(uidOf(world)) ?? []), ...flags],
            startOf(installer, cwd),
          )
        expect(await run(installer.fill, ['--network', 'host', ...passed])).toMatchObject({
          code: 0,
        })
        const other = path.join(world.home, 'work', `${name}-other`)
        fs.cpSync(project, other, { recursive: true })
        const used = await run(installer.use(), ['--network', 'none'])
        expect({ code: used.code, stdout: used.stdout.trim(), stderr: used.stderr }).toMatchObject({
          code: 0,
          stdout: installer.prints,
        })
        world.put(`work/${name}-other/.gitignore`, '/target\n')
        expect(
          (await run(installer.use(installer.offline), ['--network', 'none'], other)).code,
        ).not.toBe(0)
      },
      240_000,
    )
  }

  where(kernel)(
    'pip install into a venv works inside, with its cache in the project’s own',
    async (context) => {
      const uv = INSTALLERS[0]!
      if (missing.has('uv')) context.skip(`uv could not be installed: ${missing.get('uv')}`)
      const script =
        'uv venv -q --seed && .venv/bin/python -m pip install -q idna==3.10 && .venv/bin/python -c "import idna; print(idna.__version__)" && .venv/bin/python -m pip cache dir'
      const twin = outside(script, startOf(uv, place({ ...uv, files: {} }, 'pip-twin')))
      if (twin.status !== 0)
        context.skip(`pip does not work outside either: ${lastLine(twin.stderr)}`)
      const { stdout, stderr } = await inside(
        world,
        script,
        ['--network', 'host', ...passed],
        startOf(uv, place({ ...uv, files: {} }, 'pip')),
      )
      expect(stdout, stderr).toMatch(
        /^3\.10\n.*\/\.cache\/launcher\/projects\/[0-9a-f]{24}-pip\/pip\n$/,
      )
    },
  )
})

/** A toolchain of every kind as a user has it, made of files that only look like it. */
const populate = (world: World): void => {
  const program = '#!/bin/sh\nexit 0\n'
  for (const file of [
    '.local/bin/uv',
    '.cargo/bin/cargo',
    'go/bin/gopls',
    '.nvm/versions/node/v22.0.0/bin/node',
    '.rustup/toolchains/stable/bin/rustc',
    '.bun/bin/bun',
    '.local/share/uv/python/cpython-3.12/bin/python3.12',
  ])
    world.put(file, program, 0o755)
  for (const file of [
    '.npmrc',
    '.config/uv/uv.toml',
    '.config/pip/pip.conf',
    '.cargo/config.toml',
    '.config/go/env',
    '.yarnrc.yml',
  ])
    world.put(file, '')
  for (const folder of [
    '.local/share/uv/python/cpython-3.12/lib/python3.12/site-packages',
    '.local/share/uv/tools/ruff/lib/python3.12/site-packages',
    '.cache/uv/archive-v0',
    '.npm/_cacache',
    '.cargo/registry',
    'go/pkg/mod',
    '.cache/go-build',
  ])
    world.put(`${folder}/file`, 'x')
}

const write = (file: string): string => `echo x >> "$HOME/${file}"`

describe.each(users())('what the host runs or obeys, as $label', (user) => {
  where(kernel)(
    'stays as it is: tools, interpreters, what they import, settings, and the host’s own caches; the project’s own cache is there to be used',
    async () => {
      await trial(user, {
        setup: populate,
        refused: {
          'a new module of the interpreter': write(
            '.local/share/uv/python/cpython-3.12/lib/python3.12/site-packages/evil.pth',
          ),
          'a module of the interpreter': write(
            '.local/share/uv/python/cpython-3.12/lib/python3.12/site-packages/file',
          ),
          'the interpreter': write('.local/share/uv/python/cpython-3.12/bin/python3.12'),
          'site-packages of a uv tool': write(
            '.local/share/uv/tools/ruff/lib/python3.12/site-packages/evil.pth',
          ),
          'uv itself': write('.local/bin/uv'),
          'uv replaced':
            'cp /bin/true "$HOME/.local/bin/new" && mv "$HOME/.local/bin/new" "$HOME/.local/bin/uv"',
          'a new program in ~/.local/bin': write('.local/bin/evil'),
          '~/.npmrc': write('.npmrc'),
          '~/.yarnrc.yml': write('.yarnrc.yml'),
          '~/.config/uv/uv.toml': write('.config/uv/uv.toml'),
          '~/.config/pip/pip.conf': write('.config/pip/pip.conf'),
          '~/.config/go/env': write('.config/go/env'),
          cargo: write('.cargo/bin/cargo'),
          'a new program of cargo': write('.cargo/bin/evil'),
          'cargo’s settings': write('.cargo/config.toml'),
          'a toolchain of rustup': write('.rustup/toolchains/stable/bin/rustc'),
          'a program of Go': write('go/bin/gopls'),
          'a new program of Go': write('go/bin/evil'),
          'Node of nvm': write('.nvm/versions/node/v22.0.0/bin/node'),
          Bun: write('.bun/bin/bun'),
          'uv’s cache of the host': write('.cache/uv/archive-v0/file'),
          'npm’s cache of the host': write('.npm/_cacache/file'),
          'cargo’s registry of the host': write('.cargo/registry/file'),
          'Go’s modules of the host': write('go/pkg/mod/file'),
          'Go’s builds of the host': write('.cache/go-build/file'),
        },
        works: {
          'the tools run':
            '"$HOME/.local/bin/uv" && "$HOME/.cargo/bin/cargo" && "$HOME/go/bin/gopls" && "$HOME/.local/share/uv/python/cpython-3.12/bin/python3.12"',
          'settings without secrets are read':
            'cat "$HOME/.config/uv/uv.toml" "$HOME/.config/pip/pip.conf" "$HOME/.cargo/config.toml" "$HOME/.config/go/env"',
          'each cache is writable':
            'for place in "$UV_CACHE_DIR" "$PIP_CACHE_DIR" "$npm_config_cache" "$pnpm_config_store_dir" "$PNPM_HOME" "$YARN_CACHE_FOLDER" "$COREPACK_HOME" "$BUN_INSTALL_CACHE_DIR" "$CARGO_HOME" "$GOCACHE" "$GOMODCACHE" "$GOPATH"; do mkdir -p "$place" && echo x > "$place/x" || exit 1; done',
          'and still holds what an earlier run of the project left':
            'test "$(cat "$UV_CACHE_DIR/x")" = x',
        },
      })
    },
  )

  where(kernel)(
    'interpreters of uv are found where UV_PYTHON_INSTALL_DIR puts them, read-only',
    async () => {
      const world = newWorld(user)
      try {
        world.put('pythons/cpython-3.12/bin/python3.12', '#!/bin/sh\necho python\n', 0o755)
        const script =
          '"$UV_PYTHON_INSTALL_DIR"/cpython-3.12/bin/python3.12; echo x >> "$UV_PYTHON_INSTALL_DIR"/cpython-3.12/bin/python3.12'
        const { stdout, stderr } = await inside(world, script, [], {
          env: { UV_PYTHON_INSTALL_DIR: `${world.home}/pythons` },
        })
        expect(stdout).toBe('python\n')
        expect(stderr).toMatch(/Read-only file system/)
      } finally {
        world.remove()
      }
    },
  )

  where(kernel)(
    'a tool in ~/.local/bin is found by its name, and its neighbours are not there',
    async () => {
      const world = newWorld(user)
      try {
        world.put('.local/bin/uv', '#!/bin/sh\necho uv\n', 0o755)
        world.put('.local/bin/other', '#!/bin/sh\necho other\n', 0o755)
        const { stdout } = await inside(world, 'uv; other; ls ~/.local/bin', [], {
          env: { PATH: `${world.home}/.local/bin:/usr/bin:/bin` },
        })
        expect(stdout).toBe('uv\n')
      } finally {
        world.remove()
      }
    },
  )
})

describe.each(users())('the project’s own cache, as $label', (user) => {
  const inWorld = async (
    run: (world: World, cacheOf: (cwd: string) => Promise<string>) => Promise<void>,
  ): Promise<void> => {
    const world = newWorld(user)
    try {
      fs.mkdirSync(path.join(world.home, 'work/b'))
      world.put('work/b/file', 'x')
      await run(world, async (cwd) =>
        path.dirname((await inside(world, 'echo "$UV_CACHE_DIR"', [], { cwd })).stdout.trim()),
      )
    } finally {
      world.remove()
    }
  }

  where(kernel)(
    'is the user’s own and closed to others, outlives the run, and is one for each project',
    () =>
      inWorld(async (world, cacheOf) => {
        const [a, b] = [
          await cacheOf(world.project),
          await cacheOf(path.join(world.home, 'work/b')),
        ]
        expect(a).not.toBe(b)
        expect(await cacheOf(world.project)).toBe(a)
        for (const folder of [a, b, path.dirname(a), path.dirname(path.dirname(a))])
          expect([(fs.statSync(folder).mode & 0o777).toString(8), fs.statSync(folder).uid]).toEqual(
            ['700', uidOf(world)],
          )
      }),
  )

  where(kernel)(
    'of one project is out of reach of another’s agent, also where everything around it is granted; its own is not',
    () =>
      inWorld(async (world, cacheOf) => {
        const b = path.join(world.home, 'work/b')
        const theirs = await cacheOf(b)
        await inside(world, 'echo theirs > "$UV_CACHE_DIR-file"', [], { cwd: b })
        const script = `cat '${theirs}/uv-file'; echo x >> '${theirs}/uv-file'; echo x > '${theirs}/new'; ls '${theirs}' '${path.dirname(theirs)}'; mv '${theirs}' '${theirs}.moved'; mv ~/.cache/launcher ~/.cache/moved; echo own > "$UV_CACHE_DIR-file" && cat "$UV_CACHE_DIR-file"`
        for (const flags of [
          [],
          ['--write', `${world.home}/.cache`],
          ['--read', `${world.home}/.cache`],
        ]) {
          const { stdout } = await inside(world, script, flags)
          expect(stdout).toBe('own\n')
          expect(fs.readdirSync(theirs)).toEqual(['uv-file'])
          expect(fs.readFileSync(`${theirs}/uv-file`, 'utf8')).toBe('theirs\n')
        }
        const named = await inside(world, 'true', ['--read', theirs])
        expect(named.code).toBe(125)
        expect(named.stderr).toMatch(/launcher keeps the caches of each project for itself/)
      }),
  )

  where(kernel)('is not made by looking: --dry-run, --print-program, explain', () =>
    inWorld(async (world) => {
      for (const words of [
        ['run', '--dry-run', '--', 'true'],
        ['run', '--print-program', '--', 'true'],
        ['explain', 'default'],
        ['explain', 'default', '--json'],
      ]) {
        const { code, stdout, stderr } = await launcher(world, words)
        expect({ code, stderr }).toMatchObject({ code: 0 })
        expect(`${stdout}${stderr}`).toContain('.cache/launcher/projects/')
      }
      expect(world.exists('.cache')).toBe(false)
    }),
  )

  where(kernel).each<[string, (place: string, world: World) => void, RegExp]>([
    [
      'a link to the home directory',
      (place, world) => fs.symlinkSync(world.home, place),
      /is a link \(to |must not lie in each other/,
    ],
    ['a link to nothing', (place) => fs.symlinkSync('/nowhere/at/all', place), /is a link \(to /],
    ['a file', (place) => fs.writeFileSync(place, ''), /is not a directory/],
    [
      'a directory that the group can write',
      (place) => (fs.mkdirSync(place), fs.chmodSync(place, 0o775)),
      /can be written by others/,
    ],
  ])('replaced by %s is refused with the reason, and nothing is made there', (_, plant, reason) =>
    inWorld(async (world, cacheOf) => {
      const own = await cacheOf(world.project)
      for (const place of [own, path.dirname(own), path.dirname(path.dirname(own))]) {
        fs.renameSync(place, `${place}.away`)
        plant(place, world)
        if (user.uid !== undefined) spawnSync('chown', ['-h', `${user.uid}:${user.uid}`, place])
        const before = fs.readdirSync(world.home).sort()
        const { code, stdout, stderr } = await inside(world, 'echo started')
        expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
        expect(stderr).toMatch(reason)
        expect(stderr).toContain('.cache/launcher')
        expect(fs.readdirSync(world.home).sort()).toEqual(before)
        fs.rmSync(place, { recursive: true })
        fs.renameSync(`${place}.away`, place)
      }
      expect((await inside(world, 'echo started')).stdout).toBe('started\n')
    }),
  )

  where(kernel ?? (process.getuid?.() === 0 ? undefined : 'only root can give a folder away'))(
    'that belongs to somebody else is refused with the reason',
    () =>
      inWorld(async (world, cacheOf) => {
        const own = await cacheOf(world.project)
        fs.chownSync(own, 61_235, 61_235)
        const { code, stderr } = await inside(world, 'true')
        expect(code).toBe(125)
        expect(stderr).toMatch(/belongs to another user \(uid 61235\)/)
      }),
  )

  where(kernel).each<[string, (cache: string, other: string) => string, string]>([
    [
      'a Python in it that names another project, behind a link',
      () => 'mkdir -p .venv/bin && ln -s "$UV_CACHE_DIR/../py/bin/python3.12" .venv/bin/python',
      '.venv/bin/python',
    ],
    [
      'a Python in it that names another project, behind a first line',
      (cache) => `printf '#!${cache}/py/bin/python3.12\n' > start && chmod 755 start`,
      './start',
    ],
    [
      'a first line that names the other project’s own program',
      (_, other) => `printf '#!${other}/start.mjs\n' > start && chmod 755 start`,
      './start',
    ],
  ])('opens nothing to the next run by what an earlier one left: %s', (_, plant, command) =>
    inWorld(async (world, cacheOf) => {
      const other = path.join(world.home, 'work/other')
      for (const file of ['pyproject.toml', 'src/secret/__init__.py'])
        world.put(`work/other/${file}`, 'theirs\n')
      world.put('work/other/package.json', '{}')
      world.put('work/other/start.mjs', '#!/usr/bin/env node\n', 0o755)
      // `cat` by the name of a Python: it shows whatever the policy lets it read.
      const python = (at: string): string =>
        `mkdir -p ${at}/bin ${at}/lib/python3.12/site-packages && cp /bin/cat ${at}/bin/python3.12 && touch ${at}/lib/python3.12/os.py && echo ${other}/src > ${at}/lib/python3.12/site-packages/x.pth`
      const cache = await cacheOf(world.project)
      expect(
        await inside(world, `${python(`${cache}/py`)} && ${plant(cache, other)}`),
      ).toMatchObject({ code: 0, stderr: '' })
      const next = await launcher(world, [
        'run',
        '--quiet',
        '--',
        command,
        `${other}/src/secret/__init__.py`,
      ])
      expect(next.code).not.toBe(0)
      expect(next.stdout).not.toContain('theirs')
      // The same Python where the user put it, started by its name, gets the sources that it names.
      world.outside('/bin/sh', ['-c', python(`${world.home}/py`)])
      const twin = await launcher(
        world,
        ['run', '--quiet', '--', 'python3.12', `${other}/src/secret/__init__.py`],
        { env: { PATH: `${world.home}/py/bin:/usr/bin:/bin` } },
      )
      expect({ stdout: twin.stdout, stderr: twin.stderr }).toEqual({
        stdout: 'theirs\n',
        stderr: '',
      })
    }),
  )

  where(kernel)(
    'gives way to the host’s where the user says so, loudly: what a run leaves is then the host’s',
    () =>
      inWorld(async (world) => {
        world.put(
          '.config/launcher/config.toml',
          'schema = 1\n\n[profile.default.caches]\nUV_CACHE_DIR = "~/.cache/uv"\n',
        )
        const { code, stderr } = await launcher(world, [
          'run',
          '--',
          '/bin/sh',
          '-c',
          'echo x > "$UV_CACHE_DIR/file"',
        ])
        expect({ code, stderr }).toMatchObject({ code: 0 })
        expect(stderr.split('\n')[0]).toContain('caches shared with the host')
        expect(world.read('.cache/uv/file')).toBe('x\n')
        expect(fs.statSync(path.join(world.home, '.cache/uv')).mode & 0o777).toBe(0o700)
      }),
  )

  where(kernel)('cannot be moved or shared by a project’s own file', () =>
    inWorld(async (world) => {
      world.put('work/project/.launcher.toml', 'schema = 1\n\n[caches]\nUV_CACHE_DIR = "~"\n')
      const { code, stderr } = await inside(world, 'true')
      expect(code).toBe(125)
      expect(stderr).toMatch(/`caches` cannot stand here/)
    }),
  )
})
