import { expandHome } from '../../machine/home.ts'
import { readIni } from './ini.ts'
import { above, type Machine, placed } from './machine.ts'
import type { Setting } from './model.ts'

/**
 * npm's settings by key, strongest layer first: variables, the user's npmrc, the global one, npm's
 * own. Never the project's.
 */
export type NpmLayers = readonly ReadonlyMap<string, Setting>[]

/**
 * Reads npm's layers in the order of npm's own loader (`@npmcli/config`): each may say where the
 * next lies.
 */
export const npmLayers = (machine: Machine, packageFolder: string | undefined): NpmLayers => {
  const layers: ReadonlyMap<string, Setting>[] = [variableLayer(machine)]
  layers.push(
    fileLayer(machine, first(layers, 'userconfig')?.value ?? `${machine.world.home}/.npmrc`),
  )
  const prefix = first(layers, 'prefix')?.value ?? machine.host.env['PREFIX'] ?? nodePrefix(machine)
  const globalFile = first(layers, 'globalconfig')?.value ?? (prefix && `${prefix}/etc/npmrc`)
  layers.push(globalFile ? fileLayer(machine, globalFile) : new Map())
  layers.push(
    packageFolder === undefined ? new Map() : fileLayer(machine, `${packageFolder}/npmrc`),
  )
  return layers
}

/** The setting of the strongest layer that has it. */
export const first = (layers: NpmLayers, key: string): Setting | undefined =>
  layers.map((layer) => layer.get(key)).find((setting) => setting !== undefined)

/** Every `@scope:registry`, by scope, each from its strongest layer. */
export const scopes = (layers: NpmLayers): ReadonlyMap<string, Setting> =>
  new Map(
    [...layers]
      .reverse()
      .flatMap((layer) =>
        [...layer]
          .filter(([key]) => /^@[^:]+:registry$/.test(key))
          .map(([key, setting]) => [key.slice(0, -9), setting] as const),
      ),
  )

/** `npm_config_USERCONFIG` in any case; `_` within stands for `-`. */
const variableLayer = (machine: Machine): ReadonlyMap<string, Setting> =>
  new Map(
    [...machine.variables(/^npm_config_./i)].map(([name, setting]) => [
      name
        .slice(11)
        .replaceAll(/(?!^)_/g, '-')
        .toLowerCase(),
      setting,
    ]),
  )

const fileLayer = (machine: Machine, written: string): ReadonlyMap<string, Setting> => {
  const path = expandHome(written, machine.world.home)
  const file = machine.file(path)
  if (!file) return new Map()
  return new Map(
    readIni(file.text, { continues: false })
      .filter(({ section }) => section === '')
      .map(({ key, value, line }) => [
        key,
        { ...expand(machine, value), origin: placed(file, key, line), isInside: file.isInside },
      ]),
  )
}

/**
 * `${NAME}`, and `${NAME?}` for one that may be unset. A name that is not set stays as it is, and
 * is then no address.
 */
const expand = (machine: Machine, value: string): Pick<Setting, 'value' | 'isPrivate'> => {
  let isPrivate = false
  const expanded = value.replaceAll(
    /\$\{([^${}?]+)(\?)?\}/g,
    (whole, name: string, optional?: string) => {
      const setting = machine.variable(name)
      if (setting && !setting.isInside) isPrivate = true
      return setting?.value ?? (optional ? '' : whole)
    },
  )
  return isPrivate ? { value: expanded, isPrivate } : { value: expanded }
}

/** Two folders above the real node, as npm takes it. */
const nodePrefix = (machine: Machine): string | undefined => {
  const node = machine.tool('node')
  return node && above(node.real, 2)
}
