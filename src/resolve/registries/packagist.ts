import { lineOf, type Machine, placed, type TextFile } from './machine.ts'
import { address, type Finding, remark, type Setting } from './model.ts'
import { isTable, type Table } from './toml.ts'

/** The repositories of Composer: those of the user's `config.json`, else what Composer carries. */
export const packagistRegistries = (machine: Machine): readonly Finding[] => {
  const composer = machine.tool('composer')
  if (!composer) return []
  const { home } = machine.world
  const folder = machine.host.env['COMPOSER_HOME']
  const file = [
    ...(folder === undefined ? [] : [folder]),
    `${machine.host.env['XDG_CONFIG_HOME'] ?? `${home}/.config`}/composer`,
    `${home}/.composer`,
  ]
    .flatMap((place) => machine.file(`${place}/config.json`) ?? [])
    .at(0)
  const { named, isReplaced } = file ? repositories(file) : { named: [], isReplaced: false }
  const own = isReplaced
    ? []
    : carried(machine, [composer.real, '/usr/share/php/Composer/Config.php'])
  return [
    ...[...named, ...own].map(address),
    ...(named.length + own.length === 0
      ? [
          remark(
            'warning',
            'the repository that Composer carries was not found: `repositories` in its config.json names one',
          ),
        ]
      : []),
  ]
}

/**
 * `repositories`, a list or a table; `packagist.org` or `packagist` set there stands in place of
 * the default.
 */
const repositories = (
  file: TextFile,
): { readonly named: readonly Setting[]; readonly isReplaced: boolean } => {
  const list =
    isTable(parsed(file.text)['repositories']) || Array.isArray(parsed(file.text)['repositories'])
      ? Object.entries({ ...Object(parsed(file.text)['repositories']) })
      : []
  const named = list.flatMap(([, value]) => {
    const url = isTable(value) && value['type'] === 'composer' ? value['url'] : undefined
    return typeof url === 'string'
      ? [
          {
            value: url,
            origin: placed(file, 'repositories', lineOf(file.text, url)),
            isInside: file.isInside,
          },
        ]
      : []
  })
  const isOff = (value: unknown): boolean =>
    isTable(value) && (value['packagist.org'] === false || value['packagist'] === false)
  return {
    named,
    isReplaced: list.some(
      ([name, value]) => name === 'packagist.org' || name === 'packagist' || isOff(value),
    ),
  }
}

const parsed = (text: string): Table => {
  try {
    const value: unknown = JSON.parse(text)
    return isTable(value) ? value : {}
  } catch {
    return {}
  }
}

/**
 * `$defaultRepositories` of Config.php: a file of its own in Debian's package, plain text within
 * the archive that composer.phar is.
 */
const carried = (machine: Machine, paths: readonly string[]): readonly Setting[] => {
  for (const path of paths) {
    for (let offset = 0; offset < MAX_ARCHIVE; offset += PIECE) {
      const read = machine.host.readAt(path, offset, PIECE + OVERLAP)
      if (!read.ok || read.bytes.length === 0) break
      const url = /\$defaultRepositories\s*=[^;]{0,300}?'url'\s*=>\s*'(https:[^'\s]+)'/.exec(
        Buffer.from(read.bytes).toString('latin1'),
      )?.[1]
      if (url !== undefined)
        return [
          {
            value: url,
            origin: { strength: 'derived', file: path, key: 'defaultRepositories' },
            isInside: true,
          },
        ]
    }
  }
  return []
}

const PIECE = 1 << 20
const OVERLAP = 1024
const MAX_ARCHIVE = 16 << 20
