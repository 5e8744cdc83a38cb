import * as z from 'zod/mini'
import type { RunRecord } from './record.ts'

const origin = z.looseObject({ file: z.string(), key: z.string() })

const shape = z.looseObject({
  version: z.literal(1),
  id: z.string(),
  profile: z.string(),
  project: z.string(),
  backend: z.string(),
  argv: z.array(z.string()),
  started: z.number(),
  ended: z.number(),
  exit: z.number(),
  collector: z.enum(['none', 'strace', 'seatbelt-log']),
  gaps: z.array(z.string()),
  changes: z.optional(z.array(z.string())),
  exposed: z.optional(z.array(z.looseObject({ path: z.string(), because: z.string() }))),
  denials: z.array(
    z.looseObject({
      operation: z.string(),
      kind: z.enum(['path', 'address', 'service']),
      path: z.string(),
      program: z.string(),
      count: z.number(),
      first: z.number(),
      last: z.number(),
      origin: z.optional(origin),
    }),
  ),
  policy: z.looseObject({
    name: z.string(),
    platform: z.enum(['macos', 'linux']),
    grants: z.array(z.looseObject({ path: z.string(), origin })),
  }),
})

/** Reads a record; undefined for one of another version, or that is no record. */
export const parseRecord = (text: string): RunRecord | undefined => {
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    // Written by this program into a folder of the user's alone: the shape says enough about the
    // rest.
    return parsed.success ? (parsed.data as unknown as RunRecord) : undefined
  } catch {
    return undefined
  }
}
