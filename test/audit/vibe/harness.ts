import fs from 'node:fs'
import path from 'node:path'
import { audit } from '../../../src/audit/audit.ts'
import type { AuditWorld } from '../../../src/audit/dialect.ts'
import type { Enforcement } from '../../../src/audit/kernel.ts'
import type { AuditReport } from '../../../src/audit/model.ts'
import { vibeDialect } from '../../../src/audit/vibe/dialect.ts'
import type { Host } from '../../../src/machine/host.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { closest } from '../../../src/text/closest.ts'
import { physical } from '../../../src/machine/physical.ts'
import { createWalker } from '../../../src/machine/walk.ts'
import { fakeHost, type FakeOverrides, type FakeTree, file } from '../../fixtures/fake-host.ts'

export const CONFIG = '/home/u/.vibe/config.toml'
export const PROJECT = '/home/u/p'

const checkout = path.resolve(import.meta.dirname, '../../..')

export interface AuditOptions extends FakeOverrides {
  readonly version?: string
  readonly tree?: FakeTree
  readonly words?: readonly string[]
  readonly python?: string
  /** Loads the parser of bash, so that commands are asked about. */
  readonly bash?: boolean
  readonly kernel?: Enforcement
  readonly depth?: 'full' | 'launch'
  readonly project?: string
  readonly file?: string
  readonly mayWrite?: (path: string) => boolean
  /** The installed version, found in the metadata. */
  readonly installed?: string
}

/**
 * A machine with this configuration of Vibe: a string, or whatever a tree may hold at its place;
 * undefined for none.
 */
export const hostWith = (
  config: FakeTree[string] | undefined,
  options: AuditOptions = {},
): Host => {
  const host = fakeHost(
    {
      '/usr/bin/rg': file('', { mode: 0o755 }),
      ...(config === undefined
        ? {}
        : { [CONFIG]: typeof config === 'string' ? file(config, { mode: 0o600 }) : config }),
      ...(options.installed === undefined
        ? {}
        : {
            [`/v/lib/python${options.python ?? '3.12'}/site-packages/mistral_vibe-${options.installed}.dist-info/METADATA`]: `Metadata-Version: 2.4\nName: mistral-vibe\nVersion: ${options.installed}\n\n`,
          }),
      ...options.tree,
    },
    { env: { PATH: '/usr/bin' }, ...options },
  )
  if (options.bash !== true) return host
  return {
    ...host,
    read: (name, limit) =>
      name.endsWith('.wasm')
        ? {
            ok: true,
            bytes: fs.readFileSync(
              path.join(
                checkout,
                name.includes('tree-sitter-bash')
                  ? 'node_modules/tree-sitter-bash/tree-sitter-bash.wasm'
                  : 'node_modules/web-tree-sitter/web-tree-sitter.wasm',
              ),
            ),
          }
        : host.read(name, limit),
  }
}

/** What an audit sees of it. */
const worldOf = (host: Host, options: AuditOptions = {}): AuditWorld => {
  const walk = createWalker(host)
  return {
    host,
    env: host.env,
    project: (options.project ?? PROJECT) as AbsolutePath,
    walk,
    resolve: (name) => {
      const place = physical(walk, '/' as AbsolutePath, name)
      return place === undefined ? name : walk(place).real
    },
    closest,
    installed:
      options.installed === undefined
        ? undefined
        : { executables: ['/v/bin/python' as AbsolutePath], trees: ['/v' as AbsolutePath] },
    ...(options.mayWrite ? { mayWrite: options.mayWrite } : {}),
  }
}

/** A whole audit; without a kernel unless one is given. Version 2.25.8 unless said otherwise. */
export const auditVibe = (
  config: FakeTree[string] | undefined,
  options: AuditOptions = {},
): Promise<AuditReport> => {
  const host = hostWith(config, options)
  const version = options.installed === undefined ? (options.version ?? '2.25.8') : options.version
  return audit(
    vibeDialect,
    {
      file: (options.file ?? CONFIG) as AbsolutePath,
      words: options.words ?? [],
      depth: options.depth ?? 'full',
      ...(version === undefined ? {} : { agentVersion: version }),
    },
    worldOf(host, options),
    options.kernel ?? { missing: 'none in this test' },
  )
}

/** Findings of one check. */
export const findingsOf = (report: AuditReport, id: string) =>
  report.findings.filter((finding) => finding.id === id)
