import { above, lineOf, type Machine, placed } from './machine.ts'
import type { Setting } from './model.ts'

/**
 * npm as it is installed: its folder, and the registry that its definitions of settings carry as
 * the default.
 */
export interface NpmPackage {
  readonly folder: string
  readonly registry: Setting
}

/**
 * Finds npm beside its command, beside node, or in the folders of version managers whose commands
 * are shims.
 */
export const npmPackage = (machine: Machine): NpmPackage | undefined => {
  for (const folder of folders(machine)) {
    for (const definitions of DEFINITIONS) {
      const file = machine.file(`${folder}/${definitions}`, MAX_DEFINITIONS)
      const url = file && DEFAULT.exec(file.text)?.[2]
      if (file && url !== undefined) {
        const line = lineOf(file.text, DEFAULT.exec(file.text)?.[0] ?? '')
        return {
          folder,
          registry: { value: url, origin: placed(file, 'registry', line), isInside: true },
        }
      }
    }
  }
  return undefined
}

const folders = (machine: Machine): readonly string[] => {
  const npm = machine.tool('npm')
  const node = machine.tool('node')
  const { home } = machine.world
  const managed = VERSION_FOLDERS.flatMap(([root, rest]) =>
    machine.folders(`${home}/${root}`).map((version) => `${home}/${root}/${version}${rest}`),
  )
  return [
    ...(npm ? [above(npm.real, 2), `${above(npm.path, 2)}/lib/node_modules/npm`] : []),
    ...(node ? [`${above(node.real, 2)}/lib/node_modules/npm`] : []),
    ...managed,
  ]
}

/** Folders that hold one version of node or npm each, and where npm lies in it. */
const VERSION_FOLDERS = [
  ['.volta/tools/image/npm', ''],
  ['.volta/tools/image/node', '/lib/node_modules/npm'],
  ['.local/share/mise/installs/node', '/lib/node_modules/npm'],
  ['.asdf/installs/nodejs', '/lib/node_modules/npm'],
] as const

/** npm 9 and later; Debian's, which keeps its parts beside it; npm 7 and 8. */
const DEFINITIONS = [
  'node_modules/@npmcli/config/lib/definitions/definitions.js',
  '../@npmcli/config/lib/definitions/definitions.js',
  'lib/utils/config/definitions.js',
] as const
const DEFAULT =
  /(?:define\(|new Definition\()\s*'registry',\s*\{\s*default:\s*(['"`])(https?:[^'"`\s]+)\1/
const MAX_DEFINITIONS = 1 << 20
