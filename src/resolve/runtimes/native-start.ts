import { LauncherError } from '../../errors.ts'
import { isAbsolutePath } from '../../machine/paths.ts'
import { bytesOf } from './bytes.ts'
import { noticeOf, show, type Place, type ResolveContext } from './context.ts'
import type { Notice } from '../../policy/model.ts'
import { readElf } from './elf.ts'
import { MACH_CPU, readMach } from './macho.ts'

/**
 * ELF machines that a processor runs: its own, and the 32-bit one that its kernel knows as well.
 */
const MACHINES: Readonly<Record<string, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] }

/**
 * What would keep the kernel from starting a native program, found in its header. Throws with 126
 * when its loader is missing, which the kernel reports as if the program itself were.
 */
export const nativeNotices = (context: ResolveContext, program: Place): Notice[] => {
  const source = bytesOf(context.host, program.walked.real)
  return context.platform === 'macos'
    ? machNotices(context, program, readMach(source, context.host.arch)?.cpus ?? [])
    : elfNotices(context, program, readElf(source))
}

const elfNotices = (
  context: ResolveContext,
  program: Place,
  elf: ReturnType<typeof readElf>,
): Notice[] => {
  if (elf === undefined) return []
  const runs = MACHINES[context.host.arch]
  const { interpreter } = elf
  if (runs?.includes(elf.machine) === false) {
    const message = `${show(context, program.walked.real)} is made for another processor than this machine's (${context.host.arch})`
    return [noticeOf('warning', 'target-architecture', message, program.chain)]
  }
  if (
    interpreter !== undefined &&
    isAbsolutePath(interpreter) &&
    context.walk(interpreter).status !== 'exists'
  ) {
    throw new LauncherError(
      'E_TARGET_NOT_EXECUTABLE',
      `${program.chain.join(', ')}, but it cannot be started: its loader ${show(context, interpreter)} does not exist`,
      {
        exit: 126,
        hint: 'Install the build of the program that is made for this system.',
      },
    )
  }
  return []
}

const machNotices = (
  context: ResolveContext,
  program: Place,
  cpus: readonly number[],
): Notice[] => {
  const own = MACH_CPU[context.host.arch]
  if (cpus.length === 0 || own === undefined || cpus.includes(own)) return []
  const isTranslated = context.host.arch === 'arm64' && cpus.includes(MACH_CPU['x64'] ?? -1)
  const message = `${show(context, program.walked.real)} is made for another processor than this machine's (${context.host.arch})${isTranslated ? ' and needs Rosetta' : ''}`
  return [
    noticeOf(isTranslated ? 'info' : 'warning', 'target-architecture', message, program.chain),
  ]
}
