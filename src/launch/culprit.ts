import fs from 'node:fs'
import path from 'node:path'
import { treeOf } from './process-table.ts'

/** Programs that replace files by a rename, as a user knows them. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['git', /^git(-|$)/],
  [
    'A package manager',
    /^(apk|apt|apt-get|aptitude|brew|dnf|dpkg|ldconfig|nix|packagekitd|pacman|rpm|snapd|unattended-upgr|yum|zypper)/,
  ],
  ['A tool for users and groups', /^(chfn|chsh|group(add|del|mod)|user(add|del|mod)|vipw|pwconv)/],
  [
    'An editor',
    /^(code|codium|cursor|emacs|gedit|helix|hx|idea|joe|kak|kate|mcedit|micro|nano|nvim|subl|sublime_text|vi|vim|vim\.\w+|zed)/,
  ],
]

/**
 * Files that an editor leaves beside what it saves: swap and backup files of vim, emacs and others.
 */
const TRACES = (name: string): readonly string[] => [
  `.${name}.swp`,
  `.${name}.swo`,
  `${name}~`,
  `#${name}#`,
  `.#${name}`,
  `${name}.bak`,
]

/** A trace older than this is from something else. */
const RECENT = 3_000

/**
 * What on the host probably replaced a name a moment ago, as the beginning of a sentence: by the
 * programs that run outside the sandbox in that place, and by what they leave behind. Undefined
 * when nothing tells.
 */
export const culpritOf = (places: readonly string[], init: number): string | undefined => {
  const inside = new Set(quietly(() => treeOf(init), []))
  return (
    places.map((place) => byProcess(place, inside)).find((found) => found !== undefined) ??
    places.map(byTraces).find((found) => found !== undefined)
  )
}

const byProcess = (place: string, inside: ReadonlySet<number>): string | undefined => {
  for (const pid of quietly(() => fs.readdirSync('/proc'), [])) {
    if (!/^\d+$/.test(pid) || inside.has(Number(pid))) continue
    const name = quietly(() => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), '')
    const kind = KINDS.find(([, names]) => names.test(name))?.[0]
    if (kind === undefined) continue
    const cwd = quietly(() => fs.readlinkSync(`/proc/${pid}/cwd`), '')
    const words = quietly(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'), [])
    const isThere = cwd !== '/' && cwd !== '' && place.startsWith(`${cwd}/`)
    const isNamed = words.some((word) => word !== '' && path.resolve(cwd || '/', word) === place)
    if (isThere || isNamed || kind === 'A package manager') return `${kind} (${name})`
  }
  return undefined
}

const byTraces = (place: string): string | undefined => {
  const directory = path.dirname(place)
  const isRecent = (file: string): boolean => {
    const stat = quietly(() => fs.lstatSync(file, { throwIfNoEntry: false }), undefined)
    return stat !== undefined && Date.now() - stat.ctimeMs < RECENT
  }
  if (TRACES(path.basename(place)).some((name) => isRecent(path.join(directory, name))))
    return 'An editor'
  if (place.includes('/.git/') || place.endsWith('/.git')) return 'git'
  for (let above = directory; above !== '/'; above = path.dirname(above))
    if (['index', 'HEAD', 'ORIG_HEAD'].some((name) => isRecent(path.join(above, '.git', name))))
      return 'git'
  return /^\/(etc|usr|opt|lib)\//.test(place) ? 'A package manager' : undefined
}

/** Only a word in a message depends on it. */
const quietly = <T>(look: () => T, otherwise: T): T => {
  try {
    return look()
  } catch {
    return otherwise
  }
}
