import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll } from 'vitest'
import type { Nothing } from '../../src/backend/bubblewrap/program.ts'
import { realHost } from '../../src/machine/real/host.ts'
import type { Grant, Hop, ResolvedPolicy } from '../../src/policy/model.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { backendGrants } from '../../src/resolve/derived.ts'
import { grant, origin, policyOf } from '../policy/builders.ts'

/** Where trees are built: never below a temporary directory that a policy grants. */
const BASE = fs.realpathSync('/var/tmp')

/** A fresh directory, removed by {@link Workspace.dispose}. */
export interface Workspace {
  readonly root: AbsolutePath
  dispose(): void
}

export const workspace = (uid?: number): Workspace => {
  // Short, because the path of a unix socket holds 107 bytes.
  const root = fs.mkdtempSync(path.join(BASE, 'lc-')) as AbsolutePath
  fs.chmodSync(root, 0o755)
  if (uid !== undefined) fs.chownSync(root, uid, uid)
  return { root, dispose: () => fs.rmSync(root, { recursive: true, force: true }) }
}

let probe: Workspace | undefined

/** The directory that holds probe scripts and the stand-in file, one for each test file. */
export const sharedProbe = (): AbsolutePath => (probe ??= workspace()).root

// Registered with the test file that imports this: a test runner's worker ends without an exit
// event.
afterAll(() => probe?.dispose())

/** Writes a script once; the same text has the same file. */
export const writeScript = (directory: AbsolutePath, script: string): string => {
  const file = path.join(
    directory,
    `${crypto.createHash('sha256').update(script).digest('hex').slice(0, 16)}.cjs`,
  )
  if (!fs.existsSync(file)) fs.writeFileSync(file, script, { mode: 0o644 })
  return file
}

/** The unreadable file that stands in for hidden ones, owned by who runs. */
export const standinFile = (uid?: number): AbsolutePath => {
  const file = path.join(sharedProbe(), `standin-${uid ?? 'own'}`) as AbsolutePath
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, '', { mode: 0, flag: 'wx' })
    if (uid !== undefined) fs.chownSync(file, uid, uid)
  }
  return file
}

/** What the sandbox sees at a held name, one for each content. */
export const nothingFile = ({ content }: Nothing): AbsolutePath => {
  const text = JSON.stringify(content)
  const digest = crypto.createHash('sha256').update(text).digest('hex').slice(0, 16)
  const place = path.join(sharedProbe(), `nothing-${digest}`) as AbsolutePath
  if (fs.existsSync(place)) return place
  if (typeof content === 'string') fs.writeFileSync(place, content)
  else {
    fs.mkdirSync(place)
    for (const [name, inner] of Object.entries(content))
      fs.writeFileSync(path.join(place, name), inner)
  }
  return place
}

const SYSTEM_LINKS = ['/bin', '/lib', '/lib32', '/lib64', '/sbin']

const systemGrants = (): { grants: Grant[]; hops: Hop[] } => {
  if (process.platform === 'darwin')
    return {
      grants: ['/usr', '/bin', '/System', path.dirname(path.dirname(process.execPath))].map((dir) =>
        grant('read', dir),
      ),
      hops: [],
    }
  const grants = [grant('read', '/usr')]
  for (const { walked, kind = 'directory', ...provided } of backendGrants(realHost('/')))
    grants.push({ ...provided, kind, path: walked.real })
  const hops: Hop[] = []
  for (const name of SYSTEM_LINKS) {
    const stat = fs.lstatSync(name, { throwIfNoEntry: false })
    if (stat?.isSymbolicLink())
      hops.push({ path: name as AbsolutePath, target: fs.readlinkSync(name), origin: origin() })
    else if (stat?.isDirectory()) grants.push(grant('read', name))
  }
  return { grants, hops }
}

const system = systemGrants()

/**
 * A resolved policy under which Node starts: the system's programs, the probe's directory, and what
 * the test adds.
 */
export const withBase = (parts: Partial<ResolvedPolicy>): ResolvedPolicy =>
  policyOf({
    platform: process.platform === 'darwin' ? 'macos' : 'linux',
    foldsNames: process.platform === 'darwin',
    ...parts,
    grants: [
      ...system.grants,
      grant('read', sharedProbe(), { origin: origin('flag') }),
      ...(parts.grants ?? []),
    ],
    hops: [...system.hops, ...(parts.hops ?? [])],
  })
