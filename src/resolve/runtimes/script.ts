import { LauncherError } from '../../errors.ts'
import { absolute, nameOf, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import { bundleOf } from './bundle.ts'
import { bytesOf, decode } from './bytes.ts'
import { lookUp, searchDirectories } from './command.ts'
import {
  findings,
  hopsOf,
  merge,
  noticeOf,
  partOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { parseEnv } from './env-line.ts'
import { contextOfNamed } from './named-program.ts'
import { isNodeName, nodePackage } from './node-script.ts'
import { parsePolyglot } from './polyglot.ts'
import { pythonRequirement } from './python-requires.ts'
import { isPythonName } from './python-venv.ts'
import { isBad, parseShebang } from './shebang.ts'
import { behindShim } from './shims/table.ts'
import { throughExec } from './shim-exec.ts'

/**
 * Follows a `#!` line to the interpreter, through `env` and through the `'''exec'` form, and says
 * what the script needs beside it.
 */
export const scriptFindings = (
  context: ResolveContext,
  script: Place,
  self: Findings,
  head: Uint8Array,
  depth: number,
): Findings => {
  const shebang = parseShebang(head, context.platform)
  if (shebang === undefined || isBad(shebang)) {
    throw unusable(
      script,
      shebang?.problem ?? 'it has no first line',
      shebang?.hint ?? 'Reinstall the program.',
    )
  }
  const cut = `the first line of ${show(context, script.file)} is longer than the kernel reads; its end is ignored`
  const notices = shebang.isCut ? [noticeOf('warning', 'shebang-cut', cut, script.chain)] : []
  const base = merge({ ...self, runtime: 'script' }, findings('script', { notices }))
  const file = toAbsolutePath(shebang.interpreter)
  if (file === undefined)
    throw unusable(
      script,
      `its first line names ${show(context, shebang.interpreter)}, which holds ..`,
      'Name the interpreter by its real path.',
    )
  const interpreter = placeAt(
    context,
    file,
    script.chain,
    `its first line names ${show(context, file)}`,
  )
  const own = interpret(context, interpreter, script, depth)
  if (nameOf(file) === 'env')
    return merge(base, own, throughEnv(context, script, interpreter, shebang.words, depth))
  if (isShell(nameOf(file)))
    return merge(base, own, throughShell(context, script, interpreter, head, depth))
  const behind = behindShim(context, interpreter, depth + 1)
  return merge(base, own, behind.findings, packageOf(context, script, behind.program))
}

const isShell = (name: string): boolean =>
  name === 'sh' || name === 'bash' || name === 'dash' || name === 'zsh'

/** Examines an interpreter. One that is itself a script: Linux follows up to five, macOS none. */
const interpret = (
  context: ResolveContext,
  interpreter: Place,
  script: Place,
  depth: number,
): Findings => {
  const found = context.examine(
    contextOfNamed(context, script, interpreter),
    interpreter,
    'interpreter',
    depth + 1,
  )
  const head = bytesOf(context.host, interpreter.walked.real).at(0, 2)
  if (head?.[0] !== 0x23 || head[1] !== 0x21) return found
  if (context.platform === 'macos') {
    throw unusable(
      script,
      `its first line names ${show(context, interpreter.file)}, which is a script: macOS does not start a script through a script`,
      'Reinstall the program.',
    )
  }
  const message = `${show(context, interpreter.file)} is itself a script; macOS would not start ${show(context, script.file)}`
  return merge(
    found,
    findings('script', {
      notices: [noticeOf('info', 'nested-interpreter', message, interpreter.chain)],
    }),
  )
}

const throughEnv = (
  context: ResolveContext,
  script: Place,
  env: Place,
  words: readonly string[],
  depth: number,
): Findings => {
  const command = parseEnv(words)
  if ('problem' in command)
    throw unusable(script, command.problem, 'Repair the first line of the script.')
  const directories =
    command.path === 'inherited'
      ? context.searchPath
      : searchDirectories(context, command.path === 'default' ? ['/usr/bin', '/bin'] : command.path)
  const file = command.program.includes('/')
    ? toAbsolutePath(command.program)
    : lookUp(context, command.program, directories)
  if (file === undefined) {
    const program = show(context, command.program)
    throw unusable(
      script,
      `its first line asks env for ${program}, which is not on the PATH that the agent is given`,
      `Install ${program} outside the project.`,
    )
  }
  const clause = command.program.includes('/')
    ? `env starts ${show(context, file)}`
    : `env finds ${show(context, command.program)} on PATH as ${show(context, file)}`
  const program = placeAt(context, file, env.chain, clause)
  const found = context.examine(
    contextOfNamed(context, script, program),
    program,
    'interpreter',
    depth + 1,
  )
  const behind = behindShim(context, program, depth + 1)
  return merge(found, behind.findings, packageOf(context, script, behind.program))
}

const NOTHING = findings('script')

/**
 * `/bin/sh` scripts: the `'''exec'` form names the true interpreter on line 2, a wrapper the
 * program that it becomes; others run what they like, which cannot be known.
 */
const throughShell = (
  context: ResolveContext,
  script: Place,
  shell: Place,
  head: Uint8Array,
  depth: number,
): Findings => {
  const shells =
    context.platform === 'macos' && nameOf(shell.file) === 'sh'
      ? macosShell(context, shell)
      : findings('script')
  const polyglot = parsePolyglot(new TextDecoder().decode(head))
  if (polyglot === undefined)
    return merge(
      shells,
      throughExec(context, script, shellText(context, script), depth),
      bundleOf(context, script),
    )
  if (polyglot.kind === 'unknown') {
    const message = `line 2 of ${show(context, script.file)} starts an interpreter in a form that launcher does not know`
    return merge(
      shells,
      findings('script', {
        notices: [noticeOf('warning', 'polyglot-unknown', message, script.chain)],
      }),
    )
  }
  const name =
    polyglot.kind === 'absolute'
      ? polyglot.interpreter
      : `${parentOf(script.walked.real)}/${polyglot.name}`
  const file = toAbsolutePath(name)
  if (file === undefined)
    throw unusable(
      script,
      `its second line names ${show(context, name)}, which holds ..`,
      'Reinstall the program.',
    )
  const helpers =
    polyglot.kind === 'relocatable'
      ? polyglot.helpers.map((helper) => helperOf(context, shell, helper))
      : []
  const interpreter = placeAt(
    context,
    file,
    shell.chain,
    `its second line starts ${show(context, file)}`,
  )
  return merge(
    shells,
    ...helpers,
    interpret(context, interpreter, script, depth),
    packageOf(context, script, interpreter),
  )
}

const SHELL_LIMIT = 64 * 1024

const shellText = (context: ResolveContext, script: Place): string =>
  decode(bytesOf(context.host, script.walked.real).at(0, SHELL_LIMIT) ?? new Uint8Array(), {
    isCut: true,
  }) ?? ''

/** On macOS `/bin/sh` starts the shell that `/private/var/select/sh` names. */
const macosShell = (context: ResolveContext, shell: Place): Findings => {
  const places = [
    placeAt(
      context,
      absolute('/private/var/select/sh'),
      shell.chain,
      '/bin/sh asks /private/var/select/sh which shell to be',
    ),
    placeAt(
      context,
      absolute('/bin/bash'),
      shell.chain,
      '/bin/sh is /bin/bash unless told otherwise',
    ),
  ].filter((place) => place.walked.status === 'exists')
  return findings('script', {
    executables: places.map((place) => partOf('interpreter', place)),
    hops: places.flatMap(hopsOf),
  })
}

const helperOf = (context: ResolveContext, shell: Place, name: string): Findings => {
  const file = lookUp(context, name, context.searchPath)
  if (file === undefined) {
    const message = `${name}, which the script runs on its second line, is not on PATH`
    return findings('script', {
      notices: [noticeOf('warning', 'helper-missing', message, shell.chain)],
    })
  }
  const place = placeAt(context, file, shell.chain, `its second line runs ${show(context, file)}`)
  return findings('script', { executables: [partOf('executable', place)], hops: hopsOf(place) })
}

/**
 * What the script itself needs beside its interpreter: its package, when that is Node or one of its
 * kin; what its package asks of Python.
 */
const packageOf = (context: ResolveContext, script: Place, interpreter: Place): Findings => {
  const names = [nameOf(interpreter.file), nameOf(interpreter.walked.real)]
  return names.some(isNodeName)
    ? nodePackage(context, script)
    : names.some(isPythonName)
      ? pythonRequirement(context, script, interpreter)
      : NOTHING
}

const unusable = (script: Place, problem: string, hint: string): LauncherError =>
  new LauncherError(
    'E_TARGET_NOT_EXECUTABLE',
    `${script.chain.join(', ')}, but it cannot be started: ${problem}`,
    { exit: 126, hint },
  )
