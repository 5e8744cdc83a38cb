import { bad, type Check, ok, warn } from '../backend/check.ts'
import { chooseBackend } from '../backend/backends.ts'
import { self } from '../launch/self.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { screenOf } from '../machine/real/screen.ts'
import { loadPolicy } from '../profile/load.ts'
import { userProfileFiles } from '../profile/user-files.ts'
import { emptyRequest } from '../policy/request.ts'
import { envelope } from '../report/json.ts'
import { paletteFor } from '../report/text.ts'
import { printable } from '../text/unsafe-text.ts'
import type { CommandContext } from './context.ts'

/**
 * `launcher doctor`: whether this machine can enforce anything, and what each missing piece takes
 * away. 0 fine, 1 something is bad.
 */
export const doctorCommand = async (context: CommandContext): Promise<number> => {
  const { host } = context
  const checks = [
    nodeCheck(),
    nestedCheck(host),
    ...chooseBackend(undefined, host).checks(host),
    ...shellChecks(host),
    ...(await profileChecks(context)),
  ]
  const isFine = checks.every(({ state }) => state !== 'bad')
  if (context.json) context.out(envelope('doctor', { ok: isFine, checks }))
  else context.out(doctorText(checks, context))
  return isFine ? 0 : 1
}

/** package.json's engines. */
const OLDEST_NODE = [20, 19] as const

const nodeCheck = (): Check => {
  const [major = 0, minor = 0] = self().version.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  return isOld
    ? bad('Node', self().version, `Node ${OLDEST_NODE.join('.')} or newer is needed`)
    : ok('Node', self().version)
}

const nestedCheck = (host: Host): Check =>
  host.env['LAUNCHER_RUN'] === undefined
    ? ok('sandbox around us', 'none of ours')
    : bad(
        'sandbox around us',
        `launcher's own (run ${host.env['LAUNCHER_RUN']})`,
        'start from a terminal outside of it',
      )

const RC_FILES: Readonly<Record<string, string>> = {
  zsh: '.zshrc',
  bash: '.bashrc',
  fish: '.config/fish/config.fish',
}
const RC_LIMIT = 1 << 20

const shellChecks = (host: Host): Check[] => {
  const shell = (host.env['SHELL'] ?? '').split('/').at(-1) ?? ''
  const file = RC_FILES[shell]
  if (file === undefined)
    return [
      warn(
        'shell',
        shell === '' ? 'SHELL is not set' : `${printable(shell)} has no wrapper`,
        'type launcher run NAME, or use zsh, bash or fish',
      ),
    ]
  const text = host.read(`${host.home}/${file}`, RC_LIMIT)
  const has = text.ok && /launcher init|shell\/vibe\.zsh/.test(new TextDecoder().decode(text.bytes))
  const onPath = (host.env['PATH'] ?? '')
    .split(':')
    .some((entry) => entry.startsWith('/') && host.canAccess(`${entry}/launcher`, 'execute'))
  return [
    has
      ? ok('shell', `~/${file} loads the wrappers`)
      : warn(
          'shell',
          `~/${file} does not load the wrappers: a bare agent\u2019s name starts it unsandboxed`,
          `eval "$(launcher init ${shell})" in ~/${file}`,
        ),
    onPath
      ? ok('PATH', 'launcher is on it')
      : warn(
          'PATH',
          'launcher is not on it',
          'npm install -g . in the checkout, or add its folder',
        ),
  ]
}

const profileChecks = async ({ host, builtins }: CommandContext): Promise<Check[]> => {
  const check = async (profile: string): Promise<Check | undefined> => {
    try {
      await loadPolicy(emptyRequest, host, builtins, { profile, words: [], reason: '' })
      return undefined
    } catch (error) {
      if (!(error instanceof LauncherError)) throw error
      return bad(
        `profile ${profile}`,
        error.at === undefined ? error.message : `${error.at}: ${error.message}`,
        error.hint ?? 'launcher profiles validate',
      )
    }
  }
  let own: readonly string[] = []
  try {
    own = [...userProfileFiles(host, builtins).keys()]
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error
    return [bad('profiles', error.message, error.hint ?? 'launcher profiles validate')]
  }
  const problems = (await Promise.all(['default', ...own].map(check))).filter(
    (one) => one !== undefined,
  )
  return problems.length > 0
    ? problems
    : [ok('profiles', `${builtins.profiles.size} built in, ${own.length} of yours`)]
}

const doctorText = (checks: readonly Check[], { host }: CommandContext): string => {
  const palette = paletteFor(screenOf(1).isTerminal, host.env)
  const marks = {
    ok: palette.green('ok  '),
    warn: palette.yellow('warn'),
    bad: palette.red('BAD '),
  }
  const width = Math.max(...checks.map(({ what }) => what.length))
  return `${checks.flatMap(({ what, state, found, fix }) => [`${marks[state]} ${what.padEnd(width)}  ${printable(found)}`, ...(fix === '' ? [] : [`     ${' '.repeat(width)}  ${palette.dim(fix)}`])]).join('\n')}\n`
}
