import { join, nameOf, parentOf } from '../../../machine/paths.ts'
import { problemWith } from '../command.ts'
import type { Place, ResolveContext } from '../context.ts'
import { steppedOver, unknownShim, type Shim } from './shim.ts'
import { isVersion, toolVersions } from './versions.ts'

/**
 * asdf writes the plugin versions that hold a program into its shim as comments; where there are
 * several, the variable of the plugin or `.tool-versions` chooses among them.
 */
export const throughAsdf = (
  context: ResolveContext,
  shim: Place,
  text: string,
): Shim | undefined => {
  const installed = [...text.matchAll(/^# asdf-plugin: ([\w.-]+) ([\w.+-]+)$/gm)]
    .map(([, plugin, version]) => ({ plugin: plugin ?? '', version: version ?? '' }))
    .filter((one) => isVersion(one.plugin) && isVersion(one.version))
  if (installed.length === 0) return undefined
  const name = nameOf(shim.file)
  const root = parentOf(parentOf(shim.walked.real))
  const only = installed.length === 1 ? installed[0] : undefined
  const chosen = only === undefined ? choose(context, installed) : { ...only, because: '' }
  const file = chosen && join(root, `installs/${chosen.plugin}/${chosen.version}/bin/${name}`)
  if (chosen === undefined || file === undefined || problemWith(context, file) !== undefined)
    return unknownShim(context, shim, 'asdf', `asdf which ${name}`)
  return steppedOver(
    context,
    shim,
    file,
    `a shim of asdf for ${chosen.plugin} ${chosen.version}${chosen.because}`,
  )
}

interface Installed {
  readonly plugin: string
  readonly version: string
}

const choose = (
  context: ResolveContext,
  installed: readonly Installed[],
): (Installed & { readonly because: string }) | undefined => {
  for (const plugin of new Set(installed.map((one) => one.plugin))) {
    const variable = `ASDF_${plugin.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_VERSION`
    const named = context.host.env[variable]
    const wanted = named
      ? { versions: named.split(/\s+/), origin: variable }
      : toolVersions(context, plugin)
    for (const version of wanted?.versions ?? []) {
      if (installed.some((one) => one.plugin === plugin && one.version === version))
        return { plugin, version, because: `, as ${wanted?.origin} says` }
    }
  }
  return undefined
}
