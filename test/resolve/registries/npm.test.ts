import { describe, expect, it } from 'vitest'
import { link } from '../../fixtures/fake-host.ts'
import { ask, program } from './worlds.ts'

const DEFINITIONS = `
  registry: new Definition('registry', {
    default: 'https://carried.example.test/',
    type: url,
`
const npm = {
  '/usr/bin/node': program,
  '/usr/bin/npm': link('../lib/node_modules/npm/bin/npm-cli.js'),
  '/usr/lib/node_modules/npm/bin/npm-cli.js': program,
  '/usr/lib/node_modules/npm/node_modules/@npmcli/config/lib/definitions/definitions.js':
    DEFINITIONS,
}

describe('npm', () => {
  it.each([
    [
      'what the installed npm carries',
      {},
      {},
      {
        'carried.example.test:443':
          '/usr/lib/node_modules/npm/node_modules/@npmcli/config/lib/definitions/definitions.js:2',
      },
    ],
    [
      'npm’s own npmrc before it',
      { '/usr/lib/node_modules/npm/npmrc': 'registry=https://own.example.test/' },
      {},
      { 'own.example.test:443': '/usr/lib/node_modules/npm/npmrc:1' },
    ],
    [
      'the global npmrc, two folders above node',
      { '/usr/etc/npmrc': '; global\nregistry = https://global.example.test/' },
      {},
      { 'global.example.test:443': '/usr/etc/npmrc:2' },
    ],
    [
      'the global npmrc of the prefix that the user’s npmrc names',
      {
        '/home/u/.npmrc': 'prefix=/opt/n',
        '/opt/n/etc/npmrc': 'registry=https://global.example.test/',
      },
      {},
      { 'global.example.test:443': '/opt/n/etc/npmrc:1' },
    ],
    [
      'the user’s npmrc before the global one',
      {
        '/usr/etc/npmrc': 'registry=https://global.example.test/',
        '/home/u/.npmrc': 'fund=false\nregistry="https://user.example.test/" ',
      },
      {},
      { 'user.example.test:443': '/home/u/.npmrc:2' },
    ],
    [
      'the last of two lines',
      {
        '/home/u/.npmrc':
          'registry=https://a.example.test/\nregistry=https://b.example.test/ ; mirror',
      },
      {},
      { 'b.example.test:443': '/home/u/.npmrc:2' },
    ],
    [
      'the npmrc that a variable names',
      {
        '/etc/my.npmrc': 'registry=https://named.example.test/',
        '/home/u/.npmrc': 'registry=https://user.example.test/',
      },
      { NPM_CONFIG_USERCONFIG: '/etc/my.npmrc' },
      { 'named.example.test:443': '/etc/my.npmrc:1' },
    ],
    [
      'a variable before every file',
      { '/home/u/.npmrc': 'registry=https://user.example.test/' },
      { npm_config_registry: 'https://env.example.test' },
      { 'env.example.test:443': 'environment' },
    ],
    [
      'a variable inside a value',
      { '/home/u/.npmrc': 'registry=https://${MIRROR}/npm/' },
      { MIRROR: 'mirror.example.test' },
      { 'mirror.example.test:443': '/home/u/.npmrc:1' },
    ],
    [
      'registries of scopes as well',
      { '/home/u/.npmrc': '@corp:registry=https://corp.example.test/npm/' },
      {},
      {
        'carried.example.test:443': expect.any(String),
        'corp.example.test:443': '/home/u/.npmrc:1',
      },
    ],
  ])('reads %s', (_, tree, env, from) =>
    expect(ask('npm', { ...npm, ...tree }, { env }).from).toEqual(from),
  )

  it.each([
    [
      'nothing where no package manager is installed',
      { '/home/u/.npmrc': 'registry=https://user.example.test/' },
    ],
    [
      'nothing for an npm that lies in the project',
      { '/home/u/p/bin/npm': program, '/usr/bin/npm': link('/home/u/p/bin/npm') },
    ],
    ['nothing for an npm that cannot be executed', { '/usr/bin/npm': '' }],
  ])('opens %s', (_, tree) => expect(ask('npm', tree)).toMatchObject({ names: [], variables: {} }))

  it('never reads the project’s npmrc, nor a file of the user’s that leads into the project', () => {
    const project = ask('npm', {
      ...npm,
      '/home/u/p/.npmrc': 'registry=https://evil.example.test/',
    })
    expect(project.names).toEqual(['carried.example.test:443'])
    const linked = ask('npm', {
      ...npm,
      '/home/u/p/npmrc': 'registry=https://evil.example.test/',
      '/home/u/.npmrc': link('p/npmrc'),
    })
    expect(linked.names).toEqual(['carried.example.test:443'])
    expect(linked.told).toEqual([
      '/home/u/.npmrc can be written by the agent; no registry is read from it',
    ])
  })

  it('never reads what the agent can write elsewhere', () => {
    const tree = { ...npm, '/home/u/.npmrc': 'registry=https://evil.example.test/' }
    expect(
      ask('npm', tree, { world: { canWrite: (path) => path === '/home/u/.npmrc' } }).names,
    ).toEqual(['carried.example.test:443'])
    expect(ask('npm', tree, { world: { canWrite: () => false } }).names).toEqual([
      'evil.example.test:443',
    ])
  })

  it('repeats a registry inside when its file cannot be read there, without the login', () => {
    const tree = {
      ...npm,
      '/home/u/.npmrc':
        'registry=https://me:hunter2@user.example.test/npm/\n//user.example.test/:_authToken=hunter2',
    }
    const hidden = ask('npm', tree, { world: { canRead: () => false } })
    expect(hidden.variables).toEqual({ npm_config_registry: 'https://user.example.test/npm/' })
    expect(hidden.told).toEqual([
      'the login for user.example.test:443 stays outside: what needs it is refused there',
    ])
    expect(
      JSON.stringify([...hidden.hosts, ...hidden.notices, ...hidden.environment]),
    ).not.toContain('hunter2')
    expect(ask('npm', tree, { world: { canRead: () => true } }).variables).toEqual({})
  })

  it('repeats a variable that does not pass, and leaves one that does', () => {
    const env = { NPM_CONFIG_REGISTRY: 'https://env.example.test/' }
    expect(ask('npm', npm, { env }).variables).toEqual({
      npm_config_registry: 'https://env.example.test/',
    })
    expect(ask('npm', npm, { env, inside: env }).variables).toEqual({})
    expect(
      ask('npm', npm, { env, inside: { NPM_CONFIG_REGISTRY: 'https://inside.example.test/' } })
        .names,
    ).toEqual(['inside.example.test:443'])
  })

  it('never repeats a value that was put together with a variable from outside', () => {
    const found = ask(
      'npm',
      { ...npm, '/home/u/.npmrc': 'registry=https://r.example.test/${TOKEN}/' },
      { env: { TOKEN: 'hunter2' }, world: { canRead: () => false } },
    )
    expect([found.names, found.variables]).toEqual([['r.example.test:443'], {}])
  })

  it('says which scope a hidden file leaves unknown inside', () => {
    expect(
      ask(
        'npm',
        { ...npm, '/home/u/.npmrc': '@corp:registry=https://corp.example.test/' },
        { world: { canRead: () => false } },
      ).told[0],
    ).toMatch(/no variable can say where @corp comes from; `--lift \/home\/u\/\.npmrc` would/)
  })

  it.each([
    ['a file of 10 MB', 'a'.repeat(10 << 20), 'is too large'],
    ['bytes that are not UTF-8', new Uint8Array([0x72, 0xff, 0xfe]), 'is not UTF-8 text'],
    ['a NUL', 'registry=https://a.example.test/\0', 'is not UTF-8 text'],
  ])('refuses %s and says so, quickly', (_, content, problem) => {
    const found = ask('npm', { ...npm, '/home/u/.npmrc': content })
    expect(found.names).toEqual(['carried.example.test:443'])
    expect(found.told).toEqual([`/home/u/.npmrc ${problem}; no registry is read from it`])
  })

  it('refuses an address that is none with its place, and shows nothing of it', () => {
    const found = ask('npm', { ...npm, '/home/u/.npmrc': '\nregistry=http://hunter2@[::1]/' })
    expect([found.names, found.notices]).toEqual([
      [],
      [
        {
          level: 'warning',
          code: 'registry-refused',
          message: expect.stringMatching(/^an address for npm .*; it opens nothing$/),
          origin: expect.objectContaining({ file: '/home/u/.npmrc', line: 2 }),
        },
      ],
    ])
    expect(JSON.stringify(found.notices)).not.toContain('hunter2')
  })

  it('warns of a registry without encryption, on its own port', () => {
    const found = ask('npm', { ...npm, '/home/u/.npmrc': 'registry=http://plain.example.test/' })
    expect([found.names, found.told]).toEqual([
      ['plain.example.test:80'],
      ['plain.example.test:80 is asked for npm packages without encryption (http://)'],
    ])
  })

  it('gives each host the profile that asked for it', () => {
    expect(ask('npm', npm).hosts[0]?.origin).toMatchObject({
      strength: 'derived',
      because:
        'where npm packages come from on this machine; asked for by registries = ["npm"] in profiles/toolchains/x.toml:3',
    })
  })

  it.each([
    [
      'pnpm alone, beside node’s npm',
      {
        '/usr/bin/pnpm': program,
        '/usr/bin/node': program,
        '/usr/lib/node_modules/npm/node_modules/@npmcli/config/lib/definitions/definitions.js':
          DEFINITIONS,
      },
      ['carried.example.test:443'],
    ],
    [
      'an npm behind volta’s shim',
      {
        '/usr/bin/npm': program,
        '/home/u/.volta/tools/image/npm/10.1.0/node_modules/@npmcli/config/lib/definitions/definitions.js':
          DEFINITIONS,
      },
      ['carried.example.test:443'],
    ],
    [
      'npm 8, which keeps its definitions elsewhere',
      {
        '/usr/bin/npm': link('../lib/node_modules/npm/bin/npm-cli.js'),
        '/usr/lib/node_modules/npm/bin/npm-cli.js': program,
        '/usr/lib/node_modules/npm/lib/utils/config/definitions.js':
          "define('registry', {\n  default: 'https://old.example.test/',",
      },
      ['old.example.test:443'],
    ],
    [
      'yarn’s own server',
      {
        ...npm,
        '/usr/bin/yarn': program,
        '/home/u/.yarnrc.yml':
          'npmRegistryServer: "https://yarn.example.test"\nnpmScopes:\n  corp:\n    npmRegistryServer: https://corp.example.test # ours\n',
      },
      ['carried.example.test:443', 'yarn.example.test:443', 'corp.example.test:443'],
    ],
    [
      'bun’s own registry and scopes',
      {
        ...npm,
        '/usr/bin/bun': program,
        '/home/u/.bunfig.toml':
          '[install]\nregistry = { url = "https://bun.example.test", token = "x" }\n[install.scopes]\n"@corp" = "https://corp.example.test"\n',
      },
      ['carried.example.test:443', 'bun.example.test:443', 'corp.example.test:443'],
    ],
  ])('knows %s', (_, tree, names) => expect(ask('npm', tree).names).toEqual(names))

  it('tells pnpm by its own variable, too', () => {
    const found = ask(
      'npm',
      { ...npm, '/usr/bin/pnpm': program, '/home/u/.npmrc': 'registry=https://user.example.test/' },
      { world: { canRead: () => false } },
    )
    expect(found.variables).toEqual({
      npm_config_registry: 'https://user.example.test/',
      pnpm_config_registry: 'https://user.example.test/',
    })
  })

  it('tells yarn, whose default is compiled into it, to ask the same registry as npm', () => {
    expect(ask('npm', { ...npm, '/usr/bin/yarn': program }).variables).toEqual({
      YARN_NPM_REGISTRY_SERVER: 'https://carried.example.test/',
    })
  })
})

describe('JSR', () => {
  it('is where the user’s npmrc says that its scope is', () => {
    expect(
      ask('jsr', { ...npm, '/home/u/.npmrc': '@jsr:registry=https://jsr.example.test' }).names,
    ).toEqual(['jsr.example.test:443'])
  })
  it('is nowhere when only a project says so, which the notice explains', () => {
    const found = ask('jsr', {
      ...npm,
      '/home/u/p/.npmrc': '@jsr:registry=https://jsr.example.test',
    })
    expect([found.names, found.told]).toEqual([
      [],
      ['no file of yours says where JSR is: `@jsr:registry=` in ~/.npmrc would; a project cannot'],
    ])
  })
})
