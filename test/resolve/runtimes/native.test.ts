import fs from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Host } from '../../../src/machine/host.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { readElf } from '../../../src/resolve/runtimes/elf.ts'
import { readMach } from '../../../src/resolve/runtimes/macho.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import { elfBytes } from '../../fixtures/elf-bytes.ts'
import { fakeHost, link, type FakeOverrides, type FakeTree } from '../../fixtures/fake-host.ts'
import { fatBytes, MACH_CPU, machBytes } from '../../fixtures/mach-bytes.ts'
import { program } from '../../fixtures/uv-tool.ts'

const source = (bytes: Uint8Array) => ({
  at: (offset: number, length: number) => bytes.subarray(offset, offset + length),
})
const reads = (tree: FakeTree, command: string, overrides: FakeOverrides = {}) => {
  const host = fakeHost(tree, overrides)
  const target = resolveTarget(host, command, {
    searchPath: ['/usr/bin'],
    project: '/home/u/p' as AbsolutePath,
    cwd: host.cwd,
    platform: host.platform,
  })
  return target.reads.map((part) => `${part.role} ${part.path.real}`)
}

describe('ELF', () => {
  it.runIf(process.platform === 'linux')('the real /bin/true names its loader and libc', () => {
    const header = readElf(source(fs.readFileSync('/bin/true')))
    expect(header?.interpreter).toMatch(/^\/lib(64)?\//)
    expect(header?.needed.some((name) => name.startsWith('libc.'))).toBe(true)
  })
  it('system libraries need no part', () =>
    expect(
      reads(
        {
          '/opt/x': program(elfBytes({ needed: ['libc.so.6'] })),
          '/usr/lib/libc.so.6': elfBytes(),
        },
        '/opt/x',
      ),
    ).toEqual([]))
  it.each([
    ['RUNPATH', { runpath: '/opt/l' }],
    ['RPATH', { rpath: '/opt/none:/opt/l' }],
    ['$ORIGIN', { runpath: '$ORIGIN/../l' }],
    ['${ORIGIN}', { runpath: '${ORIGIN}/../l' }],
  ])('%s', (_, paths) =>
    expect(
      reads(
        {
          '/opt/bin/x': program(elfBytes({ needed: ['liba.so'], ...paths })),
          '/opt/l/liba.so': elfBytes(),
        },
        '/opt/bin/x',
      ),
    ).toEqual(['library /opt/l/liba.so']),
  )
  it('$ORIGIN is that of the real file', () =>
    expect(
      reads(
        {
          '/usr/bin/x': link('/opt/bin/x'),
          '/opt/bin/x': program(elfBytes({ needed: ['liba.so'], runpath: '$ORIGIN' })),
          '/opt/bin/liba.so': elfBytes(),
        },
        'x',
      ),
    ).toEqual(['library /opt/bin/liba.so']))
  it('libraries of libraries; RPATH is inherited, RUNPATH is not', () => {
    const tree = (key: 'rpath' | 'runpath') => ({
      '/opt/x': program(elfBytes({ needed: ['a.so'], [key]: '/opt/l' })),
      '/opt/l/a.so': elfBytes({ needed: ['b.so'] }),
      '/opt/l/b.so': elfBytes(),
    })
    expect(reads(tree('rpath'), '/opt/x')).toEqual(['library /opt/l/a.so', 'library /opt/l/b.so'])
    expect(reads(tree('runpath'), '/opt/x')).toEqual(['library /opt/l/a.so'])
  })
  it('a loader of its own', () =>
    expect(
      reads(
        { '/opt/x': program(elfBytes({ interpreter: '/opt/ld.so' })), '/opt/ld.so': program() },
        '/opt/x',
      ),
    ).toEqual(['interpreter /opt/ld.so']))
  it('files are read in pieces, never whole', () => {
    const host = fakeHost({
      '/opt/x': program(elfBytes({ needed: ['a.so'], runpath: '$ORIGIN/l' })),
      '/opt/l/a.so': elfBytes(),
    })
    const whole: string[] = []
    const read: Host['read'] = (path, limit) => (whole.push(path), host.read(path, limit))
    const target = resolveTarget({ ...host, read }, '/opt/x', {
      searchPath: [],
      project: '/home/u/p' as AbsolutePath,
      cwd: host.cwd,
      platform: 'linux',
    })
    expect([
      target.reads.map((part) => part.path.real),
      whole.filter((path) => path.startsWith('/opt/x') || path.startsWith('/opt/l')),
    ]).toEqual([['/opt/l/a.so'], []])
  })
  describe('ld.so.conf', () => {
    const tree = (conf: FakeTree): FakeTree => ({
      '/opt/x': program(elfBytes({ needed: ['a.so'] })),
      '/opt/cuda/lib/a.so': elfBytes(),
      ...conf,
    })
    it.each<[string, FakeTree]>([
      ['the file itself', { '/etc/ld.so.conf': '# comment\n/usr/lib/x\n/opt/cuda/lib # here\n' }],
      [
        'a directory of files',
        {
          '/etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n',
          '/etc/ld.so.conf.d/cuda.conf': '/opt/cuda/lib\n',
        },
      ],
      [
        'a relative include',
        {
          '/etc/ld.so.conf': 'include ld.so.conf.d/*.conf\n',
          '/etc/ld.so.conf.d/cuda.conf': '/opt/cuda/lib\n',
        },
      ],
    ])('%s names a directory outside the system', (_, conf) =>
      expect(reads(tree(conf), '/opt/x')).toEqual(['library /opt/cuda/lib/a.so']),
    )
    it('a program of /usr/local finds its libraries there too', () =>
      expect(
        reads(
          {
            ...tree({ '/etc/ld.so.conf': '/opt/cuda/lib\n' }),
            '/usr/local/bin/y': program(elfBytes({ needed: ['a.so'] })),
          },
          '/usr/local/bin/y',
        ),
      ).toEqual(['library /opt/cuda/lib/a.so']))
    it.each<[string, FakeTree]>([
      [
        'another name',
        {
          '/etc/ld.so.conf': 'include /etc/ld.so.conf.d/*.conf\n',
          '/etc/ld.so.conf.d/cuda.conf.bak': '/opt/cuda/lib\n',
        },
      ],
      [
        'a file outside /etc',
        { '/etc/ld.so.conf': 'include /home/u/*.conf\n', '/home/u/a.conf': '/opt/cuda/lib\n' },
      ],
      ['a relative directory', { '/etc/ld.so.conf': 'opt/cuda/lib\n' }],
      ['itself', { '/etc/ld.so.conf': 'include /etc/ld.so.conf\ninclude /etc/*.conf\n' }],
      ['10 MB', { '/etc/ld.so.conf': `/opt/cuda/lib\n#${'x'.repeat(10 << 20)}` }],
      ['a thousand stars', { '/etc/ld.so.conf': `include /etc/${'*a'.repeat(1000)}\n` }],
    ])('%s brings nothing', (_, conf) => expect(reads(tree(conf), '/opt/x')).toEqual([]))
  })
  it('LD_LIBRARY_PATH is not passed on, so it finds nothing', () =>
    expect(
      reads(
        { '/opt/x': program(elfBytes({ needed: ['a.so'] })), '/opt/l/a.so': elfBytes() },
        '/opt/x',
        { env: { LD_LIBRARY_PATH: '/opt/l' } },
      ),
    ).toEqual([]))
  it('$LIB and $PLATFORM', () =>
    expect(
      reads(
        {
          '/opt/x': program(
            elfBytes({ needed: ['a.so', 'b.so'], runpath: '/opt/$LIB:/opt/${PLATFORM}' }),
          ),
          '/opt/lib/a.so': elfBytes(),
          '/opt/x86_64/b.so': elfBytes(),
        },
        '/opt/x',
      ),
    ).toEqual(['library /opt/lib/a.so', 'library /opt/x86_64/b.so']))
  it('libraries of libraries of libraries, fourteen deep', () => {
    const chain = Object.fromEntries(
      [...Array(14).keys()].map((n) => [
        `/opt/l${n}.so`,
        elfBytes({ needed: [`l${n + 1}.so`], rpath: '/opt' }),
      ]),
    )
    expect(
      reads(
        { '/opt/x': program(elfBytes({ needed: ['l0.so'], rpath: '/opt' })), ...chain },
        '/opt/x',
      ),
    ).toHaveLength(14)
  })
  it('a loader that is missing is why it cannot start: 126', () =>
    expect(() =>
      reads({ '/opt/x': program(elfBytes({ interpreter: '/lib/ld-musl-x86_64.so.1' })) }, '/opt/x'),
    ).toThrow(/its loader \/lib\/ld-musl-x86_64.so.1 does not exist/))
  it.each([
    ['x64', 62, []],
    ['x64', 3, []],
    ['x64', 183, ['target-architecture']],
    ['arm64', 183, []],
    ['arm64', 62, ['target-architecture']],
    ['riscv64', 243, []],
  ] as const)('on %s machine %i: %j', (arch, machine, expected) => {
    const host = fakeHost({ '/opt/x': program(elfBytes({ machine })) }, { arch })
    expect(
      resolveTarget(host, '/opt/x', {
        searchPath: [],
        project: '/home/u/p' as AbsolutePath,
        cwd: host.cwd,
        platform: 'linux',
      }).notices.map((notice) => notice.code),
    ).toEqual(expected)
  })
  it('circles end', () =>
    expect(
      reads(
        {
          '/opt/x': program(elfBytes({ needed: ['a.so'], rpath: '/opt' })),
          '/opt/a.so': elfBytes({ needed: ['a.so', 'x'], rpath: '/opt' }),
        },
        '/opt/x',
      ),
    ).toEqual(['library /opt/a.so']))
  it('a header cannot name what is no library', () =>
    expect(
      reads(
        {
          '/opt/x': program(
            elfBytes({ needed: ['id_rsa', 'letter'], runpath: '/home/u/.ssh:/home/u' }),
          ),
          '/home/u/.ssh/id_rsa': elfBytes(),
          '/home/u/letter': 'text',
        },
        '/opt/x',
      ),
    ).toEqual([]))
  it('never throws on bytes that begin like ELF', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom(1, 2),
        fc.constantFrom(1, 2),
        (tail, width, order) => {
          readElf(source(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, width, order, 1, ...tail])))
        },
      ),
    ))
  it('never throws on a file with one byte changed', () => {
    const whole = elfBytes({ needed: ['a', 'b'], runpath: '/x' })
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.nat(255),
        fc.nat(whole.length),
        (at, value, length) => void readElf(source(whole.with(at, value).subarray(0, length))),
      ),
      { numRuns: 500 },
    )
  })
})

describe('Mach-O', () => {
  const mac = { platform: 'macos', arch: 'arm64', home: '/Users/u' } as const
  it('only libraries outside the system need a part', () =>
    expect(
      reads(
        {
          '/opt/x': program(machBytes(['/usr/lib/libSystem.B.dylib', '/opt/l/a.dylib'])),
          '/opt/l/a.dylib': machBytes([]),
          '/usr/lib/libSystem.B.dylib': machBytes([]),
        },
        '/opt/x',
        mac,
      ),
    ).toEqual(['library /opt/l/a.dylib']))
  it('@rpath, @loader_path and @executable_path', () => {
    const tree = {
      '/opt/bin/x': program(
        machBytes(['@rpath/a.dylib', '@executable_path/../b.dylib'], ['@loader_path/../lib']),
      ),
      '/opt/lib/a.dylib': machBytes(['@loader_path/c.dylib']),
      '/opt/b.dylib': machBytes([]),
      '/opt/lib/c.dylib': machBytes([]),
    }
    expect(reads(tree, '/opt/bin/x', mac)).toEqual([
      'library /opt/lib/a.dylib',
      'library /opt/b.dylib',
      'library /opt/lib/c.dylib',
    ])
  })
  it('the slice of this machine is read', () => {
    const fat = fatBytes(machBytes(['/x64']), machBytes(['/arm64']))
    expect(['x64', 'arm64'].map((arch) => readMach(source(fat), arch)?.libraries)).toEqual([
      ['/x64'],
      ['/arm64'],
    ])
  })
  it('a universal file with 64-bit offsets', () => {
    const thin = machBytes(['/a'])
    const bytes = new Uint8Array(4096 + thin.length)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, 0xcafebabf, false)
    view.setUint32(4, 1, false)
    view.setUint32(8, MACH_CPU.arm64, false)
    view.setBigUint64(16, 4096n, false)
    bytes.set(thin, 4096)
    expect(readMach(source(bytes), 'arm64')).toEqual({
      libraries: ['/a'],
      rpaths: [],
      cpus: [MACH_CPU.arm64],
    })
  })
  it.each([
    ['arm64', MACH_CPU.x64, [['info', 'target-architecture']]],
    ['x64', MACH_CPU.arm64, [['warning', 'target-architecture']]],
    ['arm64', MACH_CPU.arm64, []],
  ] as const)('on %s a slice for %i: %j', (arch, cpu, expected) => {
    const host = fakeHost({ '/opt/x': program(machBytes([], [], cpu)) }, { ...mac, arch })
    const target = resolveTarget(host, '/opt/x', {
      searchPath: [],
      project: '/Users/u/p' as AbsolutePath,
      cwd: host.cwd,
      platform: 'macos',
    })
    expect(target.notices.map((notice) => [notice.level, notice.code])).toEqual(expected)
  })
  it('a Java class is no universal file', () =>
    expect(
      readMach(source(Uint8Array.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 0])), 'x64'),
    ).toBeUndefined())
  it('a Homebrew keg finds its libraries through opt', () => {
    const tree = {
      '/opt/homebrew/bin/x': link('../Cellar/x/1/bin/x'),
      '/opt/homebrew/Cellar/x/1/bin/x': program(machBytes(['/opt/homebrew/opt/uv/lib/uv.dylib'])),
      '/opt/homebrew/opt/uv': link('../Cellar/uv/2'),
      '/opt/homebrew/Cellar/uv/2/lib/uv.dylib': machBytes([]),
    }
    expect(reads(tree, '/opt/homebrew/bin/x', mac)).toEqual([
      'tree /opt/homebrew/Cellar/x/1',
      'library /opt/homebrew/Cellar/uv/2/lib/uv.dylib',
    ])
  })
  it('never throws on a file with one byte changed', () => {
    const whole = fatBytes(machBytes(['/a', '@rpath/b'], ['/c']), machBytes(['/d']))
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.nat(255),
        fc.nat(whole.length),
        (at, value, length) =>
          void readMach(source(whole.with(at, value).subarray(0, length)), 'arm64'),
      ),
      { numRuns: 500 },
    )
  })
})
