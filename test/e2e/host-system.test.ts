import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { launcher, launcherCommand, newWorld, users, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'mounts are the Linux backend’s'
    : process.getuid?.() !== 0
      ? 'only root can give a run an /etc of its own'
      : spawnSync('unshare', ['-m', 'true']).status === 0
        ? undefined
        : 'no private mount namespace can be made here')

/**
 * Runs an agent in a mount namespace with a copy of /etc; when it says `ready`, does `changes`
 * there as root, then lets it go on. The machine's own files are never touched.
 */
const ORCHESTRA = `
set -eu
world=$1 uid=$2 changes=$3; shift 3
mkdir "$world/etc" "$world/tmp"
cp -a /etc/. "$world/etc/"
mount --bind "$world/etc" /etc
mount -t tmpfs none /var/cache/ldconfig
cd "$world/home/work/project"
mkfifo "$world/word"
chown "$uid" "$world/word"
: > "$world/out"
if [ "$uid" = 0 ]; then as= ; else as="setpriv --reuid $uid --regid $uid --clear-groups"; fi
$as "$@" < "$world/word" >> "$world/out" 2> "$world/err" &
run=$!
exec 7> "$world/word"
tries=0
while ! grep -q ready "$world/out" && [ $tries -lt 500 ]; do sleep 0.02; tries=$((tries + 1)); done
PATH=$PATH:/usr/sbin:/sbin sh -eu -c "$changes" > "$world/changes" 2>&1 || { cat "$world/changes" >&2; kill $run; exit 99; }
sleep 0.5
echo go >&7
exec 7>&-
code=0
wait $run || code=$?
exit $code
`

/**
 * What a package manager, a VPN and a shell next door do: most of it by a rename over the old name,
 * twice.
 */
const DAY = `
for i in 1 2; do
  useradd -M -l somebody$i
  groupadd some$i
  cp /etc/ld.so.cache /etc/new; mv /etc/new /etc/ld.so.cache
  rm -f /etc/new; echo nameserver 192.0.2.$i > /etc/new; mv /etc/new /etc/resolv.conf
  sed -i s/^/#/ /etc/hosts
  HOME=$PWD/../.. git config --global user.name Name$i
  sleep 0.3
done
`

describe.each(users())('a run outlives what the system does meanwhile, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
    world.put('.gitconfig', '[user]\n\tname = Before\n')
  })
  afterEach(() => world.remove())

  const root = (): string => path.dirname(world.home)
  const during = (
    changes: string,
    script: string,
  ): { code: number | null; stdout: string; stderr: string } => {
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      script,
    ])
    const done = spawnSync(
      'unshare',
      [
        '-m',
        '--propagation',
        'private',
        'sh',
        '-c',
        ORCHESTRA,
        'sh',
        root(),
        String(user.uid ?? 0),
        changes,
        file,
        ...args,
      ],
      { env: options.env, encoding: 'utf8', timeout: 60_000 },
    )
    const read = (name: string): string =>
      fs.existsSync(path.join(root(), name)) ? fs.readFileSync(path.join(root(), name), 'utf8') : ''
    return {
      code: done.status,
      stdout: read('out'),
      stderr: `${done.stderr}${read('err')}`,
    }
  }

  where(reason)(
    'users, libraries, name servers, hosts and git’s own settings may change',
    async () => {
      const { code, stdout, stderr } = during(
        DAY,
        'echo ready; read word; grep -c somebody /etc/passwd; grep -c "^some.:" /etc/group; cat /etc/resolv.conf; git config user.name; exit 7',
      )
      expect({ code, stdout, stderr }).toEqual({
        code: 7,
        stdout: 'ready\n2\n2\nnameserver 192.0.2.2\nName2\n',
        stderr: '',
      })
      const { stdout: told } = await launcher(world, ['explain'])
      for (const name of ['group', 'hosts', 'ld.so.cache', 'passwd', 'resolv.conf'])
        expect(told).toMatch(new RegExp(`/etc/${name} was replaced .* the agent sees the new one`))
      expect(told).toMatch(/during the run: ~\/\.gitconfig was replaced .* sees the new one/)
    },
  )

  where(reason)('a name that nothing happened to is not told of', async () => {
    expect(during('true', 'echo ready; read word; exit 7').code).toBe(7)
    expect((await launcher(world, ['explain'])).stdout).not.toContain('during the run')
  })
})
