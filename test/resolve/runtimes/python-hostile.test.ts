import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuSince } from '../../fixtures/cpu.ts'
import {
  codesOf,
  condaTree,
  directUrl,
  linkedPackage,
  resolvePython,
  rootsOf,
  siteOf,
  sourceTree,
  venvTree,
} from '../../fixtures/python-trees.ts'
import { dir, fifo, file, link, type FakeTree } from '../../fixtures/fake-host.ts'
import { program, pythonInstallation, uvPaths, uvTool } from '../../fixtures/uv-tool.ts'

const uv = uvPaths()
const site = siteOf(uv.venv)
const base = pythonInstallation('/opt/py')
const python = '/opt/py/bin/python3.12'
const cache = '/home/u/.cache/uv'

/** Places that no text in a file may open. */
const FORBIDDEN = [
  '/',
  '/home',
  '/home/u',
  '/home/u/.ssh',
  '/home/u/p',
  '/home/u/Documents',
  '/home/u/tax',
  '/Users',
  '/usr/local',
  '/etc',
  '/home/u/.config',
  '/home/u/.aws/sso',
  '/home/u/.local/share',
  cache,
  `${cache}/archive-v0`,
  '/home/u/.local/share/uv',
  '/home/u/.local/share/uv/tools',
  '/home/other/code',
]
const forbiddenTree: FakeTree = Object.fromEntries(
  FORBIDDEN.filter((path) => path !== '/').map((path) => [`${path}/secret.txt`, 's']),
)

/** Nothing but the environment and its base, and a reason for what was left out. */
const expectNarrow = (
  tree: FakeTree,
  codes: readonly string[] = [
    'editable-package',
    'target-tree-refused',
    'editable-in-project',
    'modules-unknown',
  ],
): void => {
  const target = resolvePython({ ...forbiddenTree, ...uvTool(), ...tree }, 'vibe')
  expect(rootsOf(target)).toEqual([uv.venv, uv.base])
  expect(codesOf(target).length).toBeGreaterThan(0)
  expect(codesOf(target).filter((code) => !codes.includes(code))).toEqual([])
}

describe('text that names a place it must not', () => {
  it.each(FORBIDDEN)('.pth: %s', (path) => expectNarrow({ [`${site}/x.pth`]: `${path}\n` }))
  it.each(FORBIDDEN)('direct_url.json: %s', (path) =>
    expectNarrow({ ...directUrl(site, 'x', `file://${path}`), [`${site}/x.pth`]: 'import x' }),
  )
  it.each(FORBIDDEN)('a receipt: %s', (path) =>
    expectNarrow({
      [`${uv.venv}/uv-receipt.toml`]: `[tool]\nrequirements = [{ name = "x", editable = "${path}" }]\n`,
    }),
  )
  it.each(FORBIDDEN)('a finder: %s', (path) =>
    expectNarrow({
      [`${site}/x.pth`]: 'import __editable___x_finder; x',
      [`${site}/__editable___x_finder.py`]: `MAPPING = {'x': '${path}'}\n`,
    }),
  )
  it.each(FORBIDDEN)('.egg-link: %s', (path) =>
    expectNarrow({ [`${site}/x.egg-link`]: `${path}\n` }),
  )
  it.each(FORBIDDEN)('through a link: %s', (path) =>
    expectNarrow({ '/home/u/code': link(path), [`${site}/x.pth`]: '/home/u/code' }),
  )
  it('a build file in the home directory makes nothing in it a package', () =>
    expectNarrow({
      '/home/u/pyproject.toml': '',
      '/home/u/setup.py': '',
      [`${site}/x.pth`]: '/home/u/tax\n',
    }))
  it('a build file in the secrets opens none of them', () =>
    expectNarrow({ '/home/u/.ssh/setup.py': '', [`${site}/x.pth`]: '/home/u/.ssh\n' }))
  it('direct_url.json that says what it is not is nobody’s word', () =>
    expectNarrow({ ...directUrl(site, 'x', 'file:///home/u'), [`${site}/x.pth`]: '/home/u/tax\n' }))
  it.each([
    'https://example.com/x',
    'file://other/home/u/tax',
    'file:///home/u/../u/tax',
    'file:///%00',
    'file:///%E0%A4%A',
    '',
    'file:',
  ])('direct_url.json with %j names nothing', (url) => {
    const target = resolvePython(
      {
        ...forbiddenTree,
        ...uvTool(),
        ...directUrl(site, 'x', url),
        [`${site}/x.pth`]: 'import x',
      },
      'vibe',
    )
    expect(rootsOf(target)).toEqual([uv.venv, uv.base])
  })
})

describe('files that are no such files', () => {
  it.each<[string, FakeTree]>([
    ['.pth of 100 MB', { [`${site}/x.pth`]: file(new Uint8Array(100 * 1024 * 1024)) }],
    ['.pth that is not text', { [`${site}/x.pth`]: file(new Uint8Array([0xff, 0xfe, 0x2f])) }],
    [
      '.pth that is a link to a FIFO',
      { [`${site}/x.pth`]: link('/home/u/fifo'), '/home/u/fifo': fifo() },
    ],
    ['.pth that is a link to itself', { [`${site}/x.pth`]: link('x.pth') }],
    [
      'a finder that is code',
      {
        [`${site}/x.pth`]: 'import __editable___x_finder; x',
        [`${site}/__editable___x_finder.py`]: "MAPPING = {'x': __import__('os').environ['HOME']}\n",
      },
    ],
    [
      'a finder without an end',
      {
        [`${site}/x.pth`]: 'import __editable___x_finder; x',
        [`${site}/__editable___x_finder.py`]: `MAPPING = {${"'x': '/home/u/tax', ".repeat(5000)}`,
      },
    ],
    [
      'a finder that is nested',
      {
        [`${site}/x.pth`]: 'import __editable___x_finder; x',
        [`${site}/__editable___x_finder.py`]: `MAPPING = ${'{'.repeat(100_000)}`,
      },
    ],
    ['a finder that is not there', { [`${site}/x.pth`]: 'import __editable___x_finder; x' }],
  ])('%s is said', (_, tree) => expectNarrow(tree, ['modules-unknown', 'package-link']))
  it.each([
    '{',
    '[]',
    'null',
    '{"url":1,"dir_info":{"editable":true}}',
    '{"url":"file:///home/u/tax","dir_info":{"editable":"true"}}',
    '{"dir_info":null}',
    '['.repeat(100_000),
  ])('direct_url.json %.40s', (text) => {
    const target = resolvePython(
      {
        ...uvTool(),
        '/home/u/tax/setup.py': '',
        [`${site}/x.dist-info/direct_url.json`]: text,
        [`${site}/x.pth`]: 'import x',
      },
      'vibe',
    )
    expect(rootsOf(target)).toEqual([uv.venv, uv.base])
  })
  it.each([
    '[tool',
    '[tool]\nrequirements = 1',
    '[tool]\nrequirements = [1, "x", { editable = [] }]',
    'tool = 3',
    '[tool]\nentrypoints = { }',
  ])('a receipt that says %j', (text) =>
    expect(
      rootsOf(resolvePython({ ...uvTool({ receipt: text }), '/home/u/tax/setup.py': '' }, 'vibe')),
    ).toEqual([uv.venv, uv.base]),
  )
})

describe('trees without an end', () => {
  it('site-packages with 50,000 entries: bounded work, and what was not looked at is said', () => {
    const many = Object.fromEntries(
      [...Array(50_000).keys()].map((n) => [`p${n}-1.0.dist-info`, dir({})]),
    )
    const before = process.cpuUsage()
    const target = resolvePython({ ...uvTool(), [site]: dir(many) }, 'vibe')
    expect([rootsOf(target), codesOf(target)]).toEqual([[uv.venv, uv.base], ['packages-limit']])
    expect(cpuSince(before)).toBeLessThan(5000)
  })
  it('10,000 .pth files, 10,000 lines each', () => {
    const pth = Object.fromEntries(
      [...Array(10_000).keys()].map((n) => [
        `x${n}.pth`,
        n < 3 ? '/home/u/tax/a\n'.repeat(4_000) : '/home/u/tax\n',
      ]),
    )
    const target = resolvePython({ ...forbiddenTree, ...uvTool(), [site]: dir(pth) }, 'vibe')
    expect(rootsOf(target)).toEqual([uv.venv, uv.base])
    expect(codesOf(target)).toContain('packages-limit')
    expect(target.notices.length).toBeLessThan(20)
  })
  it('5,000 links out of the environment are not 5,000 notices', () => {
    const links = Object.fromEntries(
      [...Array(5_000).keys()].map((n) => [`m${n}.py`, link(`/home/u/tax/m${n}.py`)]),
    )
    expect(resolvePython({ ...uvTool(), [site]: dir(links) }, 'vibe').notices.length).toBeLessThan(
      20,
    )
  })
  it('links that lead in a circle lead nowhere', () => {
    const tree = {
      ...uvTool(),
      [`${site}/a`]: link('b'),
      [`${site}/b`]: link('a'),
      [`${site}/x.pth`]: '/home/u/loop',
      '/home/u/loop': link('/home/u/loop2'),
      '/home/u/loop2': link('/home/u/loop'),
    }
    expect(rootsOf(resolvePython(tree, 'vibe'))).toEqual([uv.venv, uv.base])
  })
})

describe('an environment inside the project, where the agent writes', () => {
  const root = '/home/u/p/.venv'
  const tree = {
    ...forbiddenTree,
    ...base,
    ...venvTree(root, { python, scripts: ['vibe'] }),
    ...sourceTree('/home/u/code/demo', 'demo'),
  }
  const found = (more: FakeTree) => resolvePython({ ...tree, ...more }, './.venv/bin/vibe')
  /**
   * That a target lies in the project may be said of all of these; what counts is why something was
   * left out.
   */
  const reasonsIn = (target: ReturnType<typeof found>) =>
    codesOf(target).filter((code) => code !== 'target-in-project')

  it.each<[string, FakeTree]>([
    ['.pth to a true package', { [`${siteOf(root)}/x.pth`]: '/home/u/code/demo/src' }],
    [
      'direct_url.json to a true package',
      {
        ...directUrl(siteOf(root), 'demo', 'file:///home/u/code/demo'),
        [`${siteOf(root)}/x.pth`]: 'import x',
      },
    ],
    [
      "a receipt that is nobody's",
      {
        [`${root}/uv-receipt.toml`]:
          '[tool]\nrequirements = [{ name = "demo", editable = "/home/u/code/demo" }]\n',
      },
    ],
    [
      'a link to a place that looks like a cache',
      linkedPackage(siteOf(root), '/home/u/tax', 'id', 'x'),
    ],
    [
      'a link to what is no package of the cache',
      {
        [`${siteOf(root)}/x.py`]: link(`${cache}/archive-v0/secret/x.py`),
        [`${cache}/archive-v0/secret/x.py`]: '',
      },
    ],
  ])('%s opens nothing', (_, more) => {
    const target = found(more)
    expect(rootsOf(target)).toEqual([root, '/opt/py'])
    expect(reasonsIn(target)).toHaveLength(1)
  })
  it("a package of the user's own cache is what such a link may name", () =>
    expect(rootsOf(found(linkedPackage(siteOf(root), cache, 'AbC', 'x')))).toEqual([
      root,
      `${cache}/archive-v0/AbC`,
      '/opt/py',
    ]))
  it('a soft link into a cache of conda opens nothing', () => {
    const prefix = '/home/u/p/.pixi/envs/default'
    const { [`${prefix}/lib/libssl.so.3`]: _, ...hard } = condaTree(prefix)
    const soft = {
      [`${prefix}/lib/libssl.so.3`]: link('/opt/conda/pkgs/openssl-3.0.8-h2_0/lib/libssl.so.3'),
      '/opt/conda/pkgs/openssl-3.0.8-h2_0/info/index.json': '{}',
    }
    const target = resolvePython({ ...hard, ...soft }, `${prefix}/bin/vibe`)
    expect([rootsOf(target), reasonsIn(target)]).toEqual([[prefix], ['target-tree-refused']])
  })
})

describe('roots that hold more than a Python', () => {
  it('a directory with a pyvenv.cfg and other things is granted in pieces', () => {
    const target = resolvePython(
      {
        ...base,
        ...venvTree('/home/u/code', { python, scripts: ['x'] }),
        '/home/u/code/tax/2025.pdf': '',
        '/home/u/code/.env': '',
      },
      '/home/u/code/bin/x',
    )
    expect(rootsOf(target)).toEqual([
      '/home/u/code/pyvenv.cfg',
      '/home/u/code/bin',
      '/home/u/code/lib',
      '/opt/py',
    ])
    expect(target.notices.map(({ level, code }) => [level, code])).toEqual([
      ['info', 'target-tree-narrowed'],
    ])
  })
  it('so is the prefix of a Python among other things', () => {
    const target = resolvePython(
      { ...pythonInstallation('/home/u/code'), '/home/u/code/tax/2025.pdf': '' },
      '/home/u/code/bin/python3',
    )
    expect(rootsOf(target)).toEqual(['/home/u/code/lib/python3.12'])
  })
  it('a keg whose receipt names what is no keg', () => {
    const keg = '/opt/homebrew/Cellar/x/1'
    const tree = {
      [`${keg}/bin/x`]: program(),
      [`${keg}/INSTALL_RECEIPT.json`]: JSON.stringify({
        runtime_dependencies: [
          { full_name: '../../home/u' },
          { full_name: '..' },
          { full_name: 'evil' },
          { full_name: 7 },
          null,
        ],
      }),
      '/opt/homebrew/opt/evil': link('/home/u'),
    }
    const target = resolvePython(tree, `${keg}/bin/x`)
    expect([rootsOf(target), codesOf(target)]).toEqual([[keg], ['target-tree-refused']])
  })
  it("pixi's trampoline starts nothing outside of pixi", () => {
    const root = '/home/u/.pixi/bin'
    for (const exe of [
      '/home/u/tax/run',
      `${root}/../envs/../../tax/run`,
      7,
      null,
      '/home/u/.pixi/envs',
    ]) {
      const tree = {
        [`${root}/x`]: program(),
        [`${root}/trampoline_configuration/x.json`]: JSON.stringify({ exe }),
        '/home/u/tax/run': program(),
        '/home/u/.pixi/envs': dir(),
      }
      expect(codesOf(resolvePython(tree, `${root}/x`))).toEqual(['shim-unknown'])
    }
  })
})

describe('any text at all', () => {
  const hostileText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          "MAPPING = {'a': '",
          '/home/u/tax',
          "'}",
          '\n',
          '/',
          '..',
          '/home/u',
          'import ',
          '[tool]\n',
          '{"url":"file://',
          '","dir_info":{"editable":true}}',
          'site.addsitedir("',
          '")',
          '\\x2f',
          '~',
          '\0',
          '\ufeff',
        ),
      )
      .map((parts) => parts.join('')),
  )
  it('never throws from, and never widens, an environment', () => {
    fc.assert(
      fc.property(
        hostileText,
        fc.constantFrom(
          'x.pth',
          'x.egg-link',
          '__editable___x_finder.py',
          'x-1.dist-info/direct_url.json',
          '../../../uv-receipt.toml',
        ),
        (text, name) => {
          const place = name.startsWith('..') ? `${uv.venv}/uv-receipt.toml` : `${site}/${name}`
          const target = resolvePython(
            {
              ...forbiddenTree,
              ...uvTool(),
              [`${site}/a.pth`]: 'import __editable___x_finder; x',
              [place]: text,
            },
            'vibe',
          )
          expect(rootsOf(target)).toEqual([uv.venv, uv.base])
        },
      ),
      { numRuns: 300 },
    )
  })
})
