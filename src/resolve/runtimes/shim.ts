import { ancestorsOf, join, nameOf, parentOf, toAbsolutePath } from '../../policy/paths.ts'
import type { AbsolutePath } from '../../policy/paths.ts'
import { bytesOf, decode, textOf } from './bytes.ts'
import { problemWith } from './command.ts'
import { findings, isThere, merge, noticeOf, placeAt, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'
import { treePart } from './guard.ts'

/** What stands behind a version manager's shim. */
export interface Shim {
  /** The program that the shim would start; undefined when only running it would tell. */
  readonly place: Place | undefined
  /** What the shim itself needs when it is not stepped over, and what there is to say about it. */
  readonly findings: Findings
}

const HEAD_BYTES = 4096
const VERSION_FILE_LIMIT = 4096

/** Recognises a shim of pyenv, asdf, mise or volta and steps through it where files tell what it would start; undefined for anything else. */
export const throughShim = (context: ResolveContext, place: Place): Shim | undefined => {
  const dispatcher = nameOf(place.walked.real)
  if ((dispatcher === 'mise' || dispatcher === 'volta-shim') && nameOf(place.file) !== dispatcher) {
    return unknown(context, place, dispatcher, dispatcher === 'mise' ? `mise which ${nameOf(place.file)}` : `volta which ${nameOf(place.file)}`)
  }
  if (nameOf(parentOf(place.file)) !== 'shims' && nameOf(parentOf(place.walked.real)) !== 'shims') return undefined
  const head = bytesOf(context.host, place.walked.real).at(0, HEAD_BYTES)
  const text = head === undefined ? '' : (decode(head) ?? '')
  const pyenvRoot = /^export PYENV_ROOT="(\/[^"$`\\]*)"$/m.exec(text)?.[1]
  if (pyenvRoot !== undefined) return throughPyenv(context, place, toAbsolutePath(pyenvRoot))
  const plugins = [...text.matchAll(/^# asdf-plugin: ([\w.-]+) ([\w.+-]+)$/gm)]
  return plugins.length > 0 ? throughAsdf(context, place, plugins) : undefined
}

const throughPyenv = (context: ResolveContext, shim: Place, root: AbsolutePath | undefined): Shim => {
  const name = nameOf(shim.file)
  const wanted = root === undefined ? undefined : pyenvVersions(context, root)
  if (root === undefined || wanted === undefined) return unknown(context, shim, 'pyenv', `pyenv which ${name}`)
  const message = `${show(context, shim.file)} is a shim of pyenv; ${wanted.origin} says ${wanted.versions.join(':')}`
  const support = merge(
    findings('script', { notices: [noticeOf('info', 'shim', message, shim.chain)] }),
    ...['libexec', 'pyenv.d', 'plugins', 'version'].map((name) => {
      const part = join(root, name)
      return treePart(context, 'script', placeAt(context, part, shim.chain, `the shim runs pyenv, which reads ${show(context, part)}`))
    }),
  )
  for (const wish of wanted.versions) {
    const version = installedVersion(context, root, wish)
    const file = version === undefined ? undefined : join(root, `versions/${version}/bin/${name}`)
    if (file === undefined || problemWith(context, file) !== undefined) continue
    const chain = [...shim.chain, `which is a shim of pyenv, for which ${wanted.origin} names ${wish}`]
    return { place: placeAt(context, file, chain, `that is ${show(context, file)}`), findings: support }
  }
  return { place: undefined, findings: merge(support, unknown(context, shim, 'pyenv', `pyenv which ${name}`).findings) }
}

interface Wanted {
  readonly versions: readonly string[]
  readonly origin: string
}

/** PYENV_VERSION, then `.python-version` in the working directory and above, then the global file: pyenv's own order. */
const pyenvVersions = (context: ResolveContext, root: AbsolutePath): Wanted | undefined => {
  const fromEnvironment = context.host.env['PYENV_VERSION']
  if (fromEnvironment) return { versions: fromEnvironment.split(':').filter(isVersion), origin: 'PYENV_VERSION' }
  const local = [context.cwd, ...ancestorsOf(context.cwd).reverse()].map((directory) => join(directory, '.python-version')).find((file) => isThere(context, file, 'file'))
  const file = local ?? join(root, 'version')
  const text = textOf(context.host, file, VERSION_FILE_LIMIT)
  return text === undefined ? undefined : { versions: text.split(/\s+/).filter((word) => word !== '' && isVersion(word)), origin: show(context, file) }
}

/** A version is one name (or `x/envs/y`): never a way out of `versions`, since `.python-version` may be the agent's work. */
const isVersion = (text: string): boolean => /^[\w.+-]+(?:\/envs\/[\w.+-]+)?$/.test(text) && !text.split('/').some((part) => /^\.+$/.test(part))

/** The version itself, or the highest one that begins with it (`3.12` means `3.12.1`), or without the `python-` that some write. */
const installedVersion = (context: ResolveContext, root: AbsolutePath, wish: string): string | undefined => {
  const name = wish.replace(/^python-/, '')
  const exact = [wish, name].find((version) => isThere(context, join(root, `versions/${version}`), 'directory'))
  if (exact !== undefined) return exact
  const rank = (version: string): number => Number(version.slice(name.length + 1).split('.')[0])
  const candidates = (context.host.list(join(root, 'versions')) ?? []).map((entry) => entry.name).filter((version) => version.startsWith(`${name}.`) && /^[\d.]+$/.test(version))
  return candidates.sort((a, b) => rank(b) - rank(a))[0]
}

/** asdf writes the versions that hold a program into its shim; one is an answer, several depend on `.tool-versions`. */
const throughAsdf = (context: ResolveContext, shim: Place, plugins: readonly RegExpExecArray[]): Shim => {
  const name = nameOf(shim.file)
  const [, plugin, version] = plugins[0] ?? []
  const root = parentOf(parentOf(shim.walked.real))
  const isOne = plugins.length === 1 && plugin !== undefined && version !== undefined && isVersion(version) && isVersion(plugin)
  const file = isOne ? join(root, `installs/${plugin}/${version}/bin/${name}`) : undefined
  if (file === undefined || problemWith(context, file) !== undefined) return unknown(context, shim, 'asdf', `asdf which ${name}`)
  const message = `${show(context, shim.file)} is a shim of asdf for ${plugin} ${version}`
  return {
    place: placeAt(context, file, [...shim.chain, `which is a shim of asdf for ${plugin} ${version}`], `that is ${show(context, file)}`),
    findings: findings('script', { notices: [noticeOf('info', 'shim', message, shim.chain)] }),
  }
}

const unknown = (context: ResolveContext, place: Place, manager: string, question: string): Shim => {
  const file = show(context, place.file)
  const message = `${file} is a shim of ${manager}, and what it starts is only known at run time: name the program itself (${question} tells where it is)`
  return { place: undefined, findings: findings('script', { notices: [noticeOf('warning', 'shim-unknown', message, place.chain)] }) }
}
