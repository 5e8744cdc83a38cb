import type { Request } from '../policy/request.ts'

/**
 * The flags about the policy that amount to a request, without its name and words: the inverse of
 * `policyOptions`.
 */
export const flagWords = (request: Request): string[] => [
  ...request.grants.flatMap(({ path, access }) => [`--${access}`, path]),
  ...request.lifts.flatMap((path) => ['--lift', path]),
  ...request.connect.flatMap((path) => ['--connect', path]),
  ...request.hosts.flatMap((host) => ['--allow-host', host]),
  ...(request.network === undefined ? [] : ['--network', request.network]),
  ...request.listen.flatMap((port) => ['--listen', String(port)]),
  ...request.env.flatMap(({ name, value }) => [
    '--env',
    value === undefined ? name : `${name}=${value}`,
  ]),
  ...(request.profile === undefined ? [] : ['--profile', request.profile]),
  ...(request.project === undefined ? [] : ['--project', request.project]),
  ...(request.allowBroadProject ? ['--allow-broad-project'] : []),
  ...(request.settingsCopy ? ['--settings-copy'] : []),
  ...(request.strict ? ['--strict'] : []),
]
