import fs from 'node:fs'
import { it } from 'vitest'
import { join } from '../../src/policy/paths.ts'
import { decide } from '../../src/policy/decide.ts'
import { at, grant, protection, origin } from '../policy/builders.ts'
import { kernel } from './kernel.ts'
import { withBase, workspace } from './machine.ts'
const run = async (name: string, policy: Parameters<typeof kernel.start>[0], script: string) => {
  const t = Date.now()
  const r = await kernel.start(policy, ['/bin/sh', '-c', script], name.includes('/') ? { mutate: (p) => p } : {}).catch((e: Error) => e.message.slice(0, 300))
  console.log(name, Date.now() - t, JSON.stringify(r).slice(0, 600))
}
it('zz', async () => {
  const place = workspace()
  fs.writeFileSync(join(place.root, 'f'), '')
  fs.mkdirSync(join(place.root, 'h'))
  await run('read /', withBase({ grants: [grant('read', '/')] }), `cat /etc/hostname; ls / | head -3; touch ${place.root}/x; cat ${place.root}/h/x`)
  await run('write /', withBase({ grants: [grant('write', '/')], protections: [protection('hidden', join(place.root, 'h'))] }), `touch ${place.root}/x && echo WROTE; ls ${place.root}/h`)
  console.log('decide', decide(withBase({ grants: [grant('write', '/')] }), 'create', join(place.root, 'x')).allowed)
  const shm = withBase({ grants: [grant('none', '/dev/shm'), grant('read', '/dev/kmsg', { kind: 'file' })], protections: [protection('hidden', '/proc/self'), protection('hidden', '/proc/cpuinfo', { entry: 'file' })] })
  await run('dev', shm, `touch /dev/shm/x && echo SHM; head -1 /proc/cpuinfo; ls -l /dev/kmsg`)
  console.log(decide(shm, 'create', at('/dev/shm/x')).allowed, decide(shm, 'read', at('/proc/cpuinfo')).allowed, decide(shm, 'read', at('/dev/kmsg')).allowed)
  const files = Array.from({ length: 900 }, (_, i) => { const d = join(place.root, `many/a${i}/b/c`); fs.mkdirSync(d, { recursive: true }); fs.writeFileSync(join(d, 'f'), ''); return grant('read', join(d, 'f'), { kind: 'file' }) })
  await run('many', withBase({ grants: files }), `echo ok`)
  await run('500', withBase({ grants: files.slice(0, 500) }), `echo ok`)
  const b = withBase({ grants: [grant('read', place.root)], sockets: { connect: [], masked: [], bind: [{ path: join(place.root, 'sock'), origin: origin() }] } })
  console.log('bind', decide(b, 'bind', join(place.root, 'sock')).allowed)
  await run('bind', b, `perl -MSocket -e 'socket(S,AF_UNIX,SOCK_STREAM,0); bind(S, pack_sockaddr_un("${place.root}/sock")) or print "bind: $!"'`)
  place.dispose()
}, 120000)
