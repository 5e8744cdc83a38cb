import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import type { RegistryHosts, RegistryWorld } from '../../src/resolve/registries/model.ts'
import { registryHosts } from '../../src/resolve/registries/registry-hosts.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { where } from '../e2e/where.ts'
import { cpuSince } from '../fixtures/cpu.ts'
import { onPath } from '../resolve/registries/installed.ts'
import { word } from '../resolve/registries/worlds.ts'

/** A home of the tests' own; programs and their installations are this machine's. */
const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-registries-')))
const home = path.join(folder, 'home')
const project = path.join(folder, 'project')
beforeAll(() => [home, project].forEach((directory) => fs.mkdirSync(directory)))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/**
 * Settings of this machine's package managers would be read by both sides; those of launcher's
 * tests would not be reproducible.
 */
const SETTING = /^(npm_|pip_|uv_|go|cargo_|rustup_home|xdg_config)/i
const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || SETTING.test(name) ? [] : [[name, value]],
    ),
  ),
  RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? path.join(os.homedir(), '.rustup'),
  HOME: home,
  ...more,
})

const found = (
  registry: string,
  env: Readonly<Record<string, string>>,
  more: Partial<RegistryWorld> = {},
): RegistryHosts => {
  const host = {
    ...realHost(path.resolve(import.meta.dirname, '../..')),
    env,
    home: home as AbsolutePath,
  }
  return registryHosts([word(registry)], {
    host,
    project: project as AbsolutePath,
    home: home as AbsolutePath,
    env,
    ...more,
  })
}

const hostsOf = (registry: string, env: Readonly<Record<string, string>>): string[] =>
  found(registry, env).hosts.map(({ value }) => value)

const withFiles = (files: Readonly<Record<string, string>>, use: () => void): void => {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true })
    fs.writeFileSync(path.join(home, name), text)
  }
  try {
    use()
  } finally {
    for (const name of Object.keys(files)) fs.rmSync(path.join(home, name))
  }
}

const output = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = project,
): string =>
  execFileSync(command, args, {
    env,
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  }).trim()

const hostPort = (url: string): string => {
  const { hostname, port, protocol } = new URL(url)
  return `${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`
}

describe('the hosts are those that the installed program itself reports:', () => {
  const globalFile = path.join(home, 'global/etc/npmrc')
  where(onPath('npm') ? undefined : 'npm is not installed').each<Row>([
    ['its default', {}, {}],
    ['a user’s npmrc', { '.npmrc': '; mine\nregistry = "https://user.example.test/npm/"\n' }, {}],
    [
      'the last of two lines',
      {
        '.npmrc':
          'registry=https://a.example.test\nregistry=https://b.example.test # x\n[other]\nregistry=https://c.example.test',
      },
      {},
    ],
    [
      'a variable in npmrc',
      { '.npmrc': 'registry=https://${MIRROR}/\n' },
      { MIRROR: 'mirror.example.test' },
    ],
    [
      'a global npmrc',
      { 'global/etc/npmrc': 'registry=https://global.example.test/' },
      { NPM_CONFIG_GLOBALCONFIG: globalFile },
    ],
    [
      'a prefix in the user’s npmrc',
      {
        'global/etc/npmrc': 'registry=https://global.example.test/',
        '.npmrc': `prefix=${home}/global`,
      },
      {},
    ],
    [
      'another user’s npmrc',
      {
        'other.npmrc': 'registry=https://other.example.test/',
        '.npmrc': 'registry=https://user.example.test/',
      },
      { npm_config_userconfig: path.join(home, 'other.npmrc') },
    ],
    [
      'a variable',
      { '.npmrc': 'registry=https://user.example.test/' },
      { NPM_CONFIG_REGISTRY: 'https://env.example.test/' },
    ],
  ])('npm, %s', (_, files, more) =>
    withFiles(files, () => {
      const env = environment(more)
      expect(hostsOf('npm', env)).toEqual([
        hostPort(output('npm', ['config', 'get', 'registry'], env)),
      ])
    }),
  )

  where(onPath('python3') ? undefined : 'python3 is not installed')(
    'pip, its default and its files’ host',
    (context) => {
      const env = environment({ PIP_CONFIG_FILE: '/dev/null' })
      const asked = spawnSync(
        'python3',
        [
          '-c',
          'from pip._internal.models.index import PyPI; print(PyPI.simple_url, PyPI.file_storage_domain)',
        ],
        { env, cwd: project, encoding: 'utf8' },
      )
      if (asked.status !== 0) return context.skip('this python3 has no pip')
      const [url = '', files = ''] = asked.stdout.trim().split(' ')
      expect(hostsOf('pypi', { ...env, PATH: withoutUv(env) })).toEqual([
        hostPort(url),
        `${files}:443`,
      ])
    },
  )

  where(onPath('pip3') ? undefined : 'pip3 is not installed').each<Row>([
    [
      'a user’s file',
      { '.config/pip/pip.conf': '[global]\nindex_url = https://user.example.test/simple\n' },
      {},
    ],
    [
      'a user’s old file',
      { '.pip/pip.conf': '[global]\nindex-url: https://old.example.test/simple\n' },
      {},
    ],
    [
      'both files',
      {
        '.pip/pip.conf': '[global]\nindex-url: https://old.example.test/simple\n',
        '.config/pip/pip.conf': '[global]\nindex-url = https://user.example.test/simple\n',
      },
      {},
    ],
    [
      'a named file',
      {
        'x.conf': '[global]\nindex-url = https://named.example.test/simple\n',
        '.config/pip/pip.conf': '[global]\nindex-url = https://user.example.test/simple\n',
      },
      { PIP_CONFIG_FILE: path.join(home, 'x.conf') },
    ],
  ])('pip, %s', (_, files, more) =>
    withFiles(files, () => {
      const env = environment(more)
      const url =
        /^global\.index-url='([^']+)'$/m.exec(output('pip3', ['config', 'list'], env))?.[1] ?? ''
      expect(hostsOf('pypi', { ...env, PATH: withoutUv(env) })).toEqual([hostPort(url)])
    }),
  )

  where(onPath('python3') ? undefined : 'python3 is not installed')(
    'uv from PyPI, its default: the addresses in its own log',
    (context) => {
      const env = environment()
      const venv = path.join(folder, 'venv')
      const made = spawnSync(
        'sh',
        ['-c', 'python3 -m venv "$0" && "$0/bin/pip" install -q uv', venv],
        { env, encoding: 'utf8', timeout: 200_000 },
      )
      if (made.status !== 0) return context.skip('uv cannot be installed: PyPI is out of reach')
      fs.writeFileSync(path.join(project, 'r.in'), 'six\n')
      const log = spawnSync(path.join(venv, 'bin/uv'), ['pip', 'compile', '-v', 'r.in'], {
        env: { ...env, UV_CACHE_DIR: path.join(folder, 'uv') },
        cwd: project,
        encoding: 'utf8',
        timeout: 60_000,
      }).stderr
      const asked = [
        ...new Set([...log.matchAll(/https:\/\/[^\s/]+/g)].map(([url]) => hostPort(url))),
      ]
      expect(asked.length).toBeGreaterThan(0)
      expect(hostsOf('pypi', { ...env, PATH: `${venv}/bin:${env['PATH']}` })).toEqual(
        expect.arrayContaining(asked),
      )
    },
    300_000,
  )

  where(onPath('go') ? undefined : 'go is not installed').each<Row>([
    ['its default', {}, {}],
    [
      'a user’s file',
      { '.config/go/env': 'GOPROXY=https://user.example.test,direct\nGOSUMDB=off\n' },
      {},
    ],
    [
      'a variable',
      { '.config/go/env': 'GOPROXY=https://user.example.test\n' },
      {
        GOPROXY: 'https://env.example.test|https://two.example.test',
        GOSUMDB: 'sum.example.test https://sums.example.test',
      },
    ],
  ])('go, %s', (_, files, more) =>
    withFiles(files, () => {
      const env = environment(more)
      const [proxies = '', sums = ''] = output('go', ['env', 'GOPROXY', 'GOSUMDB'], env).split('\n')
      const urls = proxies.split(/[,|]/).filter((item) => item.startsWith('https:'))
      const [name = '', url = `https://${name}`] = sums.split(' ')
      expect(hostsOf('go', env)).toEqual([...urls, ...(name === 'off' ? [] : [url])].map(hostPort))
    }),
  )

  where(onPath('cargo') ? undefined : 'cargo is not installed')(
    'cargo, its default: the folder that it keeps its index in',
    (context) => {
      const cargoHome = path.join(folder, 'cargo')
      const crate = path.join(folder, 'crate')
      fs.mkdirSync(path.join(crate, 'src'), { recursive: true })
      fs.writeFileSync(
        path.join(crate, 'Cargo.toml'),
        '[package]\nname = "t"\nversion = "0.1.0"\n[dependencies]\nitoa = "1"\n',
      )
      fs.writeFileSync(path.join(crate, 'src/lib.rs'), '')
      const env = environment({ CARGO_HOME: cargoHome })
      if (spawnSync('cargo', ['fetch'], { env, cwd: crate, timeout: 100_000 }).status !== 0)
        return context.skip('cargo cannot reach its registry')
      const [kept = ''] = fs.readdirSync(path.join(cargoHome, 'registry/index'))
      const [index, downloads] = hostsOf('crates', env)
      expect(index).toBe(`${kept.replace(/-[0-9a-f]{16}$/, '')}:443`)
      const { dl } = JSON.parse(
        fs.readFileSync(path.join(cargoHome, 'registry/index', kept, 'config.json'), 'utf8'),
      )
      expect(downloads ?? index).toBe(hostPort(dl))
    },
    120_000,
  )

  where(onPath('mvn') ? undefined : 'Maven is not installed')(
    'Maven, its default: the repository that it misses when it is offline',
    (context) => {
      const env = environment()
      const refused = spawnSync(
        'mvn',
        ['-o', '-B', `-Dmaven.repo.local=${folder}/m2`, 'dependency:get', '-Dartifact=a:b:1'],
        { env, cwd: project, encoding: 'utf8', timeout: 60_000 },
      ).stdout
      const url = /central \((https?:[^)]+)\)/.exec(refused)?.[1]
      if (url === undefined) return context.skip('this Maven does not say where it would look')
      expect(hostsOf('maven', env)).toEqual([hostPort(url)])
    },
    90_000,
  )

  where(onPath('gem') ? undefined : 'gem is not installed')('RubyGems, its default', () => {
    const env = environment()
    const urls = output('gem', ['sources', '--list'], env)
      .split('\n')
      .filter((line) => line.startsWith('http'))
    expect(hostsOf('rubygems', env)).toEqual(expect.arrayContaining(urls.map(hostPort)))
  })

  where(onPath('composer') ? undefined : 'Composer is not installed')(
    'Composer, its default',
    () => {
      const env = environment()
      expect(hostsOf('packagist', env)).toEqual([
        hostPort(output('composer', ['config', '-g', 'repositories.packagist.org.url'], env)),
      ])
    },
  )
})

describe('a program that cannot read its file inside reports the same host, told by the variables:', () => {
  const empty = path.join(folder, 'empty')
  beforeAll(() => fs.mkdirSync(empty))

  /** What the program reports in a home without the file, with the variables that stand for it. */
  const insideOf = (
    registry: string,
    files: Readonly<Record<string, string>>,
  ): { readonly hosts: readonly string[]; readonly env: Record<string, string> } => {
    let result = { hosts: [] as readonly string[], env: {} }
    withFiles(files, () => {
      const { hosts, environment: variables } = found(registry, environment(), {
        canRead: (file) => !file.startsWith(`${home}/`),
      })
      result = {
        hosts: hosts.map(({ value }) => value),
        env: environment({
          HOME: empty,
          ...Object.fromEntries([...variables].map(([name, { value }]) => [name, value])),
        }),
      }
    })
    return result
  }

  where(onPath('npm') ? undefined : 'npm is not installed')('npm', () => {
    const { hosts, env } = insideOf('npm', {
      '.npmrc': 'registry=https://me:hunter2@user.example.test/npm/\n',
    })
    expect(output('npm', ['config', 'get', 'registry'], env)).toBe('https://user.example.test/npm/')
    expect(hosts).toEqual(['user.example.test:443'])
  })

  where(onPath('pip3') ? undefined : 'pip3 is not installed')('pip', () => {
    const { hosts, env } = insideOf('pypi', {
      '.config/pip/pip.conf':
        '[global]\nindex-url = https://me:hunter2@user.example.test/simple\nextra-index-url =\n  https://a.example.test/simple\n  https://b.example.test/simple\n',
    })
    const reported = output('pip3', ['config', 'list'], env)
    expect(reported).toContain(":env:.index-url='https://user.example.test/simple'")
    expect(reported).toContain(
      ":env:.extra-index-url='https://a.example.test/simple https://b.example.test/simple'",
    )
    expect(hosts).toEqual(
      expect.arrayContaining(['user.example.test:443', 'a.example.test:443', 'b.example.test:443']),
    )
  })

  where(onPath('go') ? undefined : 'go is not installed')('go', () => {
    const { env } = insideOf('go', {
      '.config/go/env':
        'GOPROXY=https://me:hunter2@user.example.test/mod|https://two.example.test,direct\nGOSUMDB=off\n',
    })
    expect(output('go', ['env', 'GOPROXY', 'GOSUMDB'], env)).toBe(
      'https://user.example.test/mod|https://two.example.test,direct\noff',
    )
  })
})

describe('reading the settings of this machine', () => {
  it('takes less than 50 ms of CPU time for npm and PyPI together', () => {
    const env = environment()
    // The best of some: the machine may be busy with something else.
    const times = Array.from({ length: 8 }, () => {
      const start = process.cpuUsage()
      hostsOf('npm', env)
      hostsOf('pypi', env)
      return cpuSince(start)
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })
})

/** A title, files of the home, variables. */
type Row = readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]

/** PATH without the directories that hold uv, whose indexes are another table's. */
const withoutUv = (env: Readonly<Record<string, string>>): string =>
  (env['PATH'] ?? '')
    .split(':')
    .filter((directory) => !fs.existsSync(path.join(directory, 'uv')))
    .join(':')
