import { above, type Machine, placed, type TextFile } from './machine.ts'
import { address, type Finding, remark, type Setting } from './model.ts'

/**
 * The sources of gem and bundler: the user's and the machine's gemrc, bundler's mirrors, else what
 * RubyGems carries.
 */
export const gemRegistries = (machine: Machine): readonly Finding[] => {
  const gem = machine.tool('gem', 'bundle')
  if (!gem) return []
  const { home } = machine.world
  const configuration = machine.host.env['XDG_CONFIG_HOME'] ?? `${home}/.config`
  const named = machine.variable('GEMRC')?.value.split(':') ?? []
  const files = [...named, `${home}/.gemrc`, `${configuration}/gem/gemrc`, '/etc/gemrc'].flatMap(
    (path) => machine.file(path) ?? [],
  )
  const sources = files.map(sourcesOf).find((list) => list.length > 0) ?? []
  const mirrors = mirrorsOf(machine)
  const carried = sources.length === 0 ? defaults(machine, above(gem.real, 2)) : []
  return [
    ...[...sources, ...mirrors, ...carried].map(address),
    ...(sources.length + carried.length === 0
      ? [
          remark(
            'warning',
            'the source that RubyGems carries was not found: `:sources:` in ~/.gemrc names one',
          ),
        ]
      : []),
    ...[...sources, ...mirrors]
      .filter(({ isInside }) => !isInside)
      .map(({ origin }) =>
        remark(
          'warning',
          `${origin.file} cannot be read inside, and no variable can say what it says; \`--lift ${origin.file}\` would`,
          origin,
        ),
      ),
  ]
}

/** The list below `:sources:`. */
const sourcesOf = (file: TextFile): readonly Setting[] => {
  const lines = file.text.split('\n')
  const start = lines.findIndex((line) => /^:?sources:/.test(line))
  if (start < 0) return []
  const found: Setting[] = []
  for (const [index, line] of lines.entries()) {
    if (index <= start || line.trim() === '') continue
    const value = /^\s*-\s*["']?([^\s"']+)/.exec(line.slice(0, MAX_LINE))?.[1]
    if (value === undefined) break
    found.push({ value, origin: placed(file, 'sources', index + 1), isInside: file.isInside })
  }
  return found
}

/** `BUNDLE_MIRROR__…: "https://…"` in bundler's own file. */
const mirrorsOf = (machine: Machine): readonly Setting[] => {
  const file = machine.file(`${machine.world.home}/.bundle/config`)
  if (!file) return []
  return file.text.split('\n').flatMap((line, index) => {
    const value = /^BUNDLE_MIRROR__\S+:\s+["']?(https?:[^\s"']+)/.exec(line.slice(0, MAX_LINE))?.[1]
    return value === undefined
      ? []
      : [{ value, origin: placed(file, 'BUNDLE_MIRROR', index + 1), isInside: file.isInside }]
  })
}

/**
 * `default_sources` in `rubygems/defaults.rb`, and the host that `rubygems/source.rb` turns it into
 * for its index.
 */
const defaults = (machine: Machine, prefix: string): readonly Setting[] => {
  for (const folder of rubyFolders(machine, prefix)) {
    const file = machine.file(`${folder}/rubygems/defaults.rb`)
    const found =
      file &&
      settingIn(file, /def self\.default_sources\s+%w\[(https?:\/\/[^\s\]]+)/, 'default_sources')
    if (!found) continue
    const source = machine.file(`${folder}/rubygems/source.rb`)
    const index = source && settingIn(source, /\.host\s*=\s*"([a-z0-9.-]+)"/, 'index')
    return index ? [found, { ...index, value: `https://${index.value}/` }] : [found]
  }
  return []
}

const rubyFolders = (machine: Machine, prefix: string): readonly string[] => {
  const root = `${prefix}/lib/ruby`
  return [
    `${root}/vendor_ruby`,
    ...['', '/site_ruby', '/vendor_ruby'].flatMap((part) =>
      machine.folders(`${root}${part}`).map((version) => `${root}${part}/${version}`),
    ),
  ]
}

const settingIn = (file: TextFile, form: RegExp, key: string): Setting | undefined => {
  const match = form.exec(file.text)
  return match?.[1] === undefined
    ? undefined
    : {
        value: match[1],
        origin: placed(file, key, file.text.slice(0, match.index).split('\n').length),
        isInside: true,
      }
}

const MAX_LINE = 4096
