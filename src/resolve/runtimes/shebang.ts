import type { Platform } from '../../machine/host.ts'

/** The first line of a script as the kernel reads it. */
export interface Shebang {
  readonly interpreter: string
  /** What stands after the interpreter: one argument on Linux, split at blanks on macOS. */
  readonly words: readonly string[]
  /** The whole line is longer than the kernel reads, but the interpreter's name is not. */
  readonly isCut: boolean
}

/** Why a first line cannot be used, as a clause. */
export interface BadShebang {
  readonly problem: string
  readonly hint: string
}

/** Bytes of the first line that the kernel looks at: BINPRM_BUF_SIZE - 1, IMG_SHSIZE. */
const LINE_LIMIT: Readonly<Record<Platform, number>> = { linux: 255, macos: 512 }

/** Parses `#!…` from the head of a file; undefined when it does not begin with `#!`. */
export const parseShebang = (
  head: Uint8Array,
  platform: Platform,
): Shebang | BadShebang | undefined => {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined
  const end = head.indexOf(0x0a)
  const raw = head.subarray(2, end < 0 ? head.length : end)
  const limit = LINE_LIMIT[platform]
  const isCut = raw.length + 2 > limit
  if (raw.indexOf(0) >= 0)
    return { problem: 'its first line holds a NUL', hint: 'Repair the first line of the script.' }
  let line: string
  try {
    line = new TextDecoder('utf-8', { fatal: !isCut }).decode(raw)
  } catch {
    return { problem: 'its first line is not UTF-8', hint: 'Repair the first line of the script.' }
  }
  if (line.endsWith('\r')) {
    return {
      problem: 'its first line ends with a carriage return (Windows line ends)',
      hint: 'Convert the file to Unix line ends.',
    }
  }
  const words = line.split(/[ \t]+/).filter((word) => word !== '')
  const interpreter = words[0]
  if (interpreter === undefined)
    return { problem: 'its first line names no interpreter', hint: 'Name one after #!.' }
  if (line.indexOf(interpreter) + 2 + Buffer.byteLength(interpreter) > limit) {
    return {
      problem: `its first line names an interpreter beyond the ${limit} bytes that the kernel reads`,
      hint: 'Install it at a shorter path.',
    }
  }
  if (!interpreter.startsWith('/')) {
    return {
      problem: `its first line names ${interpreter}, which depends on the working directory`,
      hint: 'Name the interpreter by an absolute path.',
    }
  }
  const rest = line.slice(line.indexOf(interpreter) + interpreter.length).trim()
  return {
    interpreter,
    words: rest === '' ? [] : platform === 'macos' ? words.slice(1) : [rest],
    isCut,
  }
}

/** True for a first line that cannot be used. */
export const isBad = (shebang: Shebang | BadShebang): shebang is BadShebang => 'problem' in shebang
