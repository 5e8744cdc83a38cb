import { isWithin, join, parentOf, toAbsolutePath } from '../../policy/paths.ts'
import type { AbsolutePath } from '../../policy/paths.ts'
import { bytesOf } from './bytes.ts'
import { physical } from './command.ts'
import { findings, hopsOf, merge, noticeOf, partOf, placeAt, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'
import { isElf, readElf } from './elf.ts'
import { homebrewSupport } from './homebrew.ts'
import { secretIn } from './guard.ts'
import { isMach, readMach } from './macho.ts'

/** Readable in every sandbox: what lies there needs no part of its own. */
const SYSTEM: Readonly<Record<'linux' | 'macos', readonly string[]>> = {
  linux: ['/bin', '/lib', '/lib64', '/nix/store', '/sbin', '/usr'],
  macos: ['/System', '/bin', '/sbin', '/usr/lib', '/usr/libexec'],
}
const MAX_DEPTH = 4
const MAX_LIBRARIES = 64

/** True for a path that the base of every sandbox already makes readable. */
export const isSystem = (context: ResolveContext, path: AbsolutePath): boolean => SYSTEM[context.platform].some((root) => isWithin(path, root as AbsolutePath))

/** The loader and libraries of a binary that lie outside the system's directories, and theirs, as the loader would find them. */
export const nativeLibraries = (context: ResolveContext, program: Place): Findings => {
  // A system binary names system libraries; reading 100 MB of /usr/bin/node would tell nothing.
  if (isSystem(context, program.walked.real)) return findings('native')
  const seen = new Set<string>([program.walked.real])
  const queue: Loaded[] = [{ place: program, inherited: [], depth: 0 }]
  const found: Findings[] = [homebrewSupport(context, program)]
  for (let loaded = queue.shift(); loaded !== undefined; loaded = queue.shift()) {
    for (const next of dependenciesOf(context, loaded, program)) {
      if (seen.has(next.place.walked.real)) {
        found.push(findings('native', { hops: hopsOf(next.place) }))
        continue
      }
      if (seen.size > MAX_LIBRARIES) {
        const message = `${show(context, program.file)} loads more than ${MAX_LIBRARIES} libraries; the rest was not followed`
        return merge(...found, findings('native', { notices: [noticeOf('warning', 'libraries-limit', message, program.chain)] }))
      }
      seen.add(next.place.walked.real)
      found.push(findings('native', { reads: [partOf(next.isLoader ? 'interpreter' : 'library', next.place)], hops: hopsOf(next.place) }))
      if (loaded.depth + 1 < MAX_DEPTH) queue.push({ ...next, depth: loaded.depth + 1 })
    }
  }
  return merge(...found)
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

const dependenciesOf = (context: ResolveContext, loaded: Loaded, program: Place): Dependency[] => {
  const source = bytesOf(context.host, loaded.place.walked.real)
  const elf = readElf(source)
  if (elf !== undefined) {
    const expand = (texts: readonly string[]): AbsolutePath[] => texts.flatMap((text) => expandElf(context, loaded.place, text))
    const inherited = elf.runpath.length > 0 ? loaded.inherited : [...expand(elf.rpath), ...loaded.inherited]
    const directories = elf.runpath.length > 0 ? expand(elf.runpath) : inherited
    const loader = elf.interpreter === undefined ? undefined : toAbsolutePath(elf.interpreter)
    return [
      ...(loader === undefined ? [] : [{ name: loader, file: loader, isLoader: true }]),
      ...elf.needed.map((name) => ({ name, file: locate(context, expandElf(context, loaded.place, name), name, directories), isLoader: false })),
    ].flatMap((one) => dependency(context, loaded, one, inherited))
  }
  const mach = readMach(source, context.host.arch)
  if (mach === undefined) return []
  const expand = (text: string): AbsolutePath[] => expandMach(context, loaded.place, program, text)
  const inherited = [...mach.rpaths.flatMap(expand), ...loaded.inherited]
  return mach.libraries
    .map((name) => ({
      name,
      file: name.startsWith('@rpath/') ? locate(context, [], name.slice(7), inherited) : expand(name)[0],
      isLoader: false,
    }))
    .flatMap((one) => dependency(context, loaded, one, inherited))
}

interface Named {
  readonly name: string
  readonly file: AbsolutePath | undefined
  readonly isLoader: boolean
}

/** A library as a part: only what exists outside the system's directories and is a library, so that a planted header cannot name a secret. */
const dependency = (context: ResolveContext, loaded: Loaded, named: Named, inherited: readonly AbsolutePath[]): Dependency[] => {
  if (named.file === undefined) return []
  const verb = named.isLoader ? 'its loader is' : `it loads ${show(context, named.name)}, found at`
  const place = placeAt(context, named.file, loaded.place.chain, `${verb} ${show(context, named.file)}`)
  if (isSystem(context, place.file) && isSystem(context, place.walked.real)) return []
  if (place.walked.status !== 'exists' || place.walked.kind !== 'file' || secretIn(place.walked.real) !== undefined) return []
  const head = bytesOf(context.host, place.walked.real).at(0, 8)
  return head !== undefined && (isElf(head) || isMach(head)) ? [{ place, inherited, isLoader: named.isLoader }] : []
}

const locate = (context: ResolveContext, direct: readonly AbsolutePath[], name: string, directories: readonly AbsolutePath[]): AbsolutePath | undefined =>
  (name.includes('/') ? direct : []).concat(directories.map((directory) => join(directory, name))).find((file) => context.walk(file).status === 'exists')

const ELF_LIB = ['lib64', 'lib']

/** `$ORIGIN` is the directory of the real file for a program; relative paths would depend on the working directory and are left out. */
const expandElf = (context: ResolveContext, place: Place, text: string): AbsolutePath[] => {
  const origin = parentOf(place.walked.real)
  const replaced = text.replaceAll(/\$\{?ORIGIN\}?/g, origin)
  const variants = /\$\{?LIB\}?/.test(replaced) ? ELF_LIB.map((lib) => replaced.replaceAll(/\$\{?LIB\}?/g, lib)) : [replaced]
  return variants.flatMap((one) => (one.startsWith('/') ? (physical(context, '/' as AbsolutePath, one) ?? []) : []))
}

const expandMach = (context: ResolveContext, place: Place, program: Place, text: string): AbsolutePath[] => {
  const replaced = text.replace(/^@loader_path/, parentOf(place.walked.real)).replace(/^@executable_path/, parentOf(program.walked.real))
  return replaced.startsWith('/') ? [physical(context, '/' as AbsolutePath, replaced)].filter((path) => path !== undefined) : []
}
