import { decodeText } from '../../text/decode.ts'
import { above, lineOf, type Machine, placed, type TextFile } from './machine.ts'
import { address, type Finding, remark, type Setting } from './model.ts'
import { zipEntry } from './zip.ts'

/**
 * The repositories of Maven: mirrors and profiles of the user's and the installation's
 * settings.xml, and what the super POM carries unless a mirror stands for all.
 */
export const mavenRegistries = (machine: Machine): readonly Finding[] => {
  const mvn = machine.tool('mvn')
  if (!mvn) return []
  const root = above(mvn.real, 2)
  const files = [`${machine.world.home}/.m2/settings.xml`, `${root}/conf/settings.xml`].flatMap(
    (path) => machine.file(path) ?? [],
  )
  const mirrors = files.flatMap((file) =>
    elements(withoutComments(file.text), 'mirror')
      .filter((text) => !/<blocked>\s*true\s*</.test(text))
      .map((text) => ({ file, text })),
  )
  const isReplaced = mirrors.some(({ text }) =>
    (/<mirrorOf>([^<]*)</.exec(text)?.[1] ?? '')
      .split(',')
      .some((name) => ['*', 'central', 'external:*'].includes(name.trim())),
  )
  const repositories = files.flatMap((file) =>
    ['repository', 'pluginRepository']
      .flatMap((name) => elements(withoutComments(file.text), name))
      .map((text) => ({ file, text })),
  )
  const named = [...mirrors, ...repositories].flatMap(({ file, text }) => urlIn(file, text) ?? [])
  const outside = [
    ...new Set(named.filter(({ isInside }) => !isInside).map(({ origin }) => origin.file)),
  ]
  return [
    ...named.map(address),
    ...(isReplaced ? [] : superPom(machine, root)),
    ...outside.map((file) =>
      remark(
        'warning',
        `${file} cannot be read inside, and no variable can say what it says; \`--lift ${file}\` would, passwords included`,
      ),
    ),
  ]
}

const urlIn = (file: TextFile, text: string): Setting | undefined => {
  const value = /<url>\s*([^\s<]+)\s*<\/url>/.exec(text)?.[1]
  return value === undefined
    ? undefined
    : { value, origin: placed(file, 'url', lineOf(file.text, value)), isInside: file.isInside }
}

/**
 * `org/apache/maven/model/pom-4.0.0.xml` in the model builder's jar: the parent of every project.
 */
const superPom = (machine: Machine, root: string): readonly Finding[] => {
  for (const { name } of machine.host.list(`${root}/lib`) ?? []) {
    const jar = /^maven-model-builder-[\w.-]+\.jar$/.test(name)
      ? machine.real(`${root}/lib/${name}`)
      : undefined
    const bytes =
      jar === undefined || machine.isAgents(jar)
        ? undefined
        : zipEntry(machine.host, jar, (entry) => entry === 'org/apache/maven/model/pom-4.0.0.xml')
    const text = bytes && decodeText(bytes)
    if (text === undefined) continue
    const file: TextFile = { path: `${root}/lib/${name}`, text, isInside: true }
    return ['repository', 'pluginRepository']
      .flatMap((element) => elements(withoutComments(text), element))
      .flatMap((element) => urlIn(file, element) ?? [])
      .map(address)
  }
  return [
    remark(
      'warning',
      'the repository that Maven carries was not found: a mirror in ~/.m2/settings.xml names one',
    ),
  ]
}

/**
 * Contents of each element of a name, without regard to what lies around it; such elements hold
 * none of their own name.
 */
const elements = (text: string, name: string): readonly string[] => {
  const found: string[] = []
  for (let at = text.indexOf(`<${name}>`); at >= 0; at = text.indexOf(`<${name}>`, at)) {
    const end = text.indexOf(`</${name}>`, at)
    if (end < 0) break
    found.push(text.slice(at, end))
    at = end
  }
  return found
}

const withoutComments = (text: string): string => {
  const kept: string[] = []
  let at = 0
  for (let start = text.indexOf('<!--'); start >= 0; start = text.indexOf('<!--', at)) {
    kept.push(text.slice(at, start))
    const end = text.indexOf('-->', start + 4)
    at = end < 0 ? text.length : end + 3
  }
  return [...kept, text.slice(at)].join('')
}
