import fs from 'node:fs'
import type { Holding } from '../backend/bubblewrap/holdings.ts'
import { threadsOf, treeOf } from './process-table.ts'

/** O_PATH of fcntl.h: names a thing without opening it. */
const O_PATH = 0o10000000

/**
 * Everything that the processes of a sandbox have open, stand in, or have mapped. Throws when it
 * cannot be seen: a process that lets nobody look (prctl PR_SET_DUMPABLE), descriptors that are on
 * their way from one process to another.
 */
export const holdingsOf = (init: number): Holding[] =>
  treeOf(init).flatMap((pid) => threadsOf(pid).flatMap((thread) => holdingsOfThread(pid, thread)))

/** Threads may have descriptors, working directories and roots of their own (clone(2)). */
const holdingsOfThread = (pid: number, thread: string): Holding[] => {
  const place = `/proc/${pid}/task/${thread}`
  if (isZombie(place)) return []
  const program = fs.readFileSync(`${place}/comm`, 'utf8').trim()
  const base = { pid, program, isWritten: false }
  return [
    { ...base, what: 'a working directory', ...standing(`${place}/cwd`) },
    { ...base, what: 'a root', ...standing(`${place}/root`) },
    ...fs.readdirSync(`${place}/fd`).flatMap((fd): Holding[] => {
      const info = fs.readFileSync(`${place}/fdinfo/${fd}`, 'latin1')
      if (/^scm_fds:\s*[1-9]/m.test(info))
        throw new Error(`${program} (${pid}) has descriptors on their way through a socket`)
      const link = `${place}/fd/${fd}`
      const path = fs.readlinkSync(link)
      const mount = numberIn(info, 'mnt_id')
      return path.startsWith('/')
        ? [{ ...base, what: 'a descriptor', path, mount, isNamed: hasName(link, path) }]
        : []
    }),
    // Memory is shared by all threads.
    ...(thread === String(pid) ? mappings(place) : []).map(
      (mapping): Holding => ({ ...base, what: 'a mapping', ...mapping }),
    ),
  ]
}

const isZombie = (place: string): boolean => {
  const stat = fs.readFileSync(`${place}/stat`, 'utf8')
  return 'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3))
}

/** The mount of such a link is told only of a descriptor of one's own. */
const standing = (link: string): Pick<Holding, 'path' | 'mount' | 'isNamed'> => {
  const fd = fs.openSync(link, O_PATH)
  try {
    const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')
    const path = fs.readlinkSync(link)
    return { path, mount: numberIn(info, 'mnt_id'), isNamed: fs.fstatSync(fd).nlink > 0 }
  } finally {
    fs.closeSync(fd)
  }
}

const numberIn = (info: string, name: string): number => {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(info)
  if (!found) throw new Error(`the kernel does not tell ${name} of a descriptor`)
  return Number(found[1])
}

const hasName = (link: string, path: string): boolean => {
  if (path.startsWith('/memfd:')) return false
  const stat = fs.statSync(link)
  return (stat.isFile() || stat.isDirectory()) && stat.nlink > 0
}

type Mapping = Pick<Holding, 'path' | 'mount' | 'isNamed' | 'isWritten'>

/**
 * Mappings of files. `sh` among the flags stands for a file that was opened for writing and is
 * written through (proc(5)).
 */
const mappings = (place: string): Mapping[] => {
  const found = new Map<string, Mapping>()
  let path: string | undefined
  const smaps = fs.readFileSync(`${place}/smaps`, 'utf8')
  for (const line of smaps.split('\n')) {
    const head = /^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ +(\/.*)$/.exec(line)
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) path = head?.[1]
    if (path === undefined || !line.startsWith('VmFlags:')) continue
    const isWritten = line.split(' ').includes('sh')
    const before = found.get(path)
    found.set(path, {
      path,
      mount: undefined,
      isNamed: true,
      isWritten: isWritten || before?.isWritten === true,
    })
  }
  if (found.size === 0 && smaps.includes('/'))
    throw new Error('the kernel tells no flags of mappings')
  return [...found.values()]
}
