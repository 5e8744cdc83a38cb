import fs from 'node:fs'
import path from 'node:path'
import { makePrivateDirectory } from '../machine/own/private-directory.ts'
import { putPrivate, readPrivate } from '../machine/own/private-file.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { directoryOf, RECORDS } from './records.ts'
import { isOwnerAlive, ownerOf } from './state.ts'

/** Longest list that is kept of one run, in bytes. */
const MAX_BYTES = 64 << 20
const NAME = /^(r-[a-z0-9-]{1,60})\.(after|before)$/

/**
 * Writes down what was there before a run, with who is to look after it. Whoever finds it without
 * that process knows that a run ended untold. False where it cannot be written: a full disk costs
 * this, not the run.
 */
export const writeBefore = (state: AbsolutePath, id: string, baseline: unknown): boolean =>
  write(state, id, 'before', { owner: ownerOf(process.pid), baseline })

/** The list of a run is told: nothing is left to be looked at. */
export const discardBefore = (state: AbsolutePath, id: string): void =>
  fs.rmSync(fileOf(state, id, 'before'), { force: true })

/**
 * Runs that ended untold (their launcher was killed, the power failed), oldest first, with what was
 * there before each.
 */
export const untoldRuns = (
  state: AbsolutePath,
): { readonly id: string; readonly baseline: unknown }[] =>
  idsOf(state, 'before').flatMap((id) => {
    const found = read(state, id, 'before')
    if (typeof found !== 'object' || found === null || !('owner' in found)) return []
    return !isOwnerAlive(found.owner) && 'baseline' in found
      ? [{ id, baseline: found.baseline }]
      : []
  })

/** Keeps what was told after a run, for `explain`; written over when a run is told again. */
export const writeAfter = (state: AbsolutePath, id: string, told: unknown): boolean =>
  write(state, id, 'after', told)

/** What was told after the newest run that left something; undefined when there is none. */
export const lastAfter = (state: AbsolutePath): unknown => {
  const id = idsOf(state, 'after').at(-1)
  return id === undefined ? undefined : read(state, id, 'after')
}

const fileOf = (state: AbsolutePath, id: string, kind: 'after' | 'before'): string =>
  path.join(directoryOf(state), `${id}.${kind}`)

/** Whole or not at all, for the user alone. */
const write = (
  state: AbsolutePath,
  id: string,
  kind: 'after' | 'before',
  content: unknown,
): boolean => {
  try {
    makePrivateDirectory(directoryOf(state), RECORDS)
    const draft = path.join(directoryOf(state), `${id}.draft`)
    putPrivate(fileOf(state, id, kind), JSON.stringify(content), draft)
    return true
  } catch {
    return false
  }
}

/** What cannot be read says nothing. */
const read = (state: AbsolutePath, id: string, kind: 'after' | 'before'): unknown => {
  try {
    const text = readPrivate(fileOf(state, id, kind), MAX_BYTES, 'remove it')
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const idsOf = (state: AbsolutePath, kind: 'after' | 'before'): string[] => {
  try {
    return fs
      .readdirSync(directoryOf(state))
      .flatMap((name) => {
        const match = NAME.exec(name)
        return match?.[2] === kind ? [match[1]!] : []
      })
      .sort()
  } catch {
    return []
  }
}
