import { describe, expect, it } from 'vitest'
import { link } from '../../fixtures/fake-host.ts'
import { ask, program } from './worlds.ts'
import { zip } from './zips.ts'

const MODEL = `class PackageIndex:
    pass


PyPI = PackageIndex("https://carried.example.test/", file_storage_domain="files.example.test")
TestPyPI = PackageIndex(
    "https://test.example.test/", file_storage_domain="test-files.example.test"
)
`
const INDEX = '/usr/lib/python3.12/site-packages/pip/_internal/models/index.py'
const python = { '/usr/bin/python3': program, [INDEX]: MODEL }
const CARRIED = ['carried.example.test:443', 'files.example.test:443']

describe('pip', () => {
  it('asks what the installed pip carries, its file storage included, and not the test index', () => {
    expect(ask('pypi', python).from).toEqual({
      'carried.example.test:443': `${INDEX}:5`,
      'files.example.test:443': `${INDEX}:5`,
    })
  })

  const wheel = zip({ 'pip/__init__.py': '', 'pip/_internal/models/index.py': MODEL })
  it.each([
    [
      'Debian’s packages',
      {
        '/usr/bin/python3': program,
        '/usr/lib/python3/dist-packages/pip/_internal/models/index.py': MODEL,
      },
    ],
    [
      'the wheel that Python bundles',
      {
        '/usr/bin/python3': program,
        '/usr/lib/python3.12/ensurepip/_bundled/pip-24.0-py3-none-any.whl': wheel,
      },
    ],
    [
      'the wheel that Debian keeps elsewhere',
      { '/usr/bin/python3': program, '/usr/share/python-wheels/pip-24.0-py3-none-any.whl': wheel },
    ],
    [
      'the version behind pyenv’s shim',
      {
        '/usr/bin/x': program,
        '/home/u/.pyenv/shims/python3': program,
        '/home/u/.pyenv/version': '3.11.7\n',
        '/home/u/.pyenv/versions/3.11.7/lib/python3.11/site-packages/pip/_internal/models/index.py':
          MODEL,
      },
    ],
    [
      'uv’s Python, where nothing else is',
      {
        '/usr/bin/uv': program,
        '/home/u/.local/share/uv/python/cpython-3.12.1/lib/python3.12/ensurepip/_bundled/pip-24.0-py3-none-any.whl':
          wheel,
      },
    ],
    [
      'a Python behind a link',
      {
        '/usr/bin/python3': link('/opt/py/bin/python3.12'),
        '/opt/py/bin/python3.12': program,
        '/opt/py/lib/python3.12/site-packages/pip/_internal/models/index.py': MODEL,
      },
    ],
  ])('finds the model in %s', (_, tree) =>
    expect(ask('pypi', tree, { env: { PATH: '/home/u/.pyenv/shims:/usr/bin' } }).names).toEqual(
      CARRIED,
    ),
  )

  it.each([
    [
      'the variable',
      { '/home/u/.config/pip/pip.conf': '[global]\nindex-url = https://user.example.test/simple' },
      { PIP_INDEX_URL: 'https://env.example.test/simple' },
      ['env.example.test:443'],
    ],
    [
      'the user’s file',
      {
        '/etc/pip.conf': '[global]\nindex-url = https://etc.example.test/simple',
        '/home/u/.config/pip/pip.conf': '[global]\nindex_url: https://user.example.test/simple',
      },
      {},
      ['user.example.test:443'],
    ],
    [
      'the user’s old file',
      { '/home/u/.pip/pip.conf': '[global]\nindex-url = https://old.example.test/simple' },
      {},
      ['old.example.test:443'],
    ],
    [
      'the machine’s file',
      { '/etc/pip.conf': '[global]\nindex-url = https://etc.example.test/simple' },
      {},
      ['etc.example.test:443'],
    ],
    [
      'the file beside the interpreter before the user’s',
      {
        '/usr/pip.conf': '[global]\nindex-url = https://site.example.test/simple',
        '/home/u/.config/pip/pip.conf': '[global]\nindex-url = https://user.example.test/simple',
      },
      {},
      ['site.example.test:443'],
    ],
    [
      'the file that a variable names instead of the user’s',
      {
        '/x.conf': '[global]\nindex-url = https://x.example.test/simple',
        '/home/u/.config/pip/pip.conf': '[global]\nindex-url = https://user.example.test/simple',
      },
      { PIP_CONFIG_FILE: '/x.conf' },
      ['x.example.test:443'],
    ],
    [
      'no file at all when the variable says so',
      { '/etc/pip.conf': '[global]\nindex-url = https://etc.example.test/simple' },
      { PIP_CONFIG_FILE: '/dev/null' },
      CARRIED,
    ],
    [
      'further indexes over several lines beside the default',
      {
        '/etc/pip.conf':
          '[global]\nextra-index-url =\n    https://a.example.test/simple\n    https://b.example.test/simple\n[install]\nfind-links = /opt/wheels https://c.example.test/wheels',
      },
      {},
      [...CARRIED, 'a.example.test:443', 'b.example.test:443', 'c.example.test:443'],
    ],
    [
      'a command’s section beside the global one',
      {
        '/etc/pip.conf':
          '[install]\nindex-url = https://install.example.test/simple\n[global]\nindex-url = https://global.example.test/simple',
      },
      {},
      ['install.example.test:443', 'global.example.test:443'],
    ],
    ['no index when there is to be none', { '/etc/pip.conf': '[global]\nno-index = true' }, {}, []],
  ])('reads %s', (_, tree, env, names) =>
    expect(ask('pypi', { ...python, ...tree }, { env }).names).toEqual(names),
  )

  it.each([
    [
      {
        '/Library/Application Support/pip/pip.conf':
          '[global]\nindex-url = https://shared.example.test/simple',
      },
      'shared.example.test:443',
    ],
    [
      {
        '/home/u/Library/Application Support/pip/pip.conf':
          '[global]\nindex-url = https://own.example.test/simple',
      },
      'own.example.test:443',
    ],
    [
      { '/home/u/.config/pip/pip.conf': '[global]\nindex-url = https://xdg.example.test/simple' },
      'xdg.example.test:443',
    ],
  ])('knows where macOS keeps its files (%#)', (tree, name) =>
    expect(ask('pypi', { ...python, ...tree }, { platform: 'macos' }).names).toEqual([name]),
  )

  it('repeats the indexes inside when their files cannot be read there, without logins', () => {
    const found = ask(
      'pypi',
      {
        ...python,
        '/etc/pip.conf':
          '[global]\nindex-url = https://me:hunter2@etc.example.test/simple\nextra-index-url = https://a.example.test/simple https://b.example.test/simple',
      },
      { world: { canRead: (path) => !path.startsWith('/etc') } },
    )
    expect(found.variables).toEqual({
      PIP_INDEX_URL: 'https://etc.example.test/simple',
      PIP_EXTRA_INDEX_URL: 'https://a.example.test/simple https://b.example.test/simple',
    })
  })

  it('says that the agent can read a login in a file that is seen inside, and nothing where there is none', () => {
    const told = (login: string): readonly string[] =>
      ask('pypi', {
        ...python,
        '/etc/pip.conf': `[global]\nindex-url = https://${login}etc.example.test/simple`,
      }).told
    expect(told('me:hunter2@')).toEqual([
      '/etc/pip.conf holds a login for etc.example.test:443, and the agent can read it; ~/.netrc is hidden and works as well',
    ])
    expect(told('')).toEqual([])
  })

  it('says what to do where no pip is found', () =>
    expect(ask('pypi', { '/usr/bin/python3': program }).told).toEqual([
      'no pip was found that would name the default index: `index-url` in pip.conf or uv.toml names one',
    ]))

  it('opens nothing where no Python is', () =>
    expect(ask('pypi', { [INDEX]: MODEL }).names).toEqual([]))

  it('does not believe a pip in the project', () => {
    const tree = {
      '/home/u/p/.venv/bin/python3': program,
      '/home/u/p/.venv/lib/python3.12/site-packages/pip/_internal/models/index.py':
        MODEL.replaceAll('example.test', 'evil.test'),
    }
    expect(
      ask('pypi', { ...python, ...tree }, { env: { PATH: '/home/u/p/.venv/bin:/usr/bin' } }).names,
    ).toEqual(CARRIED)
  })
})

describe('uv', () => {
  const uv = { ...python, '/usr/bin/uv': program }
  const toml =
    '[[index]]\nname = "main"\nurl = "https://main.example.test/simple"\ndefault = true\n[[index]]\nname = "more"\nurl = "https://more.example.test/simple"\n'
  it.each([
    [
      'its default index and the others, beside pip’s',
      { '/home/u/.config/uv/uv.toml': toml },
      {},
      [...CARRIED, 'main.example.test:443', 'more.example.test:443'],
    ],
    [
      'its old keys',
      {
        '/home/u/.config/uv/uv.toml':
          'index-url = "https://main.example.test/simple"\nextra-index-url = ["https://more.example.test/simple"]\nfind-links = ["./wheels"]',
      },
      {},
      [...CARRIED, 'main.example.test:443', 'more.example.test:443'],
    ],
    [
      'the machine’s file',
      { '/etc/uv/uv.toml': toml },
      {},
      [...CARRIED, 'main.example.test:443', 'more.example.test:443'],
    ],
    [
      'its variables first',
      { '/home/u/.config/uv/uv.toml': toml },
      {
        UV_DEFAULT_INDEX: 'https://env.example.test/simple',
        UV_INDEX: 'corp=https://corp.example.test/simple',
      },
      [...CARRIED, 'env.example.test:443', 'corp.example.test:443', 'more.example.test:443'],
    ],
    [
      'no file when it is told so',
      { '/home/u/.config/uv/uv.toml': toml },
      { UV_NO_CONFIG: '1' },
      CARRIED,
    ],
    [
      'a file that cannot be parsed as none',
      { '/home/u/.config/uv/uv.toml': '[[index' },
      {},
      CARRIED,
    ],
  ])('reads %s', (_, tree, env, names) =>
    expect(ask('pypi', { ...uv, ...tree }, { env }).names).toEqual(names),
  )

  it('does not take pip’s mirror for uv’s: both stay what they are', () => {
    expect(
      ask('pypi', {
        ...uv,
        '/etc/pip.conf': '[global]\nindex-url = https://etc.example.test/simple',
      }).names,
    ).toEqual(['etc.example.test:443', ...CARRIED])
  })

  it('repeats its indexes inside when their file cannot be read there', () => {
    expect(
      ask('pypi', { ...uv, '/etc/uv/uv.toml': toml }, { world: { canRead: () => false } })
        .variables,
    ).toEqual({
      UV_DEFAULT_INDEX: 'main=https://main.example.test/simple',
      UV_INDEX: 'more=https://more.example.test/simple',
    })
  })

  const project = {
    ...uv,
    '/home/u/p/pyproject.toml':
      '[tool.uv]\n[[tool.uv.index]]\nname = "p1"\nurl = "https://p1.example.test/simple"\n[[tool.poetry.source]]\nurl = "https://p2.example.test/simple"\n',
    '/home/u/p/uv.toml': 'index-url = "https://p3.example.test/simple"',
  }
  it('reads the project’s tables only where the user’s policy says that a project may', () => {
    expect(ask('pypi', project).names).toEqual(CARRIED)
    const open = ask('pypi', project, { world: { projectMayAddIndexes: true } })
    expect(open.from).toMatchObject({
      'p1.example.test:443': '/home/u/p/pyproject.toml:4',
      'p2.example.test:443': '/home/u/p/pyproject.toml:6',
      'p3.example.test:443': '/home/u/p/uv.toml:1',
    })
    expect(open.told).toContain(
      '/home/u/p/pyproject.toml adds an index, as your policy lets this project do',
    )
  })
})
