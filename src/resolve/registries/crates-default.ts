import type { Origin } from '../../policy/model.ts'
import { type Machine, lineOf, placed, type Tool } from './machine.ts'
import { address, type Finding, remark } from './model.ts'
import { registryAddress } from './address.ts'
import { textAt } from './toml.ts'

/**
 * The registry that cargo's executable carries, and the host that crates come from, which its index
 * says once it was asked.
 */
export const crateDefaults = (machine: Machine, cargo: Tool): readonly Finding[] => {
  const index =
    executables(machine, cargo)
      .flatMap((path) => carried(machine, path) ?? [])
      .at(0) ?? onlyFolder(machine)
  if (!index)
    return [
      remark(
        'warning',
        'which registry cargo asks by default could not be read from it: fetch something with cargo once, outside',
      ),
    ]
  return [address({ ...index, isInside: true }), ...downloads(machine, index.value)]
}

interface Index {
  readonly value: string
  readonly origin: Origin
}

/**
 * rustup's `cargo` is a shim: the real ones lie in its toolchains, the default one first. Outside
 * rustup, the command itself.
 */
const executables = (machine: Machine, cargo: Tool): readonly string[] => {
  const root = machine.host.env['RUSTUP_HOME'] ?? `${machine.world.home}/.rustup`
  const chosen = /^default_toolchain\s*=\s*"([\w.+-]+)"/m.exec(
    machine.file(`${root}/settings.toml`)?.text ?? '',
  )?.[1]
  const toolchains = [
    ...(chosen === undefined ? [] : [chosen]),
    ...machine.folders(`${root}/toolchains`),
  ]
  return [...new Set(toolchains.map((name) => `${root}/toolchains/${name}/bin/cargo`)), cargo.real]
}

/**
 * The one sparse index that an executable names, read piece by piece; pieces overlap, for a
 * constant may lie across two.
 */
const carried = (machine: Machine, path: string): Index | undefined => {
  for (let offset = 0; offset < MAX_EXECUTABLE; offset += PIECE) {
    const read = machine.host.readAt(path, offset, PIECE + OVERLAP)
    if (!read.ok || read.bytes.length === 0) return undefined
    const bytes = Buffer.from(read.bytes.buffer, read.bytes.byteOffset, read.bytes.length)
    for (
      let at = bytes.indexOf('sparse+https://');
      at >= 0;
      at = bytes.indexOf('sparse+https://', at + 1)
    ) {
      const value = /^sparse\+(https:\/\/(?:[a-z0-9-]+\.)+[a-z]{2,}\/)/.exec(
        bytes.toString('latin1', at, at + OVERLAP),
      )?.[1]
      if (value !== undefined)
        return { value, origin: { strength: 'derived', file: path, key: 'default registry' } }
    }
  }
  return undefined
}

/**
 * cargo keeps each index in a folder named `HOST-HASH`. Of several, any may be another registry's.
 */
const onlyFolder = (machine: Machine): Index | undefined => {
  const names = indexFolders(machine)
  const host = names.length === 1 ? hostOf(names[0] ?? '') : undefined
  return host === undefined
    ? undefined
    : {
        value: `https://${host}/`,
        origin: {
          strength: 'derived',
          file: `${indexRoot(machine)}/${names[0]}`,
          key: 'registry folder',
        },
      }
}

/** `dl` of the index's `config.json`, as cargo last saw it. */
const downloads = (machine: Machine, index: string): readonly Finding[] => {
  const checked = registryAddress(index)
  const host = checked.ok ? checked.host.replace(/:\d+$/, '') : undefined
  for (const name of indexFolders(machine)) {
    const file =
      hostOf(name) === host ? machine.file(`${indexRoot(machine)}/${name}/config.json`) : undefined
    const dl = file && textAt(parseJson(file.text), 'dl')
    if (file && dl !== undefined)
      return [
        address({ value: dl, origin: placed(file, 'dl', lineOf(file.text, dl)), isInside: true }),
      ]
  }
  return [
    remark(
      'warning',
      'where crates are downloaded from is known only after cargo asked its registry once: run `cargo fetch` in any project, outside',
    ),
  ]
}

const parseJson = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

const indexRoot = (machine: Machine): string =>
  `${machine.host.env['CARGO_HOME'] ?? `${machine.world.home}/.cargo`}/registry/index`
const indexFolders = (machine: Machine): readonly string[] =>
  machine.folders(indexRoot(machine)).filter((name) => hostOf(name) !== undefined)
const hostOf = (name: string): string | undefined => /^([a-z0-9.-]+)-[0-9a-f]{16}$/.exec(name)?.[1]

const PIECE = 4 << 20
const OVERLAP = 256
const MAX_EXECUTABLE = 256 << 20
