import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { type HostServices, openHostServices } from '../fixtures/host-services.ts'
import { inside, launcher, newWorld, users, whyNoKernel, type World } from '../e2e/harness.ts'
import { hold } from '../e2e/held.ts'
import { where } from '../e2e/where.ts'

const reason =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'mounts are the Linux backend’s'
    : fs.existsSync('/usr/bin/perl')
      ? undefined
      : 'no perl to connect with inside')

/**
 * Forty processes that each open as many connections as they may, keep them, and open closed ones
 * again; "ready" after 4,000.
 */
const FLOOD = `use Socket; $SIG{PIPE} = 'IGNORE';
my ($port) = $ENV{http_proxy} =~ /:(\\d+)$/;
pipe(my $in, my $out);
for (1 .. 40) {
  next if fork;
  close $in; my @kept; my $made = 0;
  while (1) {
    socket(my $s, AF_INET, SOCK_STREAM, 0) or do { @kept = (); next };
    connect($s, pack_sockaddr_in($port, INADDR_LOOPBACK)) and $made++;
    push @kept, $s;
    syswrite $out, 'x' if $made == 100;
  }
}
close $out; my $n = 0; while ($n < 40) { sysread($in, my $b, 1) or last; $n++ }
print "ready\\n"; $| = 1; print ''; <STDIN>;
print((open(my $f, '<', '.env') && defined(<$f>)) ? "read\\n" : "held\\n");
exit 7`

/** Two thousand tunnels, one after the other, then 200 more, some at once. */
const use = (url: string, atOnce: number): string =>
  `curl -sSp '${url}/[1-2000]' | grep -c hello; curl -sSp --no-progress-meter -Z --parallel-max ${atOnce} '${url}/[1-200]' | grep -c hello`

describe.each(users())('a flood of connections to the proxy, as $label', (user) => {
  let world: World
  let services: HostServices
  beforeEach(async () => {
    world = newWorld(user)
    world.put('work/project/.env', 'TOKEN=secret\n')
    services = await openHostServices()
  })
  afterEach(async () => {
    world.remove()
    await services.close()
  })

  where(reason).each([64, 256, 1_024])(
    'under a limit of %i open files: a protection that the host removes is seen and put back, and the flood is told',
    async (openFiles) => {
      world.put('work/project/flood.pl', FLOOD)
      const run = await hold(world, 'exec perl flood.pl', {
        openFiles,
        launcherArgs: ['--network', 'allowlist'],
      })
      const file = path.join(world.project, '.env')
      fs.writeFileSync(`${file}.new`, 'TOKEN=other\n')
      if (user.uid !== undefined) fs.chownSync(`${file}.new`, user.uid, user.uid)
      fs.renameSync(`${file}.new`, file)
      // Long enough for a look, however busy the machine is: until the record would tell of it.
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      run.letGo()
      const { code, stdout, stderr } = await run.finished
      expect({ code, stdout }, stderr).toEqual({ code: 7, stdout: 'ready\nheld\n' })
      expect(stderr).toMatch(
        new RegExp(`connections without this run's token .* limit of ${openFiles} open files`),
      )
      const log = await launcher(world, ['net', 'log'])
      expect(log.stdout).toMatch(/connections without this run's token/)
      const told = JSON.parse((await launcher(world, ['explain', '--json'])).stdout)
      expect(told.changes.join('\n')).toMatch(/connections without this run's token/)
      expect(told.changes.join('\n')).toMatch(/\.env/)
    },
  )

  where(reason).each<[string, number, number]>([
    ['64', 64, 4],
    ['256', 256, 16],
    ['1,024', 1_024, 50],
  ])(
    'under a limit of %s open files: thousands of connections with the token work, some at once: the twin',
    async (_, openFiles, atOnce) => {
      const name = `granted.example.test:${services.four}`
      const { code, stdout, stderr } = await inside(
        world,
        use(`http://${name}`, atOnce),
        ['--network', 'allowlist', '--allow-host', name].concat(
          '--map-host',
          'granted.example.test=127.0.0.1',
        ),
        { openFiles },
      )
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '2000\n200\n', stderr: '' })
    },
  )
})
