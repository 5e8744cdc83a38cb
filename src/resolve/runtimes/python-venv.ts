import { LauncherError } from '../../errors.ts'
import { join, nameOf, parentOf, toAbsolutePath } from '../../policy/paths.ts'
import type { AbsolutePath } from '../../policy/paths.ts'
import { textOf } from './bytes.ts'
import { findings, hopsOf, isThere, merge, noticeOf, partOf, placeAt, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'
import { refusalOf, treePart } from './guard.ts'
import { pythonBase, pythonVersion, userSite } from './python-base.ts'
import { sitePackages } from './site-packages.ts'
import { uvReceipt } from './uv-tool.ts'

/** True for the name of a CPython or PyPy executable. */
export const isPythonName = (name: string): boolean => /^(?:python|pypy)(?:\d+(?:\.\d+)*)?t?$/i.test(name)

/** All that a Python interpreter needs beside its binary: the venv that its unresolved name stands in, and the base installation. */
export const pythonFindings = (context: ResolveContext, interpreter: Place): Findings => {
  const root = venvRoot(context, interpreter.file)
  if (root === undefined) return merge(findings('python'), pythonBase(context, interpreter), userSite(context, interpreter))
  return venvFindings(context, interpreter, root, 0)
}

const CONFIG_LIMIT = 64 * 1024
const MAX_NESTING = 4

/** CPython looks beside its executable and one directory above, without resolving the link that the executable is. */
const venvRoot = (context: ResolveContext, executable: AbsolutePath): AbsolutePath | undefined => {
  const bin = parentOf(executable)
  return [bin, parentOf(bin)].find((directory) => isThere(context, join(directory, 'pyvenv.cfg'), 'file'))
}

const venvFindings = (context: ResolveContext, interpreter: Place, root: AbsolutePath, nesting: number): Findings => {
  const clause = `${show(context, join(root, 'pyvenv.cfg'))} makes ${show(context, root)} its virtual environment`
  const config = placeAt(context, join(root, 'pyvenv.cfg'), interpreter.chain, clause)
  const settings = readConfig(context, config)
  const place = placeAt(context, root, interpreter.chain, `${show(context, root)} is its virtual environment`)
  const tree = venvTree(context, place, config)
  const packages = sitePackages(context, place, pythonVersion(context, interpreter))
  const wantsSystem = settings.get('include-system-site-packages')?.toLowerCase() === 'true'
  return merge(
    findings(isThere(context, join(root, 'uv-receipt.toml'), 'file') ? 'uv-tool' : 'venv'),
    tree,
    uvReceipt(context, place),
    packages,
    pythonBase(context, interpreter),
    homeFindings(context, interpreter, config, settings.get('home'), nesting),
    wantsSystem ? userSite(context, interpreter) : findings('venv'),
  )
}

/** The environment's root, or where that would be too wide (pyvenv.cfg in the home directory) its own pieces. */
const venvTree = (context: ResolveContext, root: Place, config: Place): Findings => {
  const refusal = refusalOf(context, root.walked.real)
  if (refusal === undefined) return treePart(context, 'venv', root)
  const message = `${show(context, root.walked.real)} is not granted as a virtual environment: ${refusal}; only pyvenv.cfg and lib/python* in it are`
  const libraries = (context.host.list(join(root.walked.real, 'lib')) ?? []).filter((entry) => /^python\d+\.\d+$/.test(entry.name))
  return merge(
    findings('venv', {
      reads: [partOf('file', config)],
      hops: [...hopsOf(config), ...hopsOf(root)],
      notices: [noticeOf('warning', 'target-tree-narrowed', message, root.chain)],
    }),
    ...libraries.map((entry) => treePart(context, 'venv', placeAt(context, join(root.file, `lib/${entry.name}`), root.chain, `its packages are in lib/${entry.name}`))),
  )
}

const readConfig = (context: ResolveContext, config: Place): ReadonlyMap<string, string> => {
  const text = textOf(context.host, config.walked.real, CONFIG_LIMIT)
  if (text === undefined) throw blocked(context, config, 'it cannot be read as text')
  return new Map(
    text.split('\n').flatMap((line) => {
      const cut = line.indexOf('=')
      return cut < 0 ? [] : [[line.slice(0, cut).trim().toLowerCase(), line.slice(cut + 1).trim()] as const]
    }),
  )
}

/** The base that `home` names. It is text in a file: it may not widen anything, only name an installation that looks like one. */
const homeFindings = (context: ResolveContext, interpreter: Place, config: Place, home: string | undefined, nesting: number): Findings => {
  if (home === undefined || home === '') {
    return findings('venv', { notices: [noticeOf('warning', 'venv-without-home', `${show(context, config.file)} does not say where its base is (home)`, config.chain)] })
  }
  const directory = toAbsolutePath(home)
  if (directory === undefined) throw blocked(context, config, `home = ${show(context, home)} is not an absolute path without ..`)
  const place = placeAt(context, directory, config.chain, `pyvenv.cfg names the base ${show(context, directory)}`)
  // A bin directory of the system is where a system Python lives; its prefix is narrowed further on.
  const isBin = nameOf(directory) === 'bin' && nameOf(place.walked.real) === 'bin'
  const refusal = refusalOf(context, place.walked.real)
  if (refusal !== undefined && !(isBin && refusal === 'it is shared by many programs')) throw blocked(context, config, `home = ${show(context, home)}: ${refusal}`)
  const own = findings('venv', { hops: hopsOf(place) })
  if (place.walked.status !== 'exists') {
    const message = `${show(context, config.file)} names the base ${show(context, directory)}, which does not exist`
    return merge(own, findings('venv', { notices: [noticeOf('warning', 'venv-home-missing', message, config.chain)] }))
  }
  const names = [nameOf(interpreter.file), `python${pythonVersion(context, interpreter) ?? '3'}`, 'python3', 'python']
  const file = names.map((name) => join(directory, name)).find((candidate) => isThere(context, candidate, 'file'))
  if (file === undefined) {
    const message = `${show(context, directory)} holds no Python, although ${show(context, config.file)} names it`
    return merge(own, findings('venv', { notices: [noticeOf('warning', 'venv-home-empty', message, config.chain)] }))
  }
  const base = placeAt(context, file, config.chain, `pyvenv.cfg names the base ${show(context, directory)}`)
  const outer = venvRoot(context, file)
  if (outer === undefined || nesting >= MAX_NESTING || outer === parentOf(config.file)) return merge(own, pythonBase(context, base))
  return merge(own, outerVenv(context, base, outer, nesting))
}

/** A venv of a venv: the outer one lends its interpreter and its base, not its packages. */
const outerVenv = (context: ResolveContext, base: Place, root: AbsolutePath, nesting: number): Findings => {
  const config = placeAt(context, join(root, 'pyvenv.cfg'), base.chain, `which is itself a virtual environment (${show(context, root)})`)
  const executable = findings('venv', { executables: [partOf('interpreter', base)], reads: [partOf('file', config)], hops: [...hopsOf(base), ...hopsOf(config)] })
  return merge(executable, pythonBase(context, base), homeFindings(context, base, config, readConfig(context, config).get('home'), nesting + 1))
}

const blocked = (context: ResolveContext, config: Place, reason: string): LauncherError =>
  new LauncherError('E_TARGET_BLOCKED', `${show(context, config.file)} is not followed: ${reason} (${config.chain.join(', ')})`, {
    at: config.walked.real,
    hint: 'Make the virtual environment anew with the Python it should use.',
  })
