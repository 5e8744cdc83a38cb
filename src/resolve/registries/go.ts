import { above, type Machine, placed } from './machine.ts'
import { address, type Finding, remark, repeated, type Setting } from './model.ts'

/**
 * The module proxies and the checksum database of Go: variables, the user's `go env` file, then the
 * `go.env` that the toolchain carries.
 */
export const goRegistries = (machine: Machine): readonly Finding[] => {
  const go = machine.tool('go')
  if (!go) return []
  const user = goEnvFile(machine)
  const layers = [...(user === undefined ? [] : [user]), `${above(go.real, 2)}/go.env`]
  const find = (name: string): Setting | undefined =>
    machine.variable(name) ?? layers.flatMap((path) => inFile(machine, path, name) ?? []).at(0)
  const proxies = find('GOPROXY')
  const sums = find('GOSUMDB')
  if (!proxies)
    return [
      remark(
        'warning',
        `${go.path} carries no go.env (Go before 1.21): name GOPROXY with \`go env -w\``,
      ),
    ]
  const urls = proxies.value
    .split(/[,|]/)
    .map((item) => item.trim())
    .filter((item) => item !== '' && item !== 'direct' && item !== 'off')
  return [
    ...urls.map((value) => address({ ...proxies, value })),
    ...(urls.length === 0
      ? [
          remark(
            'info',
            'Go fetches modules straight from their repositories (GOPROXY): allow their hosts one by one',
            proxies.origin,
          ),
        ]
      : []),
    ...repeated('GOPROXY', [proxies]),
    ...(sums && sums.value !== 'off' ? [address({ ...sums, value: sumAddress(sums.value) })] : []),
    ...(sums ? repeated('GOSUMDB', [sums]) : []),
  ]
}

/**
 * `NAME`, `NAME+KEY`, or either and an address after a space: the name is the host where there is
 * none.
 */
const sumAddress = (value: string): string => {
  const [name = '', url] = value.trim().split(/\s+/)
  return url ?? `https://${name.replace(/\+.*$/, '')}/`
}

const goEnvFile = (machine: Machine): string | undefined => {
  const named = machine.variable('GOENV')?.value
  if (named !== undefined) return named === 'off' ? undefined : named
  const { env, platform } = machine.host
  const { home } = machine.world
  return platform === 'macos'
    ? `${home}/Library/Application Support/go/env`
    : `${env['XDG_CONFIG_HOME'] ?? `${home}/.config`}/go/env`
}

const inFile = (machine: Machine, path: string, name: string): Setting | undefined => {
  const file = machine.file(path)
  const lines = file?.text.split('\n') ?? []
  const at = lines.findLastIndex((line) => line.trimStart().startsWith(`${name}=`))
  const value = lines[at]
    ?.trimStart()
    .slice(name.length + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2')
  // The toolchain's own file is found by the toolchain itself.
  return file && value
    ? {
        value,
        origin: placed(file, name, at + 1),
        isInside: file.isInside || path.endsWith('/go.env'),
      }
    : undefined
}
