import { realHost } from '../../src/machine/real/host.ts'
import type { LauncherError } from '../../src/errors.ts'
import type { Builtins, Profile } from '../../src/profile/model.ts'
import { parseBuiltins } from '../../src/profile/builtin.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import type { Policy } from '../../src/policy/model.ts'

/** The profiles of this checkout. */
export const shipped = await parseBuiltins(realHost(new URL('../..', import.meta.url).pathname))

/** Built-ins made of a few bodies; `schema` is added, and an empty base. */
export const builtinsOf = (bodies: Readonly<Record<string, string>>): Builtins => ({
  profiles: new Map(
    Object.entries({ base: '', ...bodies }).map(([name, body]): [string, Profile] => [
      name,
      builtin(name, body),
    ]),
  ),
})

export const builtin = (name: string, body: string): Profile =>
  parseProfile(`schema = 1\n${body}`, `profiles/${name}.toml`, 'builtin')

/** The error that an action ends with. */
export const errorOf = async (action: () => unknown): Promise<LauncherError> => {
  try {
    await action()
  } catch (error) {
    return error as LauncherError
  }
  throw new Error('nothing was thrown')
}

/** Paths granted at each access, as written. */
export const grantsOf = (policy: Policy): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    (['none', 'read', 'write'] as const).map((access) => [
      access,
      policy.grants.filter((grant) => grant.access === access).map(({ path }) => path),
    ]),
  )
