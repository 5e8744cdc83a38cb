import { lineOf, type Machine, placed, type TextFile } from './machine.ts'
import { address, type Finding, remark, repeated, type Setting } from './model.ts'
import { pipModel } from './pip-model.ts'
import { isTable, listAt, parseToml, type Table, tableAt, textAt } from './toml.ts'

/**
 * The indexes of uv: its variables, the user's uv.toml, the machine's; without one there, the index
 * that pip carries, which is uv's, too.
 */
export const uvIndexes = (machine: Machine): readonly Finding[] => {
  const project = machine.world.projectMayAddIndexes ? projectIndexes(machine) : []
  const added = project.flatMap((setting) => [
    address(unnamed(setting)),
    remark(
      'info',
      `${setting.origin.file} adds an index, as your policy lets this project do`,
      setting.origin,
    ),
  ])
  return machine.tool('uv') ? [...ownIndexes(machine), ...added] : added
}

const ownIndexes = (machine: Machine): readonly Finding[] => {
  const files = uvFiles(machine)
    .flatMap((path) => machine.file(path) ?? [])
    .map((file) => indexesOf(file))
  const main =
    machine.variable('UV_DEFAULT_INDEX', 'UV_INDEX_URL') ?? files.flatMap(({ main }) => main).at(0)
  const extra = [
    ...listed(machine.variable('UV_INDEX')),
    ...listed(machine.variable('UV_EXTRA_INDEX_URL')),
    ...files.flatMap(({ extra }) => extra),
  ]
  const links = listed(machine.variable('UV_FIND_LINKS'), ',').filter(({ value }) =>
    /^https?:/i.test(value),
  )
  return [
    ...(main ? [address(unnamed(main))] : pipModel(machine)),
    ...[...extra, ...links].map((setting) => address(unnamed(setting))),
    ...(main ? repeated('UV_DEFAULT_INDEX', [main]) : []),
    ...repeated('UV_INDEX', extra),
  ]
}

const uvFiles = (machine: Machine): readonly string[] => {
  if (machine.variable('UV_NO_CONFIG')) return []
  const named = machine.variable('UV_CONFIG_FILE')
  if (named) return [named.value]
  const { env } = machine.host
  return [
    `${env['XDG_CONFIG_HOME'] ?? `${machine.world.home}/.config`}/uv/uv.toml`,
    ...(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':').map((place) => `${place}/uv/uv.toml`),
    '/etc/uv/uv.toml',
  ]
}

interface Indexes {
  readonly main: readonly Setting[]
  readonly extra: readonly Setting[]
}

const indexesOf = (file: TextFile, ...keys: readonly string[]): Indexes => {
  const root = tableAt(parseToml(file), ...keys)
  const setting = (value: string, key: string): Setting => ({
    value,
    origin: placed(file, key, lineOf(file.text, value)),
    isInside: file.isInside,
  })
  const tables = listAt(root, 'index').filter(isTable)
  // With its name, which a project's `[tool.uv.sources]` may refer to.
  const named = (table: Table): readonly Setting[] => {
    const [name, url] = [textAt(table, 'name'), textAt(table, 'url')]
    if (url === undefined) return []
    const found = setting(url, 'index.url')
    return [
      name !== undefined && /^[\w.-]+$/.test(name) ? { ...found, value: `${name}=${url}` } : found,
    ]
  }
  const urls = (kept: (table: Table) => boolean): readonly Setting[] =>
    tables.filter(kept).flatMap(named)
  const old = [root, tableAt(root, 'pip')]
  return {
    main: [
      ...urls((table) => table['default'] === true),
      ...old
        .flatMap((table) => textAt(table, 'index-url') ?? [])
        .map((url) => setting(url, 'index-url')),
    ],
    extra: [
      ...urls((table) => table['default'] !== true),
      ...old
        .flatMap((table) => [...listAt(table, 'extra-index-url'), ...listAt(table, 'find-links')])
        .filter((url) => typeof url === 'string' && /^https?:/i.test(url))
        .map((url) => setting(String(url), 'extra-index-url')),
    ],
  }
}

/**
 * The index tables of uv, poetry and pdm in the project's own files: asked for only where the
 * user's policy says so.
 */
const projectIndexes = (machine: Machine): readonly Setting[] =>
  (['pyproject.toml', 'uv.toml'] as const).flatMap((name) => {
    const path = `${machine.world.project}/${name}`
    const read = machine.host.read(path, MAX_PROJECT)
    if (!read.ok) return []
    const file: TextFile = { path, text: new TextDecoder().decode(read.bytes), isInside: true }
    const { main, extra } = indexesOf(file, ...(name === 'uv.toml' ? [] : ['tool', 'uv']))
    const sources =
      name === 'uv.toml'
        ? []
        : [tableAt(parseToml(file), 'tool', 'poetry'), tableAt(parseToml(file), 'tool', 'pdm')]
            .flatMap((table) => listAt(table, 'source'))
            .filter(isTable)
    const urls = sources.flatMap((table) => textAt(table, 'url') ?? [])
    return [
      ...main,
      ...extra,
      ...urls.map((value) => ({
        value,
        origin: placed(file, 'source.url', lineOf(file.text, value)),
        isInside: true,
      })),
    ]
  })

const listed = (
  setting: Setting | undefined,
  separator: RegExp | string = /\s+/,
): readonly Setting[] =>
  setting
    ? setting.value
        .split(separator)
        .filter((value) => value !== '')
        .map((value) => ({ ...setting, value }))
    : []

/** `name=https://…` is an index with a name. */
const unnamed = (setting: Setting): Setting => ({
  ...setting,
  value: setting.value.replace(/^[A-Za-z0-9_.-]+=(?=https?:)/i, ''),
})

const MAX_PROJECT = 256 << 10
