import { viewOf, type ByteSource } from './bytes.ts'

/** What dyld reads from a Mach-O file before it starts it. */
export interface MachHeader {
  /** Install names: absolute, or beginning with `@rpath`, `@loader_path`, `@executable_path`. */
  readonly libraries: readonly string[]
  readonly rpaths: readonly string[]
  /** Processors that the file has a slice for. */
  readonly cpus: readonly number[]
}

const THIN_64 = 0xfeedfacf
const THIN_32 = 0xfeedface
const FAT = 0xcafebabe
const FAT_64 = 0xcafebabf
const LC_RPATH = 0x8000001c
/** Load, weak, re-exported, lazy and upward: all are opened at start or soon after. */
const LOADS: ReadonlySet<number> = new Set([0xc, 0x80000018, 0x8000001f, 0x20, 0x80000023])
const MAX_COMMANDS = 512
const MAX_COMMAND_BYTES = 1 << 20
const MAX_SLICES = 16

/** Processors by the names that Node gives them. */
export const MACH_CPU: Readonly<Record<string, number>> = { arm64: 0x0100000c, x64: 0x01000007 }

/**
 * True for a Mach-O magic. 0xcafebabe is also a Java class file: there the "number of slices" is a
 * version above 40.
 */
export const isMach = (head: Uint8Array): boolean => {
  if (head.length < 8) return false
  const view = viewOf(head)
  const little = view.getUint32(0, true)
  return (
    little === THIN_64 ||
    little === THIN_32 ||
    (isFat(view) && view.getUint32(4, false) <= MAX_SLICES)
  )
}

const isFat = (view: DataView): boolean =>
  view.getUint32(0, false) === FAT || view.getUint32(0, false) === FAT_64

/**
 * Reads the load commands of the slice for `arch` (else the first one); undefined when the file is
 * not Mach-O or is broken.
 */
export const readMach = (source: ByteSource, arch: string): MachHeader | undefined => {
  const head = source.at(0, 8 + MAX_SLICES * 32)
  if (head === undefined || !isMach(head)) return undefined
  const view = viewOf(head)
  if (!isFat(view)) return readSlice(source, 0)
  const step = view.getUint32(0, false) === FAT_64 ? 32 : 20
  const slices = Array.from({ length: view.getUint32(4, false) }, (_, index) => 8 + index * step)
    .filter((at) => at + step <= head.length)
    .map((at) => ({
      cpu: view.getUint32(at, false),
      offset:
        step === 32 ? Number(view.getBigUint64(at + 8, false)) : view.getUint32(at + 8, false),
    }))
  const slice = slices.find((one) => one.cpu === MACH_CPU[arch]) ?? slices[0]
  const header = slice && readSlice(source, slice.offset)
  return header && { ...header, cpus: slices.map((one) => one.cpu) }
}

const readSlice = (source: ByteSource, start: number): MachHeader | undefined => {
  const head = source.at(start, 32)
  if (head === undefined || head.length < 32) return undefined
  const view = viewOf(head)
  const magic = view.getUint32(0, true)
  if (magic !== THIN_64 && magic !== THIN_32) return undefined
  const commands = source.at(
    start + (magic === THIN_64 ? 32 : 28),
    Math.min(view.getUint32(20, true), MAX_COMMAND_BYTES),
  )
  return (
    commands && {
      ...readCommands(commands, Math.min(view.getUint32(16, true), MAX_COMMANDS)),
      cpus: [view.getUint32(4, true)],
    }
  )
}

const readCommands = (bytes: Uint8Array, count: number): Omit<MachHeader, 'cpus'> => {
  const view = viewOf(bytes)
  const libraries: string[] = []
  const rpaths: string[] = []
  for (let index = 0, at = 0; index < count && at + 12 <= bytes.length; index += 1) {
    const command = view.getUint32(at, true)
    const size = view.getUint32(at + 4, true)
    if (size < 8 || at + size > bytes.length) break
    // Both kinds of command hold the offset of their text, from the command's begin, in the third
    // word.
    if (LOADS.has(command)) libraries.push(textOf(bytes, at, view.getUint32(at + 8, true), size))
    if (command === LC_RPATH) rpaths.push(textOf(bytes, at, view.getUint32(at + 8, true), size))
    at += size
  }
  return { libraries: libraries.filter(Boolean), rpaths: rpaths.filter(Boolean) }
}

const textOf = (bytes: Uint8Array, at: number, offset: number, size: number): string => {
  if (offset >= size) return ''
  const text = bytes.subarray(at + offset, at + size)
  const end = text.indexOf(0)
  return new TextDecoder().decode(end < 0 ? text : text.subarray(0, end))
}
