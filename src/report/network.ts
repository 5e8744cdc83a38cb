import type { Question } from '../network/ask-messages.ts'
import type { HostLine } from '../network/log.ts'
import type { ProxyEvent } from '../network/proxy/types.ts'
import type { Palette } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** A table of hosts, refused first. */
export const networkLogText = (
  run: string,
  lines: readonly HostLine[],
  palette: Palette,
): string => {
  if (lines.length === 0) return `${run}: nothing was asked of the proxy\n`
  const width = Math.min(
    Math.max(...lines.map(({ host, port }) => printable(host).length + String(port).length + 1)),
    60,
  )
  return `${[palette.bold(run), ...lines.flatMap((line) => [row(line, width, palette), ...(line.decision === 'refused' ? [palette.dim(`           ${printable(line.because)}`)] : [])])].join('\n')}\n`
}

const row = (line: HostLine, width: number, palette: Palette): string => {
  const verdict = line.decision === 'refused' ? palette.red('refused') : palette.green('allowed')
  const traffic =
    line.decision === 'refused' ? '' : `  up ${size(line.bytesUp)}, down ${size(line.bytesDown)}`
  const trouble =
    line.errors.length > 0 ? palette.yellow(`  ${line.errors.map(printable).join(', ')}`) : ''
  return `  ${verdict}  ${`${printable(line.host)}:${line.port}`.padEnd(width)}  ${String(line.count).padStart(5)}x${traffic}  last ${clock(line.last)}${trouble}`
}

/** One event as it happens. */
export const eventText = (event: ProxyEvent, palette: Palette): string =>
  `${clock(event.time)} ${event.decision === 'refused' ? palette.red('refused') : palette.green('allowed')} ${printable(event.host)}:${event.port} ${palette.dim(printable(event.because))}${event.error === undefined ? '' : ` ${palette.yellow(printable(event.error))}`}\n`

/** A host that waits, and what can be answered. */
export const questionText = (
  { number, host, until }: Question,
  now: number,
  palette: Palette,
): string =>
  `${palette.bold(String(number))}  ${printable(host)}  ${palette.dim(`within ${Math.max(0, Math.round((until - now) / 1_000))} s: once ${number} (until the run ends), project ${number}, no ${number}`)}\n`

/** What became of it. */
export const settledText = (number: number, how: string, palette: Palette): string =>
  palette.dim(`${number}  ${printable(how)}\n`)

/** A line that is no answer. */
export const puzzledText = (line: string): string =>
  `${printable(line).slice(0, 80)} is no answer: once, project or no, and the number\n`

const clock = (time: number): string => new Date(time).toISOString().slice(11, 19)

const size = (bytes: number): string =>
  bytes < 1_000
    ? `${bytes} B`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`
