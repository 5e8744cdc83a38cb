import { decodeText } from '../../text/decode.ts'
import type { Origin } from '../../policy/model.ts'
import { above, lineOf, type Machine, type Tool } from './machine.ts'
import { address, type Finding, remark } from './model.ts'
import { zipEntry } from './zip.ts'

/**
 * The index that pip carries, and the host that its files come from:
 * `pip/_internal/models/index.py` of the pip that is installed, else of the wheel that Python
 * bundles.
 */
export const pipModel = (machine: Machine): readonly Finding[] => {
  for (const prefix of pythonPrefixes(machine)) {
    const found = inPackages(machine, prefix) ?? inWheel(machine, prefix)
    if (found) return found
  }
  return [
    remark(
      'warning',
      'no pip was found that would name the default index: `index-url` in pip.conf or uv.toml names one',
    ),
  ]
}

/** Where Pythons are installed: those on PATH first, then behind pyenv's shims, then uv's. */
export const pythonPrefixes = (machine: Machine): readonly string[] => {
  const tools = ['python3', 'python', 'pip3', 'pip'].flatMap((name) => machine.tool(name) ?? [])
  const { home } = machine.world
  const prefixes = [
    ...tools.flatMap((tool) =>
      tool.path.includes('/shims/')
        ? behindShim(machine, tool)
        : [above(tool.path, 2), above(tool.real, 2)],
    ),
    ...machine
      .folders(`${home}/.local/share/uv/python`)
      .map((version) => `${home}/.local/share/uv/python/${version}`),
  ]
  return [...new Set(prefixes)]
}

/** pyenv's shim starts what `version` names; without one, the latest it has. */
const behindShim = (machine: Machine, { path }: Tool): readonly string[] => {
  const root = above(path, 2)
  const chosen =
    machine
      .file(`${root}/version`)
      ?.text.split('\n')
      .map((line) => line.trim())
      .filter((line) => /^[\w.+-]+$/.test(line)) ?? []
  return [...chosen, ...machine.folders(`${root}/versions`)].map(
    (version) => `${root}/versions/${version}`,
  )
}

const inPackages = (machine: Machine, prefix: string): readonly Finding[] | undefined => {
  for (const folder of libraries(machine, prefix)) {
    for (const packages of ['site-packages', 'dist-packages']) {
      const file = machine.file(`${prefix}/lib/${folder}/${packages}/${MODEL}`)
      const found = file && modelIn(file.text, file.path)
      if (found) return found
    }
  }
  return undefined
}

const inWheel = (machine: Machine, prefix: string): readonly Finding[] | undefined => {
  const places = [
    ...libraries(machine, prefix).map((folder) => `${prefix}/lib/${folder}/ensurepip/_bundled`),
    `${prefix}/share/python-wheels`,
  ]
  for (const place of places) {
    for (const { name } of machine.host.list(place) ?? []) {
      const wheel = /^pip-[\w.+!-]+\.whl$/.test(name) ? machine.real(`${place}/${name}`) : undefined
      const bytes =
        wheel === undefined || machine.isAgents(wheel)
          ? undefined
          : zipEntry(machine.host, wheel, (entry) => entry === MODEL)
      const found = bytes && modelIn(decodeText(bytes) ?? '', `${place}/${name}`)
      if (found) return found
    }
  }
  return undefined
}

const libraries = (machine: Machine, prefix: string): readonly string[] =>
  machine.folders(`${prefix}/lib`).filter((name) => /^python3/.test(name))

const modelIn = (text: string, file: string): readonly Finding[] | undefined => {
  const match = FORM.exec(text)
  const [whole, , url, , files] = match ?? []
  if (whole === undefined || url === undefined || files === undefined) return undefined
  const line = lineOf(text, whole)
  const origin = (key: string): Origin => ({
    strength: 'derived',
    file,
    key,
    ...(line !== undefined && { line }),
  })
  return [
    address({ value: url, origin: origin('PyPI.url'), isInside: true }),
    address({
      value: `https://${files}/`,
      origin: origin('PyPI.file_storage_domain'),
      isInside: true,
    }),
  ]
}

const MODEL = 'pip/_internal/models/index.py'
const FORM =
  /^PyPI\s*=\s*PackageIndex\(\s*(['"])(https?:\/\/[^'"\s]+)\1,\s*file_storage_domain\s*=\s*(['"])([^'"\s/@]+)\3/m
