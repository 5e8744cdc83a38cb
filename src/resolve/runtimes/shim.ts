import { join, nameOf, parentOf, toAbsolutePath, type AbsolutePath } from '../../machine/paths.ts'
import { throughAsdf } from './asdf-shim.ts'
import { bytesOf, decode, textOf } from './bytes.ts'
import { lookUp, problemWith } from './command.ts'
import {
  findings,
  isReachedByAgent,
  isThere,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { treePart } from './guard.ts'
import { throughMise } from './mise-shim.ts'
import { throughPixi } from './conda-trampoline.ts'
import { throughPnpm } from './pnpm-shim.ts'
import { steppedOver, unknownShim, type Shim } from './shim-result.ts'
import {
  installedVersion,
  isVersion,
  upwards,
  VERSION_FILE_LIMIT,
  type Wanted,
} from './shim-versions.ts'
import { throughVolta } from './volta-shim.ts'
import { throughXcode } from './xcode-shim.ts'

const HEAD_BYTES = 4096

/** Recognises a shim of pyenv, asdf, mise, volta, pixi, pnpm or Apple and steps through it where files tell what it would start; undefined for anything else. */
export const throughShim = (context: ResolveContext, place: Place): Shim | undefined => {
  // One that the agent could have written would choose for the user: it is what it is, a file of the project.
  if (isReachedByAgent(context, place)) return undefined
  const dispatcher = nameOf(place.walked.real)
  if (dispatcher === 'mise' && nameOf(place.file) !== dispatcher) return throughMise(context, place)
  if (dispatcher === 'volta-shim' && nameOf(place.file) !== dispatcher)
    return throughVolta(context, place)
  const stepped = throughXcode(context, place) ?? throughPixi(context, place)
  if (stepped !== undefined) return stepped
  const head = bytesOf(context.host, place.walked.real).at(0, HEAD_BYTES)
  if (head === undefined || head[0] !== 0x23 || head[1] !== 0x21) return undefined
  const text = decode(head, { isCut: true }) ?? ''
  const isInShims =
    nameOf(parentOf(place.file)) === 'shims' || nameOf(parentOf(place.walked.real)) === 'shims'
  if (!isInShims) return throughPnpm(context, place, text)
  const pyenvRoot = /^export PYENV_ROOT="(\/[^"$`\\]*)"$/m.exec(text)?.[1]
  return pyenvRoot === undefined
    ? throughAsdf(context, place, text)
    : throughPyenv(context, place, toAbsolutePath(pyenvRoot))
}

/** What a shim that `env` or a first line finds needs to run, and what it starts: there the kernel does start the shim. */
export const behindShim = (
  context: ResolveContext,
  place: Place,
  depth: number,
): { readonly program: Place; readonly findings: Findings } => {
  const shim = throughShim(context, place)
  if (shim?.place === undefined)
    return { program: place, findings: shim?.findings ?? findings('script') }
  return {
    program: shim.place,
    findings: merge(shim.findings, context.examine(context, shim.place, 'interpreter', depth)),
  }
}

const throughPyenv = (
  context: ResolveContext,
  shim: Place,
  root: AbsolutePath | undefined,
): Shim => {
  const name = nameOf(shim.file)
  const wanted = root === undefined ? undefined : pyenvVersions(context, root)
  if (root === undefined || wanted === undefined)
    return unknownShim(context, shim, 'pyenv', `pyenv which ${name}`)
  const says = `${wanted.origin} says ${wanted.versions.join(':')}`
  const support = merge(
    findings('script', {
      notices: [
        noticeOf(
          'info',
          'shim',
          `${show(context, shim.file)} is a shim of pyenv; ${says}`,
          shim.chain,
        ),
      ],
    }),
    ...['libexec', 'pyenv.d', 'plugins', 'version'].map((name) => {
      const part = join(root, name)
      return treePart(
        context,
        'script',
        placeAt(
          context,
          part,
          shim.chain,
          `the shim runs pyenv, which reads ${show(context, part)}`,
        ),
      )
    }),
  )
  for (const wish of wanted.versions) {
    const version = installedVersion(context, join(root, 'versions'), wish)
    const file =
      wish === 'system'
        ? lookUp(context, name, withoutShims(context, root))
        : version === undefined
          ? undefined
          : join(root, `versions/${version}/bin/${name}`)
    if (file === undefined || problemWith(context, file) !== undefined) continue
    return {
      ...steppedOver(
        context,
        shim,
        file,
        `a shim of pyenv, for which ${wanted.origin} names ${wish}`,
      ),
      findings: support,
    }
  }
  return {
    place: undefined,
    findings: merge(support, unknownShim(context, shim, 'pyenv', `pyenv which ${name}`).findings),
  }
}

/** PYENV_VERSION, then `.python-version` in the working directory and above, then the global file: pyenv's own order. */
const pyenvVersions = (context: ResolveContext, root: AbsolutePath): Wanted | undefined => {
  const fromEnvironment = context.host.env['PYENV_VERSION']
  if (fromEnvironment)
    return { versions: fromEnvironment.split(':').filter(isVersion), origin: 'PYENV_VERSION' }
  const file = localFile(context) ?? join(root, 'version')
  const text = textOf(context.host, file, VERSION_FILE_LIMIT)
  // The first word of each line; the rest of it, and lines that begin with #, are remarks.
  const words = text?.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '')
  return words === undefined
    ? undefined
    : {
        versions: words.filter((word) => word !== '' && isVersion(word)),
        origin: show(context, file),
      }
}

/** PATH as pyenv searches it for `system`: what the machine has without pyenv. */
const withoutShims = (context: ResolveContext, root: AbsolutePath): AbsolutePath[] =>
  context.searchPath.filter(
    (directory) => context.walk(directory).real !== context.walk(join(root, 'shims')).real,
  )

const localFile = (context: ResolveContext): AbsolutePath | undefined =>
  upwards(context)
    .map((directory) => join(directory, '.python-version'))
    .find((file) => isThere(context, file, 'file'))
