import { stringAt, viewOf, type ByteSource } from './bytes.ts'

/** What the loader reads from an ELF file before it starts it. */
export interface ElfHeader {
  /** `e_machine`: what processor it is for. */
  readonly machine: number
  readonly interpreter: string | undefined
  readonly needed: readonly string[]
  /** Directories as stored, `$ORIGIN` not yet replaced. */
  readonly rpath: readonly string[]
  readonly runpath: readonly string[]
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_RPATH = 15
const DT_RUNPATH = 29
/** Bounds on what a file may claim; a real program has a dozen of each. */
const MAX_SEGMENTS = 64
const MAX_DYNAMIC = 1024
const MAX_NEEDED = 64

/**
 * Reads an ELF header, 64 or 32 bits, either byte order; undefined when the file is not one or is
 * broken.
 */
export const readElf = (source: ByteSource): ElfHeader | undefined => {
  const head = source.at(0, 64)
  if (head === undefined || head.length < 52 || !isElf(head)) return undefined
  const wide = head[4] === 2
  const little = head[5] === 1
  if (wide && head.length < 64) return undefined
  const view = viewOf(head)
  const programs = wide ? Number(view.getBigUint64(32, little)) : view.getUint32(28, little)
  const entrySize = view.getUint16(wide ? 54 : 42, little)
  const count = Math.min(view.getUint16(wide ? 56 : 44, little), MAX_SEGMENTS)
  if (count > 0 && entrySize < (wide ? 56 : 32)) return undefined
  const table = source.at(programs, entrySize * count)
  if (table === undefined || table.length < entrySize * count) return undefined
  const segments = Array.from({ length: count }, (_, index) =>
    readSegment(viewOf(table), index * entrySize, wide, little),
  )
  const interpreter = segments.find((segment) => segment.type === PT_INTERP)
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC)
  const loads = segments.filter((segment) => segment.type === PT_LOAD)
  return {
    machine: view.getUint16(18, little),
    interpreter: interpreter && stringAt(source, interpreter.offset),
    ...(dynamic === undefined ? NO_LIBRARIES : readDynamic(source, dynamic, loads, wide, little)),
  }
}

/** True for the four bytes that begin an ELF file. */
export const isElf = (head: Uint8Array): boolean =>
  head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

const NO_LIBRARIES = { needed: [], rpath: [], runpath: [] }

const readSegment = (view: DataView, at: number, wide: boolean, little: boolean): Segment =>
  wide
    ? {
        type: view.getUint32(at, little),
        offset: Number(view.getBigUint64(at + 8, little)),
        address: Number(view.getBigUint64(at + 16, little)),
        size: Number(view.getBigUint64(at + 32, little)),
      }
    : {
        type: view.getUint32(at, little),
        offset: view.getUint32(at + 4, little),
        address: view.getUint32(at + 8, little),
        size: view.getUint32(at + 16, little),
      }

const readDynamic = (
  source: ByteSource,
  dynamic: Segment,
  loads: readonly Segment[],
  wide: boolean,
  little: boolean,
) => {
  const step = wide ? 16 : 8
  const bytes = source.at(dynamic.offset, Math.min(dynamic.size, MAX_DYNAMIC * step))
  if (bytes === undefined) return NO_LIBRARIES
  const view = viewOf(bytes)
  const entries: { tag: number; value: number }[] = []
  for (let at = 0; at + step <= bytes.length; at += step) {
    const tag = wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)
    if (tag === DT_NULL) break
    entries.push({
      tag,
      value: wide ? Number(view.getBigUint64(at + 8, little)) : view.getUint32(at + 4, little),
    })
  }
  const address = entries.find((entry) => entry.tag === DT_STRTAB)?.value
  const load =
    address === undefined
      ? undefined
      : loads.find((one) => address >= one.address && address < one.address + one.size)
  if (address === undefined || load === undefined) return NO_LIBRARIES
  const strings = address - load.address + load.offset
  const texts = (tag: number): string[] =>
    entries
      .filter((entry) => entry.tag === tag)
      .slice(0, MAX_NEEDED)
      .flatMap((entry) => stringAt(source, strings + entry.value) ?? [])
  const directories = (tag: number): string[] =>
    texts(tag).flatMap((text) => text.split(':').filter((part) => part !== ''))
  return {
    needed: texts(DT_NEEDED),
    rpath: directories(DT_RPATH),
    runpath: directories(DT_RUNPATH),
  }
}
