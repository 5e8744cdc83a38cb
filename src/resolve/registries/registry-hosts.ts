import type { Notice, Sourced } from '../../policy/model.ts'
import { registryAddress } from './address.ts'
import { cratesRegistries } from './crates.ts'
import { goRegistries } from './go.ts'
import { type Machine, machineOf } from './machine.ts'
import { mavenRegistries } from './maven.ts'
import type { Finding, RegistryHosts, RegistryWorld, Setting } from './model.ts'
import { jsrRegistries, npmRegistries } from './npm.ts'
import { nugetRegistries } from './nuget.ts'
import { packagistRegistries } from './packagist.ts'
import { pypiRegistries } from './pip.ts'
import { gemRegistries } from './rubygems.ts'

/**
 * Turns the words of `[network] registries` into hosts, without running anything: what each package
 * manager's own files and variables say, in its own order, then the default that the installed
 * program carries. What is not installed opens nothing, and nothing that the agent could write adds
 * a host (but the project's index tables where `projectMayAddIndexes`). Never throws: what cannot
 * be used is a notice.
 */
export const registryHosts = (
  registries: readonly Sourced<string>[],
  world: RegistryWorld,
): RegistryHosts => {
  const machine = machineOf(world)
  const hosts = new Map<string, Sourced<string>>()
  const environment = new Map<string, Sourced<string>>()
  const notices: Notice[] = []
  for (const asked of registries) {
    const found = READERS.get(asked.value)?.(machine) ?? []
    for (const finding of found) {
      if (finding.kind === 'notice') notices.push(finding.notice)
      else if (finding.kind === 'repeat') repeat(finding, environment, notices)
      else allow(finding, asked, hosts, notices)
    }
  }
  return {
    hosts: [...hosts.values()],
    environment,
    notices: distinct([...machine.notices, ...notices]),
  }
}

const READERS: ReadonlyMap<string, (machine: Machine) => readonly Finding[]> = new Map([
  ['cargo', cratesRegistries],
  ['crates', cratesRegistries],
  ['gem', gemRegistries],
  ['go', goRegistries],
  ['jsr', jsrRegistries],
  ['maven', mavenRegistries],
  ['npm', npmRegistries],
  ['nuget', nugetRegistries],
  ['packagist', packagistRegistries],
  ['pypi', pypiRegistries],
  ['rubygems', gemRegistries],
])

const allow = (
  { url, origin, isInside }: Finding & { readonly kind: 'address' },
  asked: Sourced<string>,
  hosts: Map<string, Sourced<string>>,
  notices: Notice[],
): void => {
  const address = registryAddress(url)
  if (!address.ok) {
    notices.push({
      level: 'warning',
      code: 'registry-refused',
      message: `an address for ${asked.value} ${address.problem}; it opens nothing`,
      origin,
    })
    return
  }
  if (address.isPlain)
    notices.push({
      level: 'warning',
      code: 'registry-plain',
      message: `${address.host} is asked for ${asked.value} packages without encryption (http://)`,
      origin,
    })
  if (address.hadCredentials && isInside) {
    notices.push({
      level: 'warning',
      code: 'registry-login',
      message: `${origin.file} holds a login for ${address.host}, and the agent can read it; ~/.netrc is hidden and works as well`,
      origin,
    })
  }
  if (hosts.has(address.host)) return
  const asking = `registries = ["${asked.value}"] in ${asked.origin.file}${asked.origin.line === undefined ? '' : `:${asked.origin.line}`}`
  hosts.set(address.host, {
    value: address.host,
    origin: {
      ...origin,
      because: `where ${asked.value} packages come from on this machine; asked for by ${asking}`,
    },
  })
}

/**
 * Addresses for a variable; credentials stay outside. One that may hold a secret elsewhere, or is
 * none, is left out.
 */
const repeat = (
  { name, settings }: Finding & { readonly kind: 'repeat' },
  environment: Map<string, Sourced<string>>,
  notices: Notice[],
): void => {
  const safe = settings.filter(({ isPrivate }) => isPrivate !== true)
  const [first] = safe
  if (!first) return
  const value = safe
    .map((setting) => withoutCredentials(setting, notices))
    .filter((text) => text !== '')
    .join(' ')
  if (value !== '' && !environment.has(name))
    environment.set(name, {
      value,
      origin: {
        ...first.origin,
        because: `${first.origin.file} is not seen inside; this says the same there`,
      },
    })
}

/**
 * Each address in a value (`name=https://…`, `a,b|c`, `NAME+KEY`) cleaned; words that are no
 * address stay, one that is refused goes.
 */
const withoutCredentials = ({ value, origin }: Setting, notices: Notice[]): string => {
  let dropped = false
  const text = value.replaceAll(/(?:sparse\+)?https?:\/\/[^\s,|]+/gi, (url) => {
    const address = registryAddress(url)
    if (address.ok && address.hadCredentials) {
      notices.push({
        level: 'info',
        code: 'registry-login',
        message: `the login for ${address.host} stays outside: what needs it is refused there`,
        origin,
      })
    }
    if (!address.ok) dropped = true
    return address.ok ? `${url.startsWith('sparse+') ? 'sparse+' : ''}${address.url}` : ''
  })
  return dropped || hasOddByte(text) ? '' : text
}

const hasOddByte = (text: string): boolean => /[^\x20-\x7e]/.test(text)

const distinct = (notices: readonly Notice[]): readonly Notice[] => [
  ...new Map(
    notices.map((notice) => [
      `${notice.message} ${notice.origin?.file ?? ''}:${notice.origin?.line ?? ''}`,
      notice,
    ]),
  ).values(),
]
