import type { ResolvedPolicy } from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { grant, lift, originAt, policyOf, protect } from './worlds.ts'

const path = (text: string): AbsolutePath => text as AbsolutePath
const rule = (text: string, line: number) => ({ path: path(text), origin: originAt(line) })

/** One read tree, one write tree, one hidden file. */
export const small: ResolvedPolicy = policyOf({
  grants: [grant('/usr/lib', 'read'), grant('/Users/me/project', 'write')],
  protections: [protect('/Users/me/project/.env', 'hidden', { entry: 'file' })],
})

/** The shape of a Vibe run behind the proxy. */
export const vibe: ResolvedPolicy = policyOf({
  mode: 'allowlist',
  loopback: [5432],
  listen: [3000],
  features: ['multiprocessing'],
  project: path('/Users/me/project'),
  home: path('/Users/me'),
  grants: [
    grant('/System/Library', 'read'),
    grant('/usr/lib', 'read'),
    grant('/private/etc/hosts', 'read', 'file'),
    grant('/Users/me/.vibe', 'read'),
    grant('/Users/me/.vibe/logs', 'write'),
    grant('/Users/me/.local/share/uv/tools/mistral-vibe', 'read'),
    grant('/Users/me/project', 'write'),
    grant('/Users/me/project/vendor', 'read'),
  ],
  protections: [
    protect('/Users/me/.ssh', 'hidden'),
    protect('/Users/me/.vibe/.env', 'hidden', { entry: 'file' }),
    protect('/Users/me/.vibe/config.toml', 'read_only', { entry: 'file' }),
    protect('/Users/me/project/.git/config', 'read_only', { entry: 'file' }),
    protect('/Users/me/project/.git/hooks', 'read_only', { exists: false }),
    protect('/Users/me/project/.vscode', 'read_only', { exists: false }),
    protect('/Users/me/project/secrets', 'hidden'),
  ],
  patterns: [
    { root: path('/Users/me/project'), pattern: '**/.env*', kind: 'hidden', origin: originAt(25) },
  ],
  lifts: [
    lift('/Users/me/.vibe/.env'),
    lift('/Users/me/project/.git/hooks/pre-commit'),
    lift('/Users/me/project/secrets/public/example'),
  ],
  hops: [
    {
      path: path('/Users/me/.local/bin/vibe'),
      target: '../share/uv/tools/mistral-vibe/bin/vibe',
      origin: originAt(40),
    },
  ],
  stats: [{ path: path('/Users/me/.local/bin'), origin: originAt(41) }],
  sockets: {
    connect: [rule('/private/tmp/agent.sock', 50)],
    bind: [rule('/private/tmp/vibe/mcp.sock', 51)],
    masked: [rule('/Users/me/project/db.sock', 52)],
  },
})

const deep = `/deep/${Array.from({ length: 200 }, (_, i) => `d${i}`).join('/')}`

/** Names that try to leave their string, their regex, their line or their limit. */
export const nasty: ResolvedPolicy = policyOf({
  grants: [
    grant('/w/with space', 'write'),
    grant('/w/with space/"quoted") (allow default) ;', 'none'),
    grant('/w/line\nfeed', 'write'),
    grant('/Users/ren\u00e9/projet', 'write'),
    grant('/w/back\\slash', 'read'),
    grant(deep, 'read'),
  ],
  protections: [
    protect('/w/with space/a[b]*(c|d)?{e}^$.+', 'hidden', { exists: false }),
    protect('/w/line\nfeed/x\ny', 'read_only'),
    protect('/Users/ren\u00e9/projet/cl\u00e9s', 'hidden', { exists: false }),
    protect('/Users/ren\u00e9/projet/.git/hooks', 'read_only', { exists: false }),
    protect(`${deep}/stra\u00dfe`, 'hidden'),
  ],
  patterns: [
    {
      root: path('/w/with space'),
      pattern: '**/[!a-c]?(x)/*.k"y',
      kind: 'hidden',
      origin: originAt(60),
    },
  ],
})
