import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { StandardStreams } from './descriptors.ts'

/**
 * Standard streams for the agent where its own would be files. Output goes through named pipes, so
 * that `/dev/stdout` can be opened by name as ever; input through a socket, because a named pipe
 * whose writer has finished would keep whoever opens `/dev/stdin` waiting for another.
 */
export interface Relays {
  /** What the agent gets as standard input, output and error: a descriptor, or its parent's. */
  readonly stdio: readonly ['pipe' | 'inherit', number | 'inherit', number | 'inherit']
  /**
   * The agent has its ends: launcher's copies of them go, so that the end is seen. `input` is the
   * other end of `pipe`.
   */
  started(input: Writable | null): void
  /** Resolves when everything that was written has arrived. Throws E_STDIO when it could not. */
  finished(): Promise<void>
}

/** Makes the pipes in a directory that only the user can enter, and begins to hand on. */
export const openRelays = (streams: StandardStreams, directory: AbsolutePath): Relays => {
  const theirs: number[] = []
  const endings: Promise<void>[] = []
  const [input, output, error] = streams.relay
  const make = (name: string): Pipe => openPipe(path.join(directory, name))
  const receive = (name: string, fd: 1 | 2): number => {
    const { reader, writer } = make(name)
    endings.push(handOn(reader, fd))
    theirs.push(writer)
    return writer
  }
  const second = output ? receive('out', 1) : 'inherit'
  const third = !error
    ? 'inherit'
    : streams.isMerged && second !== 'inherit'
      ? second
      : receive('err', 2)
  return {
    stdio: [input ? 'pipe' : 'inherit', second, third],
    started: (theirInput) => {
      if (input && theirInput) feed(theirInput)
      for (const fd of theirs.splice(0)) fs.closeSync(fd)
    },
    finished: async () => {
      await Promise.all(endings)
    },
  }
}

/** An agent that does not read all of it closes its end: no fault. */
export const feed = (to: Writable): void => {
  to.on('error', () => undefined)
  fs.createReadStream('', { fd: 0, autoClose: false })
    .on('error', () => to.end())
    .pipe(to)
}

interface Pipe {
  readonly reader: number
  readonly writer: number
}

/**
 * Both ends of a new named pipe; its name is gone at once. Opened for both first, because each end
 * alone would wait for the other.
 */
const openPipe = (file: string): Pipe => {
  const made = spawnSync('mkfifo', ['-m', '600', file], {
    env: { PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  })
  if (made.status !== 0)
    throw new LauncherError(
      'E_STDIO',
      `cannot make a pipe for a standard stream that is a file: ${made.stderr.trim()}`,
      { hint: 'start launcher without that redirection' },
    )
  const both = fs.openSync(file, fs.constants.O_RDWR)
  const pipe = {
    reader: fs.openSync(file, fs.constants.O_RDONLY),
    writer: fs.openSync(file, fs.constants.O_WRONLY),
  }
  fs.closeSync(both)
  fs.unlinkSync(file)
  return pipe
}

const handOn = (reader: number, fd: 1 | 2): Promise<void> =>
  handOnStream(fs.createReadStream('', { fd: reader }), fd)

/** What the agent writes goes into the file, in order and whole, before more is read. */
export const handOnStream = (stream: Readable, fd: 1 | 2): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.on('data', (chunk) => {
      try {
        const bytes = Buffer.from(chunk)
        for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at)
      } catch (cause) {
        // Closing this end tells the agent, as a full disk would have.
        stream.destroy()
        reject(
          new LauncherError(
            'E_STDIO',
            `standard ${fd === 1 ? 'output' : 'error'} could not be written`,
            { cause, hint: 'make room on that disk' },
          ),
        )
      }
    })
    stream.once('error', () => resolve())
    stream.once('close', () => resolve())
  })
