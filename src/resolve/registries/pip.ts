import { readIni } from './ini.ts'
import { type Machine, placed } from './machine.ts'
import { address, type Finding, repeated, type Setting } from './model.ts'
import { pipModel, pythonPrefixes } from './pip-model.ts'
import { uvIndexes } from './uv.ts'

/** The indexes of pip and uv, whichever of them is here. */
export const pypiRegistries = (machine: Machine): readonly Finding[] => [
  ...pipIndexes(machine),
  ...uvIndexes(machine),
]

const pipIndexes = (machine: Machine): readonly Finding[] => {
  if (!machine.tool('pip', 'pip3', 'python3', 'python')) return []
  const settings = pipSettings(machine)
  if (settings('no-index').some(({ value }) => /^(?:1|true|yes|on|y|t)$/i.test(value))) return []
  const index = settings('index-url')
  const extra = settings('extra-index-url').flatMap(each)
  const links = settings('find-links')
    .flatMap(each)
    .filter(({ value }) => /^https?:/i.test(value))
  return [
    ...(index.length > 0 ? index.map(address) : pipModel(machine)),
    ...[...extra, ...links].map(address),
    ...repeated('PIP_INDEX_URL', index.slice(0, 1)),
    ...repeated('PIP_EXTRA_INDEX_URL', extra),
  ]
}

/**
 * By option: the variable, else what each command's section says, else `[global]`; in each the
 * strongest file that has it.
 */
const pipSettings = (machine: Machine): ((option: string) => readonly Setting[]) => {
  const files = pipFiles(machine).flatMap((path) => machine.file(path) ?? [])
  const layers = files.map((file) => ({ file, entries: readIni(file.text, { continues: true }) }))
  const inSection = (section: string, option: string): readonly Setting[] => {
    for (const { file, entries } of layers) {
      const entry = entries.findLast(
        ({ section: name, key }) =>
          name === section && key.toLowerCase().replaceAll('_', '-') === option,
      )
      if (entry)
        return [
          {
            value: entry.value,
            origin: placed(file, `${section}.${option}`, entry.line),
            isInside: file.isInside,
          },
        ]
    }
    return []
  }
  return (option) => {
    const named = machine.variable(`PIP_${option.toUpperCase().replaceAll('-', '_')}`)
    return named
      ? [named]
      : ['install', 'download', 'wheel', 'global'].flatMap((section) => inSection(section, option))
  }
}

/**
 * pip's files, strongest first (`pip config debug` lists them the other way round). PIP_CONFIG_FILE
 * stands in place of the user's own.
 */
const pipFiles = (machine: Machine): readonly string[] => {
  const { home } = machine.world
  const { env, platform } = machine.host
  const named = machine.variable('PIP_CONFIG_FILE')?.value
  if (named === '/dev/null') return []
  const isNamed = named !== undefined && machine.host.stat(named) !== undefined
  const configuration = env['XDG_CONFIG_HOME'] ?? `${home}/.config`
  const macFolder = `${home}/Library/Application Support/pip`
  const folder =
    platform === 'macos' && machine.host.stat(macFolder)?.type === 'directory'
      ? macFolder
      : `${configuration}/pip`
  const shared =
    platform === 'macos'
      ? ['/Library/Application Support/pip']
      : [
          '/etc',
          ...(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':').map((place) => `${place}/pip`),
        ]
  return [
    ...(isNamed ? [named] : []),
    ...pythonPrefixes(machine)
      .slice(0, 1)
      .map((prefix) => `${prefix}/pip.conf`),
    ...(isNamed ? [] : [`${folder}/pip.conf`, `${home}/.pip/pip.conf`]),
    ...shared.map((place) => `${place}/pip.conf`),
  ]
}

const each = (setting: Setting): readonly Setting[] =>
  setting.value
    .split(/\s+/)
    .filter((value) => value !== '')
    .map((value) => ({ ...setting, value }))
