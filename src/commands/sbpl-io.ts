import type { Host } from '../machine/host.ts'
import { createWalker } from '../machine/walk.ts'
import { written } from '../machine/physical.ts'
import type { CommandContext } from './context.ts'
import type { CommandIo } from './sbpl.ts'

/** Largest Seatbelt profile that is read. */
const LIMIT = 16 << 20

/** What the sbpl commands need of the machine. */
export const sbplIo = (host: Host, { out, err }: CommandContext): CommandIo => ({
  readFile: (file) => {
    const path = written(createWalker(host), host, file)
    const content = path === undefined ? undefined : host.read(path, LIMIT)
    return content?.ok ? new TextDecoder().decode(content.bytes) : undefined
  },
  out,
  err,
})
