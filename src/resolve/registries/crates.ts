import { namingOf } from '../../machine/naming.ts'
import { ancestorsOf } from '../../machine/paths.ts'
import { crateDefaults } from './crates-default.ts'
import { lineOf, type Machine, placed, type TextFile } from './machine.ts'
import { address, type Finding, remark, repeated, type Setting } from './model.ts'
import { isTable, parseToml, type Table, tableAt, textAt } from './toml.ts'

/**
 * The registries of cargo: each that its files and variables name, and the default one unless a
 * source replaces it.
 */
export const cratesRegistries = (machine: Machine): readonly Finding[] => {
  const cargo = machine.tool('cargo')
  if (!cargo) return []
  const files = cargoFiles(machine)
  const named = registries(machine, files)
  const replacement = replacedBy(files)
  return [
    ...(replacement === undefined
      ? crateDefaults(machine, cargo)
      : replacement.url
        ? [address(replacement.url), ...unseen(replacement.url)]
        : []),
    ...[...named.values()].map(address),
    ...[...named].flatMap(([name, setting]) => repeated(name, [setting])),
  ]
}

interface CargoFile {
  readonly file: TextFile
  readonly table: Table
}

/**
 * cargo's files, strongest first: beside the project's ancestors (the project's own never count),
 * then in CARGO_HOME.
 */
const cargoFiles = (machine: Machine): readonly CargoFile[] => {
  const { home, project } = machine.world
  const cargoHome = machine.host.env['CARGO_HOME'] ?? `${home}/.cargo`
  const { isSame } = namingOf(machine.host.platform)
  const onTheWay = ancestorsOf(project)
    .reverse()
    .map((folder) => `${folder === '/' ? '' : folder}/.cargo`)
  return [...new Set([...onTheWay, cargoHome])].flatMap((folder) => {
    const file = machine.file(`${folder}/config.toml`) ?? machine.file(`${folder}/config`)
    if (!file) return []
    // CARGO_HOME is another one inside: a file counts there only where cargo comes by it on the way
    // up from the project.
    const isFound =
      onTheWay.some((one) => isSame(one, folder)) || machine.world.env['CARGO_HOME'] === folder
    return [{ file: { ...file, isInside: file.isInside && isFound }, table: parseToml(file) ?? {} }]
  })
}

/**
 * By the variable that names each: `[registries.NAME] index`, and CARGO_REGISTRIES_NAME_INDEX
 * before it.
 */
const registries = (
  machine: Machine,
  files: readonly CargoFile[],
): ReadonlyMap<string, Setting> => {
  const found = new Map(machine.variables(/^CARGO_REGISTRIES_[A-Z0-9_]+_INDEX$/))
  for (const { file, table } of files) {
    for (const [name, value] of Object.entries(tableAt(table, 'registries'))) {
      const variable = `CARGO_REGISTRIES_${name.toUpperCase().replaceAll('-', '_')}_INDEX`
      const index = isTable(value) ? textAt(value, 'index') : undefined
      if (index !== undefined && !found.has(variable) && /^\w+$/.test(variable))
        found.set(variable, settingOf(file, index, `registries.${name}.index`))
    }
  }
  return found
}

/**
 * What `[source.crates-io] replace-with` leads to: an address, or (`url` absent) a folder on this
 * machine.
 */
const replacedBy = (files: readonly CargoFile[]): { readonly url?: Setting } | undefined => {
  const find = (name: string, key: string): Setting | undefined => {
    for (const { file, table } of files) {
      const value = textAt(tableAt(table, 'source', name), key)
      if (value !== undefined) return settingOf(file, value, `source.${name}.${key}`)
    }
    return undefined
  }
  const first = find('crates-io', 'replace-with')?.value
  if (first === undefined) return undefined
  const name = lastOf(first, (source) => find(source, 'replace-with')?.value)
  const index = files.flatMap(({ file, table }) => {
    const value = textAt(tableAt(table, 'registries', name), 'index')
    return value === undefined ? [] : [settingOf(file, value, `registries.${name}.index`)]
  })
  const url = find(name, 'registry') ?? index[0]
  return url ? { url } : {}
}

/** The end of a chain of replacements; in a circle, some link of it. */
const lastOf = (start: string, next: (name: string) => string | undefined): string => {
  let name = start
  for (let steps = 0; steps < MAX_STEPS; steps += 1) name = next(name) ?? name
  return name
}

const unseen = ({ origin, isInside }: Setting): readonly Finding[] =>
  isInside
    ? []
    : [
        remark(
          'warning',
          `cargo does not see ${origin.file} inside, and no variable can replace a source: it will ask its default registry, which is not allowed`,
          origin,
        ),
      ]

const settingOf = (file: TextFile, value: string, key: string): Setting => ({
  value,
  origin: placed(file, key, lineOf(file.text, value)),
  isInside: file.isInside,
})

/** More than anyone chains. */
const MAX_STEPS = 16
