import * as z from 'zod/mini'
import { hostProblem } from '../policy/host-pattern.ts'
import { NETWORK_MODES, REGISTRIES } from './model.ts'
import {
  cacheProblem,
  commandProblem,
  filePathProblem,
  pathProblem,
  plainPathProblem,
  profileNameProblem,
  sourceProblem,
  variableProblem,
  variableValueProblem,
} from './values.ts'

type Problem = (value: string) => string | undefined

/** A string checked by one of the functions of values.ts, whose answer becomes the message. */
const text = (problem?: Problem) =>
  problem === undefined
    ? z.string()
    : z.string().check((payload) => {
        const found = problem(payload.value)
        if (found !== undefined)
          payload.issues.push({ code: 'custom', input: payload.value, message: found })
      })

const list = (problem?: Problem) => z.optional(z.array(text(problem)))
const port = () => z.int().check(z.gte(1), z.lte(65_535))
const ports = () => z.optional(z.array(port()))

const filesystem = {
  read: list(pathProblem),
  write: list(pathProblem),
  none: list(pathProblem),
  create: list(plainPathProblem),
}
/** Content of a file that holds a name travels in the name of a link, which has 255 bytes. */
const HELD_LIMIT = 100
const held: Problem = (content) =>
  new TextEncoder().encode(content).length > HELD_LIMIT || content.includes('\0')
    ? `is not text of at most ${HELD_LIMIT} bytes`
    : undefined
const seedName: Problem = (name) =>
  name === '' || name === '.' || name === '..' || /[/\0]/.test(name)
    ? 'is not the name of a file beside it'
    : undefined
const seed = z.strictObject({ content: text(variableValueProblem), unless: list(seedName) })
const protect = {
  hidden: list(pathProblem),
  read_only: list(pathProblem),
  lift: list(plainPathProblem),
  own: list(plainPathProblem),
}
const onEach = <S extends z.core.$ZodShape>(shape: S) => ({
  macos: z.optional(z.strictObject(shape)),
  linux: z.optional(z.strictObject(shape)),
})
const variable: Problem = (name) => variableProblem(name, false)
const variables: Problem = (name) => variableProblem(name, true)
const values = () => z.optional(z.record(text(variable), text(variableValueProblem)))

const sections = {
  description: z.optional(text()),
  command: z.optional(text(commandProblem)),
  args: list(variableValueProblem),
  extends: list(profileNameProblem),
  features: list((word) => (/^[a-z][a-z0-9-]*$/.test(word) ? undefined : 'is not a word')),
  filesystem: z.optional(
    z.strictObject({
      ...filesystem,
      seed: z.optional(z.record(text(filePathProblem), seed)),
      ...onEach(filesystem),
    }),
  ),
  protect: z.optional(
    z.strictObject({
      ...protect,
      ...onEach(protect),
      absent: z.optional(
        z.strictObject({
          directories: list(plainPathProblem),
          files: z.optional(z.record(text(plainPathProblem), text(held))),
        }),
      ),
      agents: z.optional(
        z.strictObject({ hidden: list(pathProblem), ...onEach({ hidden: list(pathProblem) }) }),
      ),
    }),
  ),
  sockets: z.optional(
    z.strictObject({ connect: list(plainPathProblem), bind: list(plainPathProblem) }),
  ),
  network: z.optional(
    z.strictObject({
      mode: z.optional(z.enum(NETWORK_MODES)),
      hosts: list(hostProblem),
      registries: z.optional(z.array(z.enum(REGISTRIES))),
      project_indexes: z.optional(z.boolean()),
      loopback: ports(),
      listen: ports(),
    }),
  ),
  environment: z.optional(
    z.strictObject({
      pass: list(variables),
      set: values(),
      ...onEach({ set: values() }),
      drop: list(variables),
      from: z.optional(
        z.record(text(variable), z.array(text(sourceProblem)).check(z.minLength(1))),
      ),
    }),
  ),
  caches: z.optional(z.record(text(variable), text(cacheProblem))),
  audit: z.optional(
    z.strictObject({ format: z.optional(text()), file: z.optional(text(plainPathProblem)) }),
  ),
}

/** A profile's file. */
export const profileSchema = z.strictObject({
  schema: z.int(),
  replace: z.optional(z.boolean()),
  ...sections,
})

/** `[all]` or `[profile.NAME]` of the user's `config.toml`. */
const sectionSchema = z.strictObject(sections)

/** The user's `config.toml`. */
export const configSchema = z.strictObject({
  schema: z.int(),
  all: z.optional(sectionSchema),
  profile: z.optional(z.record(text(profileNameProblem), sectionSchema)),
})

const inProject: Problem = (path) =>
  pathProblem(path) ??
  (/^\$PROJECT(\/|$)/.test(path)
    ? undefined
    : 'must lie in `$PROJECT`: a project speaks of itself only')
const removable: Problem = (word) =>
  (REGISTRIES as readonly string[]).includes(word) ? undefined : hostProblem(word)
const projectProtect = { hidden: list(inProject), read_only: list(inProject) }

/** A project's `.launcher.toml`: nothing in it can widen anything. */
export const projectSchema = z.strictObject({
  schema: z.int(),
  filesystem: z.optional(
    z.strictObject({ none: list(inProject), ...onEach({ none: list(inProject) }) }),
  ),
  protect: z.optional(z.strictObject({ ...projectProtect, ...onEach(projectProtect) })),
  network: z.optional(
    z.strictObject({ mode: z.optional(z.enum(NETWORK_MODES)), remove: list(removable) }),
  ),
})

export type RawSections = z.infer<typeof sectionSchema>
