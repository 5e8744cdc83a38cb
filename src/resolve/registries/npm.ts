import { npmPackage } from './npm-package.ts'
import { first, npmLayers, scopes } from './npm-settings.ts'
import { lineOf, type Machine, placed } from './machine.ts'
import { address, type Finding, remark, repeated, type Setting } from './model.ts'
import { parseToml, type Table, tableAt, textAt } from './toml.ts'

/** The registries of npm and of what reads npm's settings: pnpm, yarn, bun. */
export const npmRegistries = (machine: Machine): readonly Finding[] => {
  if (!machine.tool('npm', 'pnpm', 'yarn', 'bun')) return []
  const own = npmPackage(machine)
  const layers = npmLayers(machine, own?.folder)
  const written = first(layers, 'registry')
  const main = written ?? own?.registry
  const scoped = scopes(layers)
  return [
    ...(main
      ? [address(main)]
      : [
          remark(
            'info',
            'npm is not here, so its default registry is not known: `registry =` in ~/.npmrc names one',
          ),
        ]),
    ...(written ? repeated('npm_config_registry', [written]) : []),
    // pnpm reads npm's variables up to version 10, only its own from 11 on.
    ...(written && machine.tool('pnpm') ? repeated('pnpm_config_registry', [written]) : []),
    ...[...scoped.values()].map(address),
    ...[...scoped]
      .filter(([, { isInside }]) => !isInside)
      .map(([scope, { origin }]) =>
        remark(
          'info',
          `${origin.file} cannot be read inside, and no variable can say where ${scope} comes from; \`--lift ${origin.file}\` would`,
          origin,
        ),
      ),
    ...yarn(machine, main),
    ...bun(machine),
  ]
}

/**
 * The registry of JSR's scope: no package manager carries one, it is written down when JSR is first
 * used.
 */
export const jsrRegistries = (machine: Machine): readonly Finding[] => {
  const setting =
    scopes(npmLayers(machine, npmPackage(machine)?.folder)).get('@jsr') ??
    (machine.tool('deno') && machine.variable('JSR_URL'))
  if (setting) return machine.tool('npm', 'pnpm', 'yarn', 'bun', 'deno') ? [address(setting)] : []
  return machine.tool('npm', 'pnpm', 'yarn', 'bun')
    ? [
        remark(
          'info',
          'no file of yours says where JSR is: `@jsr:registry=` in ~/.npmrc would; a project cannot',
        ),
      ]
    : []
}

/**
 * yarn's own files name a server for it alone. Its default is compiled into it, so npm's is passed
 * instead.
 */
const yarn = (machine: Machine, main: Setting | undefined): readonly Finding[] => {
  if (!machine.tool('yarn')) return []
  const classic = settingsOf(
    machine,
    `${machine.world.home}/.yarnrc`,
    /^\s*"?(?:@[^\s:"]+:)?registry"?\s+"?([^\s"]+)"?\s*$/,
  )
  const berry = settingsOf(
    machine,
    `${machine.world.home}/.yarnrc.yml`,
    /^\s*npmRegistryServer:\s*["']?([^\s"'#]+)/,
  )
  const server =
    machine.variable('YARN_NPM_REGISTRY_SERVER') ?? berry.find(({ isTop }) => isTop)?.setting
  const passed = server ?? (main && { ...main, isInside: false })
  return [
    ...[...classic, ...berry].map(({ setting }) => address(setting)),
    ...(server ? [address(server)] : []),
    ...(passed ? repeated('YARN_NPM_REGISTRY_SERVER', [passed]) : []),
  ]
}

const settingsOf = (
  machine: Machine,
  path: string,
  form: RegExp,
): readonly { readonly setting: Setting; readonly isTop: boolean }[] => {
  const file = machine.file(path)
  if (!file) return []
  return file.text.split('\n').flatMap((line, index) => {
    const value = form.exec(line.slice(0, MAX_LINE))?.[1]
    return value === undefined
      ? []
      : [
          {
            setting: {
              value,
              origin: placed(file, 'registry', index + 1),
              isInside: file.isInside,
            },
            isTop: !/^\s/.test(line),
          },
        ]
  })
}

/** bunfig.toml: an address, or a table with one, as such and by scope. */
const bun = (machine: Machine): readonly Finding[] => {
  if (!machine.tool('bun')) return []
  const named = machine.variable('BUN_CONFIG_REGISTRY')
  const file =
    machine.file(`${machine.world.home}/.bunfig.toml`) ??
    machine.file(
      `${machine.host.env['XDG_CONFIG_HOME'] ?? `${machine.world.home}/.config`}/.bunfig.toml`,
    )
  const install = file ? tableAt(parseToml(file), 'install') : {}
  const setting = (table: Table, key: string): Setting | undefined => {
    const value = textAt(table, key) ?? textAt(tableAt(table, key), 'url')
    return file && value !== undefined
      ? { value, origin: placed(file, key, lineOf(file.text, value)), isInside: file.isInside }
      : undefined
  }
  const main = named ?? setting(install, 'registry')
  const scoped = tableAt(install, 'scopes')
  return [
    ...(main ? [address(main), ...repeated('BUN_CONFIG_REGISTRY', [main])] : []),
    ...Object.keys(scoped)
      .flatMap((scope) => setting(scoped, scope) ?? [])
      .map(address),
  ]
}

/** No address is longer. */
const MAX_LINE = 4096
