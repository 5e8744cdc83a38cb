import { describe, expect, it } from 'vitest'
import { file, link } from '../../fixtures/fake-host.ts'
import { ask, program } from './worlds.ts'
import { zip } from './zips.ts'

describe('cargo', () => {
  const executable = file(
    Buffer.concat([
      Buffer.alloc(5000, 1),
      Buffer.from('sparse+https://nothing sparse+https://index.example.test/crates'),
      Buffer.alloc(100, 2),
    ]),
    { mode: 0o755 },
  )
  const cargo = {
    '/usr/bin/cargo': executable,
    '/home/u/.cargo/registry/index/index.example.test-1949cf8c6b5b557f/config.json':
      '{"dl": "https://static.example.test/crates", "api": "https://example.test"}',
  }
  const CARRIED = ['index.example.test:443', 'static.example.test:443']

  it.each([
    ['what its executable carries, and where crates come from', {}, CARRIED],
    [
      'the toolchain’s executable behind rustup’s shim',
      {
        '/usr/bin/cargo': program,
        '/home/u/.rustup/settings.toml': 'default_toolchain = "stable"',
        '/home/u/.rustup/toolchains/stable/bin/cargo': executable,
      },
      CARRIED,
    ],
    [
      'its one registry folder, where the executable says nothing',
      { '/usr/bin/cargo': program },
      CARRIED,
    ],
    [
      'a replaced source, instead',
      {
        '/home/u/.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "sparse+https://corp.example.test/index/"',
      },
      ['corp.example.test:443'],
    ],
    [
      'a source that a named registry stands for',
      {
        '/home/u/.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "sparse+https://corp.example.test/index/"',
      },
      ['corp.example.test:443'],
    ],
    [
      'nothing for vendored sources',
      {
        '/home/u/.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = "vendor"',
      },
      [],
    ],
    [
      'nothing for sources in a circle',
      {
        '/home/u/.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "a"\n[source.a]\nreplace-with = "b"\n[source.b]\nreplace-with = "a"',
      },
      [],
    ],
    [
      'further registries',
      {
        '/home/u/.cargo/config.toml':
          '[registries.my-corp]\nindex = "https://git.example.test/index"',
      },
      [...CARRIED, 'git.example.test:443'],
    ],
    [
      'a file above the project',
      { '/home/.cargo/config.toml': '[registries.up]\nindex = "sparse+https://up.example.test/"' },
      [...CARRIED, 'up.example.test:443'],
    ],
    [
      'not the project’s own file',
      {
        '/home/u/p/.cargo/config.toml':
          '[registries.evil]\nindex = "sparse+https://evil.example.test/"',
      },
      CARRIED,
    ],
  ])('reads %s', (_, tree, names) =>
    expect(ask('crates', { ...cargo, ...tree }).names).toEqual(names),
  )

  it('says how to learn where crates come from', () => {
    expect(ask('crates', { '/usr/bin/cargo': executable })).toMatchObject({
      names: ['index.example.test:443'],
      told: [expect.stringContaining('run `cargo fetch`')],
    })
  })

  it('does not choose between several registry folders', () => {
    expect(
      ask('crates', {
        ...cargo,
        '/usr/bin/cargo': program,
        '/home/u/.cargo/registry/index/b.example.test-1949cf8c6b5b557f/config.json': '{}',
      }).names,
    ).toEqual([])
  })

  it('repeats a named registry inside, and says that a source cannot be', () => {
    const found = ask(
      'crates',
      {
        ...cargo,
        '/home/u/.cargo/config.toml':
          '[source.crates-io]\nreplace-with = "corp"\n[registries.corp]\nindex = "sparse+https://corp.example.test/index/"',
      },
      { world: { canRead: () => false } },
    )
    expect(found.variables).toEqual({
      CARGO_REGISTRIES_CORP_INDEX: 'sparse+https://corp.example.test/index/',
    })
    expect(found.told[0]).toMatch(/no variable can replace a source/)
  })

  it('is called cargo, too', () => expect(ask('cargo', cargo).names).toEqual(CARRIED))
})

describe('Go', () => {
  const go = {
    '/usr/bin/go': link('/usr/lib/go/bin/go'),
    '/usr/lib/go/bin/go': program,
    '/usr/lib/go/go.env':
      '# defaults\nGOPROXY=https://proxy.example.test,direct\nGOSUMDB=sum.example.test\n',
  }
  it.each([
    [
      'the toolchain’s go.env',
      {},
      {},
      {
        'proxy.example.test:443': '/usr/lib/go/go.env:2',
        'sum.example.test:443': '/usr/lib/go/go.env:3',
      },
    ],
    [
      'the user’s file first',
      { '/home/u/.config/go/env': 'GOPROXY=https://user.example.test|https://two.example.test' },
      {},
      {
        'user.example.test:443': '/home/u/.config/go/env:1',
        'two.example.test:443': '/home/u/.config/go/env:1',
        'sum.example.test:443': '/usr/lib/go/go.env:3',
      },
    ],
    [
      'the variable before it',
      { '/home/u/.config/go/env': 'GOPROXY=https://user.example.test' },
      { GOPROXY: 'https://env.example.test', GOSUMDB: 'off' },
      { 'env.example.test:443': 'environment' },
    ],
    [
      'a database with a key and an address',
      {},
      { GOSUMDB: 'sum.example.test+033de0ae+Ac4zctda0e5eza https://mirror.example.test/sum' },
      {
        'proxy.example.test:443': '/usr/lib/go/go.env:2',
        'mirror.example.test:443': 'environment',
      },
    ],
    [
      'no user’s file when it is off',
      { '/home/u/.config/go/env': 'GOPROXY=https://user.example.test' },
      { GOENV: 'off', GOSUMDB: 'off' },
      { 'proxy.example.test:443': '/usr/lib/go/go.env:2' },
    ],
  ])('reads %s', (_, tree, env, from) =>
    expect(ask('go', { ...go, ...tree }, { env }).from).toEqual(from),
  )

  it('repeats the user’s choice inside when its file cannot be read there', () => {
    const tree = { ...go, '/home/u/.config/go/env': 'GOPROXY=https://user.example.test,direct' }
    expect(ask('go', tree, { world: { canRead: () => false } }).variables).toEqual({
      GOPROXY: 'https://user.example.test,direct',
    })
    expect(ask('go', tree).variables).toEqual({})
  })

  it.each([
    [{ GOPROXY: 'direct', GOSUMDB: 'off' }, /straight from their repositories/],
    [{ GOPROXY: 'off', GOSUMDB: 'off' }, /straight from their repositories/],
  ])('opens nothing without a proxy, and says so', (env, text) =>
    expect(ask('go', go, { env })).toMatchObject({
      names: [],
      told: [expect.stringMatching(text)],
    }),
  )
})

describe('RubyGems', () => {
  const gem = {
    '/usr/bin/gem': program,
    '/usr/lib/ruby/3.2.0/rubygems/defaults.rb':
      'module Gem\n  def self.default_sources\n    %w[https://gems.example.test/]\n  end\n',
    '/usr/lib/ruby/3.2.0/rubygems/source.rb': '      index_uri.host = "index.gems.example.test"\n',
  }
  it.each([
    [
      'what RubyGems carries, its index included',
      {},
      ['gems.example.test:443', 'index.gems.example.test:443'],
    ],
    [
      'the user’s sources, instead',
      {
        '/home/u/.gemrc':
          '---\n:backtrace: false\n:sources:\n- https://a.example.test/\n- "https://b.example.test/"\n:verbose: true\n',
      },
      ['a.example.test:443', 'b.example.test:443'],
    ],
    [
      'bundler’s mirrors beside them',
      {
        '/home/u/.bundle/config':
          '---\nBUNDLE_MIRROR__HTTPS://GEMS__EXAMPLE__TEST/: "https://mirror.example.test"\n',
      },
      ['mirror.example.test:443', 'gems.example.test:443', 'index.gems.example.test:443'],
    ],
  ])('reads %s', (_, tree, names) =>
    expect(ask('rubygems', { ...gem, ...tree }).names).toEqual(names),
  )
})

describe('Maven', () => {
  const pom =
    '<project><repositories><repository><id>central</id>\n<url>https://central.example.test/maven2</url></repository></repositories></project>'
  const mvn = {
    '/usr/bin/mvn': link('../share/maven/bin/mvn'),
    '/usr/share/maven/bin/mvn': program,
    '/usr/share/maven/conf/settings.xml':
      '<settings><mirrors><!-- <mirror><url>https://example.test/comment</url></mirror> --><mirror><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror></mirrors></settings>',
    '/usr/share/maven/lib/maven-model-builder-3.9.jar': zip({
      'META-INF/x': '',
      'org/apache/maven/model/pom-4.0.0.xml': pom,
    }),
  }
  it.each([
    ['what its super POM carries', {}, ['central.example.test:443']],
    [
      'a mirror of everything, instead',
      {
        '/home/u/.m2/settings.xml':
          '<mirror><id>x</id><mirrorOf> * </mirrorOf><url>https://mirror.example.test/maven</url></mirror>',
      },
      ['mirror.example.test:443'],
    ],
    [
      'a mirror of one repository beside it',
      {
        '/home/u/.m2/settings.xml':
          '<mirror><mirrorOf>other</mirrorOf><url>https://mirror.example.test/maven</url></mirror>',
      },
      ['mirror.example.test:443', 'central.example.test:443'],
    ],
    [
      'a profile’s repository beside it',
      {
        '/home/u/.m2/settings.xml':
          '<profile><repositories><repository><url>https://corp.example.test/</url></repository></repositories></profile>',
      },
      ['corp.example.test:443', 'central.example.test:443'],
    ],
    [
      'nothing from an unclosed file',
      { '/home/u/.m2/settings.xml': '<mirror>'.repeat(30_000) },
      ['central.example.test:443'],
    ],
  ])('reads %s', (_, tree, names) => expect(ask('maven', { ...mvn, ...tree }).names).toEqual(names))

  it('says that a hidden file cannot be repeated', () => {
    expect(
      ask(
        'maven',
        {
          ...mvn,
          '/home/u/.m2/settings.xml':
            '<mirror><mirrorOf>*</mirrorOf><url>https://m.example.test/</url></mirror>',
        },
        { world: { canRead: () => false } },
      ).told,
    ).toEqual([
      '/home/u/.m2/settings.xml cannot be read inside, and no variable can say what it says; `--lift /home/u/.m2/settings.xml` would, passwords included',
    ])
  })
})

describe('NuGet and Packagist', () => {
  const nuget =
    '<configuration><packageSources>\n<add key="main" value="https://nuget.example.test/v3/index.json" />\n<add key="local" value="/srv/packages" /></packageSources><other><add key="x" value="https://other.example.test/" /></other></configuration>'
  it.each([
    [
      'nuget',
      { '/usr/bin/dotnet': program, '/home/u/.nuget/NuGet/NuGet.Config': nuget },
      ['nuget.example.test:443'],
    ],
    [
      'packagist',
      {
        '/usr/bin/composer': file(
          "<?php public static $defaultRepositories = ['packagist.org' => [\n'type' => 'composer',\n 'url' => 'https://packages.example.test']];",
          { mode: 0o755 },
        ),
      },
      ['packages.example.test:443'],
    ],
    [
      'packagist',
      {
        '/usr/bin/composer': program,
        '/home/u/.config/composer/config.json':
          '{"repositories":{"packagist.org":{"type":"composer","url":"https://mirror.example.test"}}}',
      },
      ['mirror.example.test:443'],
    ],
    [
      'packagist',
      {
        '/usr/bin/composer': program,
        '/home/u/.config/composer/config.json':
          '{"repositories":[{"type":"vcs","url":"https://git.example.test"},{"packagist":false}]}',
      },
      [],
    ],
  ])('%s reads what its program and files say (%#)', (word, tree, names) =>
    expect(ask(word, tree).names).toEqual(names),
  )

  it('says what is to be done where NuGet was never started', () =>
    expect(ask('nuget', { '/usr/bin/dotnet': program }).told).toEqual([
      'NuGet has no file of sources yet: run `dotnet nuget list source` once, outside',
    ]))
})

describe('any registry', () => {
  const WORDS = [
    'cargo',
    'crates',
    'gem',
    'go',
    'jsr',
    'maven',
    'npm',
    'nuget',
    'packagist',
    'pypi',
    'rubygems',
  ]
  it('opens nothing and says nothing on a machine without its program', () => {
    const { hosts, environment, notices } = ask(WORDS, {
      '/home/u/.npmrc': 'registry=https://a.example.test/',
    })
    expect([hosts, [...environment], notices]).toEqual([[], [], []])
  })
  it('survives settings that are folders, links in a circle or unreadable', () => {
    const programs = Object.fromEntries(
      [
        'npm',
        'yarn',
        'bun',
        'python3',
        'uv',
        'cargo',
        'go',
        'gem',
        'mvn',
        'dotnet',
        'composer',
      ].map((name) => [`/usr/bin/${name}`, program]),
    )
    const places = [
      '.npmrc',
      '.yarnrc',
      '.yarnrc.yml',
      '.bunfig.toml',
      '.config/pip/pip.conf',
      '.config/uv/uv.toml',
      '.cargo/config.toml',
      '.config/go/env',
      '.gemrc',
      '.bundle/config',
      '.m2/settings.xml',
      '.nuget/NuGet/NuGet.Config',
      '.config/composer/config.json',
    ]
    for (const node of [
      link('.npmrc'),
      file('x', { mode: 0, uid: 0 }),
      file('[[[[\n<<<<\n{{{{\n- - -'),
      file('[a]\n'.repeat(40_000)),
      file(`x = ${'['.repeat(100_000)}`),
    ]) {
      const tree = Object.fromEntries(places.map((place) => [`/home/u/${place}`, node]))
      expect(ask(WORDS, { ...programs, ...tree }).names).toEqual([])
    }
  })
})
