import { LauncherError } from '../../errors.ts'
import { join, nameOf, parentOf, toAbsolutePath, type AbsolutePath } from '../../machine/paths.ts'
import { shellWord } from '../../text/shell-word.ts'
import { textOf } from './bytes.ts'
import {
  findings,
  hopsOf,
  isThere,
  merge,
  noticeOf,
  partOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { refusalOf, treePart } from './guard.ts'
import { pipxPackage } from './pipx.ts'
import { pythonBase, pythonVersion, userSite } from './python-base.ts'
import { strangerIn, VENV_NAMES } from './python-tree.ts'
import { sitesOf } from './site-packages.ts'
import { uvCacheEntry } from './uv-directories.ts'
import { readReceipt } from './uv-tool.ts'

/** True for the name of a CPython or PyPy executable. */
export const isPythonName = (name: string): boolean =>
  /^(?:python|pypy)(?:\d+(?:\.\d+)*)?t?$/i.test(name)

/**
 * All that a Python interpreter needs beside its binary: the venv that its unresolved name stands
 * in, and the base installation.
 */
export const pythonFindings = (context: ResolveContext, interpreter: Place): Findings => {
  const root = venvRoot(context, interpreter.file)
  if (root === undefined)
    return merge(pythonBase(context, interpreter, true), userSite(context, interpreter))
  return venvFindings(context, interpreter, root)
}

const CONFIG_LIMIT = 64 * 1024
const MAX_NESTING = 4

/**
 * Root of the environment that an executable belongs to: CPython looks beside it and one directory
 * above, without resolving the link that it is.
 */
export const venvRoot = (
  context: ResolveContext,
  executable: AbsolutePath,
): AbsolutePath | undefined => {
  const bin = parentOf(executable)
  return [bin, parentOf(bin)].find((directory) =>
    isThere(context, join(directory, 'pyvenv.cfg'), 'file'),
  )
}

const venvFindings = (
  context: ResolveContext,
  interpreter: Place,
  root: AbsolutePath,
): Findings => {
  const clause = `${show(context, join(root, 'pyvenv.cfg'))} makes ${show(context, root)} its virtual environment`
  const config = placeAt(context, join(root, 'pyvenv.cfg'), interpreter.chain, clause)
  refuseTemporary(context, config, root)
  const settings = readConfig(context, config)
  const place = placeAt(
    context,
    root,
    interpreter.chain,
    `${show(context, root)} is its virtual environment`,
  )
  const receipt = readReceipt(context, place)
  const wantsSystem = settings.get('include-system-site-packages')?.toLowerCase() === 'true'
  return merge(
    findings(
      receipt !== undefined
        ? 'uv-tool'
        : pipxPackage(context, place) !== undefined
          ? 'pipx'
          : 'venv',
    ),
    venvTree(context, place, config),
    sitesOf(context, place, pythonVersion(context, interpreter), receipt?.sources),
    pythonBase(context, interpreter, wantsSystem),
    homeFindings(context, interpreter, config, settings.get('home'), { nesting: 0, wantsSystem }),
    wantsSystem ? userSite(context, interpreter) : findings('venv'),
  )
}

/**
 * `uvx` makes an environment in uv's cache for one run. It may be gone at the next, and the cache
 * is nothing that an agent's start should rest on.
 */
const refuseTemporary = (context: ResolveContext, config: Place, root: AbsolutePath): void => {
  const entry = uvCacheEntry(context, context.walk(root).real)
  if (entry === undefined || context.isGranted?.(entry.root) === true) return
  throw new LauncherError(
    'E_TARGET_BLOCKED',
    `${show(context, entry.root)} is an environment in uv's cache, which uv makes for one run and may remove at any time (${config.chain.join(', ')})`,
    {
      at: config.walked.real,
      hint: `Install the program (uv tool install NAME), or grant the cache: --read ${shellWord(entry.cache)}`,
    },
  )
}

/**
 * The environment's root, or where that would be too wide (the home directory, a directory that
 * holds other things) its own pieces.
 */
const venvTree = (context: ResolveContext, root: Place, config: Place): Findings => {
  const refusal = refusalOf(context, root.walked.real)
  const stranger =
    refusal === undefined ? strangerIn(context, root.walked.real, VENV_NAMES) : undefined
  if (refusal === undefined && stranger === undefined) return treePart(context, 'venv', root)
  const reason = refusal ?? `it holds other things as well (${show(context, stranger ?? '')})`
  const entries =
    refusal === undefined
      ? (context.host.list(root.walked.real) ?? []).filter((entry) => VENV_NAMES.has(entry.name))
      : librariesIn(context, root)
  const message = `${show(context, root.walked.real)} is not granted as a virtual environment: ${reason}; only pyvenv.cfg and ${refusal === undefined ? 'the parts of an environment' : 'lib/python*'} in it are`
  return merge(
    findings('venv', {
      reads: [partOf('file', config)],
      hops: [...hopsOf(config), ...hopsOf(root)],
      notices: [
        noticeOf(
          refusal === undefined ? 'info' : 'warning',
          'target-tree-narrowed',
          message,
          root.chain,
        ),
      ],
    }),
    ...entries.map(({ name }) =>
      treePart(
        context,
        'venv',
        placeAt(context, join(root.file, name), root.chain, `of which ${name} is a part`),
      ),
    ),
  )
}

const librariesIn = (context: ResolveContext, root: Place): { readonly name: string }[] =>
  (context.host.list(join(root.walked.real, 'lib')) ?? [])
    .filter((entry) => /^python\d+\.\d+t?$/.test(entry.name))
    .map((entry) => ({ name: `lib/${entry.name}` }))

const readConfig = (context: ResolveContext, config: Place): ReadonlyMap<string, string> => {
  const text = textOf(context.host, config.walked.real, CONFIG_LIMIT)
  if (text === undefined) throw blocked(context, config, 'it cannot be read as text')
  return new Map(
    text.split('\n').flatMap((line) => {
      const cut = line.indexOf('=')
      return cut < 0
        ? []
        : [[line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim()] as const]
    }),
  )
}

interface Outer {
  readonly nesting: number
  readonly wantsSystem: boolean
}

/**
 * The base that `home` names. It is text in a file: it may not widen anything, only name an
 * installation that looks like one.
 */
const homeFindings = (
  context: ResolveContext,
  interpreter: Place,
  config: Place,
  home: string | undefined,
  outward: Outer,
): Findings => {
  if (home === undefined || home === '') {
    return findings('venv', {
      notices: [
        noticeOf(
          'warning',
          'venv-without-home',
          `${show(context, config.file)} does not say where its base is (home)`,
          config.chain,
        ),
      ],
    })
  }
  const directory = toAbsolutePath(home)
  if (directory === undefined)
    throw blocked(
      context,
      config,
      `home = ${show(context, home)} is not an absolute path without ..`,
    )
  const place = placeAt(
    context,
    directory,
    config.chain,
    `pyvenv.cfg names the base ${show(context, directory)}`,
  )
  // A bin directory of the system is where a system Python lives; its prefix is narrowed further
  // on.
  const isBin = nameOf(directory) === 'bin' && nameOf(place.walked.real) === 'bin'
  const refusal = refusalOf(context, place.walked.real)
  if (refusal !== undefined && !(isBin && refusal === 'it is shared by many programs'))
    throw blocked(context, config, `home = ${show(context, home)}: ${refusal}`)
  const own = findings('venv', { hops: hopsOf(place) })
  if (place.walked.status !== 'exists') {
    const message = `${show(context, config.file)} names the base ${show(context, directory)}, which does not exist`
    return merge(
      own,
      findings('venv', {
        notices: [noticeOf('warning', 'venv-home-missing', message, config.chain)],
      }),
    )
  }
  const names = [
    nameOf(interpreter.file),
    `python${pythonVersion(context, interpreter) ?? '3'}`,
    'python3',
    'python',
  ]
  const file = names
    .map((name) => join(directory, name))
    .find((candidate) => isThere(context, candidate, 'file'))
  if (file === undefined) {
    const message = `${show(context, directory)} holds no Python, although ${show(context, config.file)} names it`
    return merge(
      own,
      findings('venv', {
        notices: [noticeOf('warning', 'venv-home-empty', message, config.chain)],
      }),
    )
  }
  const base = placeAt(
    context,
    file,
    config.chain,
    `pyvenv.cfg names the base ${show(context, directory)}`,
  )
  const outer = venvRoot(context, file)
  if (outer === undefined || outward.nesting >= MAX_NESTING || outer === parentOf(config.file))
    return merge(own, pythonBase(context, base, outward.wantsSystem))
  return merge(own, outerVenv(context, base, outer, outward))
}

/** A venv of a venv: the outer one lends its interpreter and its base, not its packages. */
const outerVenv = (
  context: ResolveContext,
  base: Place,
  root: AbsolutePath,
  outward: Outer,
): Findings => {
  const config = placeAt(
    context,
    join(root, 'pyvenv.cfg'),
    base.chain,
    `which is itself a virtual environment (${show(context, root)})`,
  )
  const executable = findings('venv', {
    executables: [partOf('interpreter', base)],
    reads: [partOf('file', config)],
    hops: [...hopsOf(base), ...hopsOf(config)],
  })
  const home = readConfig(context, config).get('home')
  return merge(
    executable,
    pythonBase(context, base, outward.wantsSystem),
    homeFindings(context, base, config, home, { ...outward, nesting: outward.nesting + 1 }),
  )
}

const blocked = (context: ResolveContext, config: Place, reason: string): LauncherError =>
  new LauncherError(
    'E_TARGET_BLOCKED',
    `${show(context, config.file)} is not followed: ${reason} (${config.chain.join(', ')})`,
    {
      at: config.walked.real,
      hint: 'Make the virtual environment anew with the Python it should use.',
    },
  )
