import { LauncherError } from '../../errors.ts'
import type { Origin, ResolvedPolicy } from '../../policy/model.ts'
import type { Rule } from './rule.ts'

/**
 * Rules for IP. Nothing is said about `none`: the default denies. Outbound filters are always
 * `remote`: a `local` one admits every connection, because the source address is still open when
 * connect is checked. Unix sockets never match `(remote ip)`.
 */
export const networkRules = (policy: ResolvedPolicy, proxyPort: number | undefined): Rule[] => {
  const { mode, loopback, listen } = policy.network
  const rules: Rule[] = []
  if (mode.value === 'host') {
    rules.push(
      allow('network-outbound', '(remote ip)', mode.origin),
      allow('network-inbound network-bind', '(local ip)', mode.origin),
    )
  } else if (mode.value !== 'none') {
    if (proxyPort === undefined) {
      throw new LauncherError(
        'E_UNSUPPORTED',
        `network mode '${mode.value}' needs launcher's proxy, and none is running`,
        {
          hint: 'start without --exec, or choose the network mode none or host',
        },
      )
    }
    rules.push(
      allow('network-outbound', `(remote ip "localhost:${portOf(proxyPort)}")`, mode.origin),
    )
  }
  for (const { value, origin } of loopback)
    rules.push(allow('network-outbound', `(remote ip "localhost:${portOf(value)}")`, origin))
  // network-bind alone lets bind pass and listen fail: listening asks for its parent,
  // network-inbound. Without a network nobody could come in, on Linux either.
  for (const { value, origin } of mode.value === 'none' ? [] : listen)
    rules.push(allow('network-inbound network-bind', `(local ip "*:${portOf(value)}")`, origin))
  return rules
}

const allow = (operations: string, filter: string, origin: Origin): Rule => ({
  action: 'allow',
  operations: operations.split(' '),
  filters: [{ kind: 'fixed', text: filter }],
  origin,
})

const portOf = (port: number): number => {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LauncherError('E_NETWORK', `not a port: ${port}`, { hint: 'ports are 1 to 65535' })
  return port
}
