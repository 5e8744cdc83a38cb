import { LauncherError } from '../errors.ts'
import { screenOf } from '../machine/real/screen.ts'
import { self } from '../launch/self.ts'
import { followNetworkLog, loggedRuns, readNetworkLog } from '../launch/records.ts'
import { untilInterrupted } from '../launch/signals.ts'
import { answerQuestions, askingRuns } from '../network/ask-client.ts'
import type { Question } from '../network/ask-messages.ts'
import { readEvents, summarise } from '../network/log.ts'
import { luluRules } from '../network/lulu.ts'
import type { Request } from '../policy/request.ts'
import { envelope } from '../report/json.ts'
import {
  eventText,
  networkLogText,
  puzzledText,
  questionText,
  settledText,
} from '../report/network.ts'
import { paletteFor } from '../report/text.ts'
import type { CommandContext } from './context.ts'
import { look } from '../run/prepare.ts'
import { ownPlaces } from '../machine/places.ts'

export interface NetLogFlags {
  readonly follow?: boolean
}

/**
 * `launcher net log [RUN]`: what a run asked of which host, refused first. 1 when something was
 * refused, else 0.
 */
export const netLog = async (
  run: string | undefined,
  flags: NetLogFlags,
  context: CommandContext,
): Promise<number> => {
  const state = ownPlaces(context.host).state
  const runs = loggedRuns(state)
  const id = run === undefined ? runs[0] : runs.find((one) => one === run)
  if (id === undefined) {
    throw new LauncherError(
      'E_USAGE',
      run === undefined ? 'no run with a proxy is remembered' : `no run ${run} is remembered`,
      {
        hint:
          runs.length === 0
            ? 'the modes allowlist and any have one: launcher run NAME'
            : `the newest are ${runs.slice(0, 3).join(', ')}`,
      },
    )
  }
  const palette = paletteFor(screenOf(1).isTerminal, context.host.env)
  if (flags.follow) {
    await followNetworkLog(
      state,
      id,
      (text) =>
        context.out(
          context.json
            ? text
            : readEvents(text)
                .map((event) => eventText(event, palette))
                .join(''),
        ),
      untilInterrupted(),
    )
    return 0
  }
  const lines = summarise(readEvents(readNetworkLog(state, id)))
  if (context.json) context.out(envelope('net-log', { run: id, hosts: lines }))
  else context.out(networkLogText(id, lines, palette))
  return lines.some(({ decision }) => decision === 'refused') ? 1 : 0
}

/**
 * `launcher net approve [RUN]`: shows the hosts that a run with `--ask` waits for and passes on
 * what the person types, until the run ends.
 */
export const netApprove = async (
  run: string | undefined,
  context: CommandContext,
): Promise<number> => {
  const all = await askingRuns(ownPlaces(context.host).state)
  const [one, ...others] = all.filter(({ id }) => run === undefined || id === run)
  for (const { connection } of all)
    if (connection !== one?.connection || others.length > 0) connection.destroy()
  if (!one)
    throw new LauncherError('E_USAGE', run === undefined ? 'no run asks' : `no run ${run} asks`, {
      hint: 'launcher run NAME --network allowlist --ask',
    })
  if (others.length > 0)
    throw new LauncherError('E_USAGE', 'more than one run asks', {
      hint: `launcher net approve RUN, one of ${all.map(({ id }) => id).join(', ')}`,
    })
  const palette = paletteFor(screenOf(1).isTerminal, context.host.env)
  const say = (text: string, message: Readonly<Record<string, unknown>>): void =>
    context.out(context.json ? `${JSON.stringify(message)}\n` : text)
  say(
    `${palette.bold(one.id)} asks about hosts that are not on its allowlist. Ctrl-C ends this, not the run.\n`,
    { run: one.id },
  )
  const screen = {
    asked: (question: Question) =>
      say(questionText(question, Date.now(), palette), { asked: question }),
    settled: (number: number, how: string) =>
      say(settledText(number, how, palette), { settled: number, how }),
    puzzled: (line: string) => say(puzzledText(line), { puzzled: line }),
  }
  await answerQuestions(one.connection, screen, untilInterrupted())
  return 0
}

/**
 * `launcher net export --lulu`: the hosts of a profile as rules of the firewall LuLu, for
 * launcher's own Node: under launcher it is the proxy that connects.
 */
export const netExport = async (request: Request, context: CommandContext): Promise<number> => {
  const prepared = await look(request, context)
  const { network } = prepared.resolution.resolved
  if (network.mode.value !== 'allowlist') {
    throw new LauncherError(
      'E_USAGE',
      `the profile ${prepared.profile} has the network mode ${network.mode.value}: there is no list to export`,
      { hint: 'name a profile with the mode allowlist, or add --network allowlist' },
    )
  }
  context.out(
    luluRules({
      programs: [{ path: self().node }],
      allow: network.hosts.map(({ value }) => value),
      deny: (network.denied ?? []).map(({ value }) => value),
    }),
  )
  context.err("launcher: importing rules may replace LuLu's own: export those first\n")
  return 0
}
