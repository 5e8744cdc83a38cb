import {
  absolute,
  type AbsolutePath,
  join,
  parentOf,
  ROOT,
  toAbsolutePath,
} from '../../machine/paths.ts'
import { bytesOf } from './bytes.ts'
import { physical } from './command.ts'
import {
  findings,
  type Findings,
  hopsOf,
  isInside,
  merge,
  noticeOf,
  partOf,
  type Place,
  placeAt,
  type ResolveContext,
  show,
} from './context.ts'
import { isElf, readElf, type ElfHeader } from './elf.ts'
import { homebrewSupport } from './homebrew.ts'
import { secretIn } from './guard.ts'
import { confDirectories } from './ld-conf.ts'
import { isMach, readMach, type MachHeader } from './macho.ts'

/** Readable in every sandbox: what lies there needs no part of its own. */
const SYSTEM: Readonly<Record<'linux' | 'macos', readonly AbsolutePath[]>> = {
  linux: ['/bin', '/lib', '/lib64', '/nix/store', '/sbin', '/usr'].map(absolute),
  macos: ['/System', '/bin', '/nix/store', '/sbin', '/usr/lib', '/usr/libexec'].map(absolute),
}
/** Each library is followed once, so this bounds a chain that a broken file makes up. */
const MAX_DEPTH = 16
const MAX_LIBRARIES = 128

/** True for a path that the base of every sandbox already makes readable. */
export const isSystem = (context: ResolveContext, path: AbsolutePath): boolean =>
  SYSTEM[context.platform].some((root) => isInside(context, path, root))

/**
 * The loader and libraries of a binary that lie outside the system's directories, and theirs, as
 * the loader would find them. LD_LIBRARY_PATH and its kin are not passed on, so they count for
 * nothing.
 */
export const nativeLibraries = (context: ResolveContext, program: Place): Findings => {
  // A program of the distribution names its libraries; what an administrator puts in /usr/local may
  // name others.
  if (
    isSystem(context, program.walked.real) &&
    !isInside(context, program.walked.real, absolute('/usr/local'))
  )
    return findings('native')
  const seen = new Set<string>([program.walked.real])
  const search: Search = {
    program,
    conf: remembered(() =>
      confDirectories(context).filter((directory) => !isSystem(context, directory)),
    ),
  }
  const queue: Loaded[] = [{ place: program, inherited: [], depth: 0 }]
  const found: Findings[] = [homebrewSupport(context, program)]
  for (let loaded = queue.shift(); loaded !== undefined; loaded = queue.shift()) {
    for (const next of dependenciesOf(context, loaded, search)) {
      if (seen.has(next.place.walked.real)) {
        found.push(findings('native', { hops: hopsOf(next.place) }))
        continue
      }
      if (seen.size > MAX_LIBRARIES) {
        const message = `${show(context, program.file)} loads more than ${MAX_LIBRARIES} libraries; the rest was not followed`
        return merge(
          ...found,
          findings('native', {
            notices: [noticeOf('warning', 'libraries-limit', message, program.chain)],
          }),
        )
      }
      seen.add(next.place.walked.real)
      found.push(
        findings('native', {
          reads: [partOf(next.isLoader ? 'interpreter' : 'library', next.place)],
          hops: hopsOf(next.place),
        }),
      )
      if (loaded.depth + 1 < MAX_DEPTH) queue.push({ ...next, depth: loaded.depth + 1 })
    }
  }
  return merge(...found)
}

interface Search {
  readonly program: Place
  /**
   * Directories of ld.so.conf outside the system's, asked for only when a library is found nowhere
   * else.
   */
  conf(): readonly AbsolutePath[]
}

interface Loaded {
  readonly place: Place
  /** Search directories that libraries take over from what loads them. */
  readonly inherited: readonly AbsolutePath[]
  readonly depth: number
}

interface Dependency {
  readonly place: Place
  readonly inherited: readonly AbsolutePath[]
  readonly isLoader: boolean
}

const remembered = <T>(find: () => T): (() => T) => {
  let found: { readonly value: T } | undefined
  return () => (found ??= { value: find() }).value
}

const dependenciesOf = (context: ResolveContext, loaded: Loaded, search: Search): Dependency[] => {
  const source = bytesOf(context.host, loaded.place.walked.real)
  const elf = readElf(source)
  if (elf !== undefined) return elfDependencies(context, loaded, elf, search)
  const mach = readMach(source, context.host.arch)
  return mach === undefined ? [] : machDependencies(context, loaded, mach, search.program)
}

const elfDependencies = (
  context: ResolveContext,
  loaded: Loaded,
  elf: ElfHeader,
  search: Search,
): Dependency[] => {
  const expand = (texts: readonly string[]): AbsolutePath[] =>
    texts.flatMap((text) => expandElf(context, loaded.place, text))
  const inherited =
    elf.runpath.length > 0 ? loaded.inherited : [...expand(elf.rpath), ...loaded.inherited]
  const directories = elf.runpath.length > 0 ? expand(elf.runpath) : inherited
  const loader = elf.interpreter === undefined ? undefined : toAbsolutePath(elf.interpreter)
  const find = (name: string): AbsolutePath | undefined =>
    locate(context, expandElf(context, loaded.place, name), name, directories) ??
    (name.includes('/') ? undefined : locate(context, [], name, search.conf()))
  return [
    ...(loader === undefined ? [] : [{ name: loader, file: loader, isLoader: true }]),
    ...elf.needed.map((name) => ({ name, file: find(name), isLoader: false })),
  ].flatMap((one) => dependency(context, loaded, one, inherited))
}

const machDependencies = (
  context: ResolveContext,
  loaded: Loaded,
  mach: MachHeader,
  program: Place,
): Dependency[] => {
  const expand = (text: string): AbsolutePath[] => expandMach(context, loaded.place, program, text)
  const inherited = [...mach.rpaths.flatMap(expand), ...loaded.inherited]
  return mach.libraries
    .map((name) => ({
      name,
      file: name.startsWith('@rpath/')
        ? locate(context, [], name.slice(7), inherited)
        : expand(name)[0],
      isLoader: false,
    }))
    .flatMap((one) => dependency(context, loaded, one, inherited))
}

interface Named {
  readonly name: string
  readonly file: AbsolutePath | undefined
  readonly isLoader: boolean
}

/**
 * A library as a part: only what exists outside the system's directories and is a library, so that
 * a planted header cannot name a secret.
 */
const dependency = (
  context: ResolveContext,
  loaded: Loaded,
  named: Named,
  inherited: readonly AbsolutePath[],
): Dependency[] => {
  if (named.file === undefined) return []
  const verb = named.isLoader ? 'its loader is' : `it loads ${show(context, named.name)}, found at`
  const place = placeAt(
    context,
    named.file,
    loaded.place.chain,
    `${verb} ${show(context, named.file)}`,
  )
  if (isSystem(context, place.file) && isSystem(context, place.walked.real)) return []
  if (
    place.walked.status !== 'exists' ||
    place.walked.kind !== 'file' ||
    secretIn(place.walked.real) !== undefined
  )
    return []
  const head = bytesOf(context.host, place.walked.real).at(0, 8)
  return head !== undefined && (isElf(head) || isMach(head))
    ? [{ place, inherited, isLoader: named.isLoader }]
    : []
}

const locate = (
  context: ResolveContext,
  direct: readonly AbsolutePath[],
  name: string,
  directories: readonly AbsolutePath[],
): AbsolutePath | undefined =>
  (name.includes('/') ? direct : [])
    .concat(directories.map((directory) => join(directory, name)))
    .find((file) => context.walk(file).status === 'exists')

const ELF_LIB = ['lib64', 'lib', 'lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu']
const ELF_PLATFORM: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/**
 * `$ORIGIN` is the directory of the real file; relative paths would depend on the working directory
 * and are left out.
 */
const expandElf = (context: ResolveContext, place: Place, text: string): AbsolutePath[] => {
  const values = {
    ORIGIN: parentOf(place.walked.real),
    PLATFORM: ELF_PLATFORM[context.host.arch] ?? '',
  }
  const replaced = text.replaceAll(
    /\$(?:\{(ORIGIN|PLATFORM)\}|(ORIGIN|PLATFORM)\b)/g,
    (_, braced: keyof typeof values, plain: keyof typeof values) => values[braced ?? plain],
  )
  const isWithLib = /\$(?:\{LIB\}|LIB\b)/
  const variants = isWithLib.test(replaced)
    ? ELF_LIB.map((lib) => replaced.replace(isWithLib, lib))
    : [replaced]
  return variants.flatMap((one) =>
    one.startsWith('/') ? (physical(context, ROOT, one) ?? []) : [],
  )
}

const expandMach = (
  context: ResolveContext,
  place: Place,
  program: Place,
  text: string,
): AbsolutePath[] => {
  const replaced = text
    .replace(/^@loader_path/, parentOf(place.walked.real))
    .replace(/^@executable_path/, parentOf(program.walked.real))
  return replaced.startsWith('/')
    ? [physical(context, ROOT, replaced)].filter((path) => path !== undefined)
    : []
}
