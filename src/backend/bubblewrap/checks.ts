import type { Host } from '../../machine/host.ts'
import { bad, type Check, ok, warn } from '../check.ts'
import { diagnose, findBubblewrap, findNsenter } from './support.ts'

/** Whether bubblewrap makes its namespaces here, and what each missing helper takes away. */
export const machineChecks = (host: Host): Check[] => {
  const found = findBubblewrap(host, host.cwd)
  if (!found.ok) return [bad('bubblewrap', found.reason, found.hint)]
  const version = host.run(found.file, ['--version'], 5_000)?.trim() ?? 'unknown version'
  const works =
    host.run(
      found.file,
      [
        '--unshare-user',
        '--unshare-pid',
        '--unshare-net',
        '--disable-userns',
        '--ro-bind',
        '/',
        '/',
        '--',
        '/bin/true',
      ],
      5_000,
    ) !== undefined
  const trouble = works ? undefined : diagnose(host, found.file)
  return [
    trouble
      ? bad('bubblewrap', `${found.file} (${version}): ${trouble.reason}`, trouble.hint)
      : ok('bubblewrap', `${found.file} (${version}) makes its namespaces`),
    found.signalReset === undefined
      ? warn('signals', 'no GNU env', 'Ctrl-C ends the agent at once: install coreutils')
      : ok('signals', found.signalReset),
    findNsenter(host) === undefined
      ? bad('network', 'no nsenter', 'the modes allowlist and any need it: install util-linux')
      : ok('network', `${findNsenter(host)}`),
    toolCheck(host, 'strace', 'launcher run --trace and launcher learn need it: install strace'),
  ]
}

const toolCheck = (host: Host, tool: string, fix: string): Check => {
  const file = ['/usr/bin', '/bin', '/usr/local/bin']
    .map((directory) => `${directory}/${tool}`)
    .find((place) => host.canAccess(place, 'execute'))
  return file === undefined ? warn(tool, 'not installed', fix) : ok(tool, file)
}
