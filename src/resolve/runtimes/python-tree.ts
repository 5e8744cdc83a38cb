import type { AbsolutePath } from '../../machine/paths.ts'
import type { ResolveContext } from './context.ts'

const LAYOUT = [
  'bin',
  'doc',
  'etc',
  'include',
  'lib',
  'lib32',
  'lib64',
  'libexec',
  'man',
  'sbin',
  'share',
  'src',
  'ssl',
  'var',
]

/** What an environment holds: the layout, and files of the tools that make one. */
export const VENV_NAMES: ReadonlySet<string> = new Set([
  ...LAYOUT,
  'CACHEDIR.TAG',
  'local',
  'pip-selfcheck.json',
  'pipx_metadata.json',
  'pyvenv.cfg',
  'uv-receipt.toml',
])

/**
 * What the prefix of an installation holds: uv's builds add BUILD, pyenv's `openssl` and the
 * environments of pyenv-virtualenv.
 */
export const PREFIX_NAMES: ReadonlySet<string> = new Set([
  ...LAYOUT,
  'BUILD',
  'Frameworks',
  'PYTHON.json',
  'build',
  'envs',
  'licenses',
  'openssl',
])

/** Files beside them that tools leave and that hold nothing. */
const HARMLESS =
  /^(?:\.DS_Store|\.gitignore|\.lock|\.python-version|\.pydistutils\.cfg|(?:LICENSE|README|NOTICE|CHANGELOG)(?:\.\w+)?)$/

/**
 * True when a directory holds nothing but these names: it then belongs to one Python, and granting
 * it grants nothing else.
 */
export const holdsOnly = (
  context: ResolveContext,
  directory: AbsolutePath,
  names: ReadonlySet<string>,
): boolean => strangerIn(context, directory, names) === undefined

/** A name in a directory that does not belong there. */
export const strangerIn = (
  context: ResolveContext,
  directory: AbsolutePath,
  names: ReadonlySet<string>,
): string | undefined =>
  (context.host.list(directory) ?? []).find(({ name }) => !names.has(name) && !HARMLESS.test(name))
    ?.name
