import { LauncherError } from '../../errors.ts'
import { ancestorsOf, join, nameOf, type AbsolutePath } from '../../machine/paths.ts'
import { shellWord } from '../../text/shell-word.ts'
import { lookUp, physical } from './command.ts'
import {
  findings,
  isThere,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { uvCaches } from './uv-directories.ts'

/** True for uv's own two programs. */
export const isUv = (place: Place): boolean => ['uv', 'uvx'].includes(nameOf(place.file))

/**
 * What uv would start: for `uv run` the program in the project's environment, looked at beside uv
 * itself. `uvx`, and a `uv run` that makes an environment for the occasion, are refused unless the
 * user grants uv's cache, where that environment would be.
 */
export const uvFindings = (context: ResolveContext, uv: Place): Findings => {
  const words =
    nameOf(uv.file) === 'uvx' ? ['tool', 'run', ...(context.args ?? [])] : (context.args ?? [])
  const line = readLine(words)
  if (line.command === 'tool run' || line.command === 'x')
    return temporary(
      context,
      uv,
      `${nameOf(uv.file) === 'uvx' ? 'uvx' : `uv ${line.command}`} starts ${line.rest[0] ?? 'a program'}`,
    )
  if (line.command !== 'run') return findings('uv')
  if (TEMPORARY.some((flag) => line.flags.has(flag)))
    return temporary(
      context,
      uv,
      `uv run with ${TEMPORARY.find((flag) => line.flags.has(flag)) ?? ''} starts ${line.rest[0] ?? 'a program'}`,
    )
  return inProject(context, uv, line)
}

interface Line {
  /** `run`, `tool run`, `x`, or any other; empty when none is given. */
  readonly command: string
  readonly flags: ReadonlyMap<string, string>
  readonly rest: readonly string[]
}

const TEMPORARY = [
  '--isolated',
  '--no-project',
  '--script',
  '-s',
  '--with',
  '-w',
  '--with-editable',
  '--with-requirements',
]

/** Flags of uv that say nothing about what is started and that the next word belongs to. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...[
    '-C',
    '-P',
    '-f',
    '-i',
    '-p',
    '-w',
    '--allow-insecure-host',
    '--cache-dir',
    '--color',
    '--config-file',
    '--config-setting',
    '--default-index',
    '--directory',
    '--env-file',
  ],
  ...[
    '--exclude-newer',
    '--extra',
    '--extra-index-url',
    '--find-links',
    '--fork-strategy',
    '--group',
    '--index',
    '--index-strategy',
    '--index-url',
    '--keyring-provider',
  ],
  ...[
    '--link-mode',
    '--no-binary-package',
    '--no-build-isolation-package',
    '--no-build-package',
    '--no-extra',
    '--no-group',
    '--only-group',
    '--package',
    '--prerelease',
  ],
  ...[
    '--project',
    '--python',
    '--python-platform',
    '--refresh-package',
    '--reinstall-package',
    '--resolution',
    '--upgrade-package',
    '--with',
    '--with-editable',
    '--with-requirements',
  ],
])

const readLine = (words: readonly string[]): Line => {
  const flags = new Map<string, string>()
  const queue = [...words]
  const takeFlags = (): void => {
    while (queue[0]?.startsWith('-') === true && queue[0] !== '-') {
      const word = queue.shift() ?? ''
      if (word === '--') return
      const cut = word.startsWith('--') ? word.indexOf('=') : -1
      const name = cut < 0 ? word : word.slice(0, cut)
      flags.set(
        name,
        cut >= 0 ? word.slice(cut + 1) : WITH_VALUE.has(name) ? (queue.shift() ?? '') : '',
      )
    }
  }
  takeFlags()
  let command = queue.shift() ?? ''
  if (command === 'tool') command = `tool ${queue.shift() ?? ''}`
  takeFlags()
  return { command, flags, rest: queue }
}

const inProject = (context: ResolveContext, uv: Place, line: Line): Findings => {
  const environment = environmentOf(context, line)
  const isModule = line.flags.has('-m') || line.flags.has('--module')
  const [word] = line.rest
  const name =
    isModule || word === undefined || word === '-' || word.endsWith('.py') ? 'python' : word
  if (environment === undefined || !isThere(context, join(environment, 'pyvenv.cfg'), 'file')) {
    const where =
      environment === undefined
        ? 'no pyproject.toml here or above'
        : `no environment in ${show(context, environment)}`
    const message = `uv run has ${where}: it would make one, and what it then starts is not known; uv sync makes it before the start`
    return findings('uv-run', {
      notices: [noticeOf('warning', 'uv-environment-missing', message, uv.chain)],
    })
  }
  const file = name.includes('/')
    ? physical(context, context.cwd, name)
    : lookUp(context, name, [join(environment, 'bin'), ...context.searchPath])
  if (file === undefined) {
    throw new LauncherError(
      'E_TARGET_NOT_FOUND',
      `uv run would find no ${show(context, name)}, neither in ${show(context, join(environment, 'bin'))} nor on PATH`,
      { exit: 127, hint: 'Check the name, or run uv sync.' },
    )
  }
  const place = placeAt(
    context,
    file,
    uv.chain,
    `uv run starts ${show(context, file)} from the project's environment`,
  )
  return merge(findings('uv-run'), context.examine(context, place, 'executable', 1))
}

/**
 * The environment of the project that uv works on: `.venv` beside the nearest pyproject.toml, or
 * where UV_PROJECT_ENVIRONMENT says.
 */
const environmentOf = (context: ResolveContext, line: Line): AbsolutePath | undefined => {
  const { env } = context.host
  const active = line.flags.has('--active') ? env['VIRTUAL_ENV'] : undefined
  if (active) return physical(context, context.cwd, active)
  const start = physical(
    context,
    context.cwd,
    line.flags.get('--directory') ?? line.flags.get('--project') ?? env['UV_PROJECT'] ?? '.',
  )
  if (start === undefined) return undefined
  const roots = [...ancestorsOf(start), start]
    .reverse()
    .filter((directory) => isThere(context, join(directory, 'pyproject.toml'), 'file'))
  const named = env['UV_PROJECT_ENVIRONMENT']
  // In a workspace the environment lies beside the pyproject.toml of its root.
  const environments = roots.flatMap((root) =>
    named ? (physical(context, root, named) ?? []) : [join(root, '.venv')],
  )
  return (
    environments.find((path) => isThere(context, join(path, 'pyvenv.cfg'), 'file')) ??
    environments[0]
  )
}

const temporary = (context: ResolveContext, uv: Place, what: string): Findings => {
  const caches = uvCaches(context)
  if (caches.some((cache) => context.isGranted?.(cache) === true)) {
    const message = `${what} from a temporary environment in uv's cache, which you granted; what it needs there is not known before it starts`
    return findings('uv', { notices: [noticeOf('info', 'uv-temporary', message, uv.chain)] })
  }
  throw new LauncherError(
    'E_TARGET_BLOCKED',
    `${what} from an environment that uv makes in its cache for one run: what that holds is not known before the start (${uv.chain.join(', ')})`,
    {
      hint: `Install the program (uv tool install NAME) and name it, or grant the cache: --read ${shellWord(caches[0] ?? '')}`,
    },
  )
}
