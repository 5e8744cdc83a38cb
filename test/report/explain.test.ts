import { describe, expect, it } from 'vitest'
import { changesFor } from '../../src/explain/change.ts'
import type { Denial } from '../../src/explain/denials/model.ts'
import { adviceFor } from '../../src/explain/messages/fix.ts'
import { answerFor } from '../../src/explain/path.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { logExplanationText } from '../../src/report/explain-log.ts'
import { pathExplanationText } from '../../src/report/explain-path.ts'
import { runExplanationText } from '../../src/report/explain-run.ts'
import { paletteFor } from '../../src/report/text.ts'
import { at, grant, policyOf, protection } from '../policy/builders.ts'

const plain = paletteFor(false, {})
const home = at('/home/u')
const policy = policyOf({
  home,
  project: at('/home/u/p'),
  grants: [grant('write', '/home/u/p')],
  protections: [
    protection('hidden', '/home/u/.ssh'),
    protection('read_only', '/home/u/p/.git/hooks'),
  ],
})

describe('the last run', () => {
  const told = (denied: Partial<Denial>, profile = 'default'): string => {
    const denial: Denial = {
      operation: 'read',
      kind: 'path',
      path: '/home/u/docs/a',
      program: '/usr/bin/cat',
      count: 900,
      first: 0,
      last: 0,
      source: 'strace',
      because: 'nothing grants it',
      ...denied,
    }
    const place = { exists: true, kind: 'file' } as const
    const change = changesFor(policy, denial.operation as 'read', at(denial.path), place)[0]
    const record = {
      version: 1,
      id: 'r-1',
      profile,
      project: '/home/u/p',
      backend: 'bubblewrap',
      argv: ['x'],
      started: 0,
      ended: 0,
      exit: 1,
      collector: 'strace',
      gaps: [],
      denials: [denial],
      policy,
    } as const
    return runExplanationText(
      {
        record,
        denials: [{ denial, change, advice: change && adviceFor(profile, change.flags, home) }],
        hosts: [],
        left: undefined,
        home,
      },
      plain,
    )
  }

  it('gives the command for a grant, as `run` takes it', () => {
    expect(told({})).toContain('launcher run --read ~/docs/a -- …\n')
    expect(told({}, 'vibe')).toContain('launcher run vibe --read ~/docs/a\n')
  })

  it('gives no command that lifts: the agent chooses what it is denied', () => {
    const text = told({ path: '/home/u/.ssh/id_rsa' })
    expect(text).not.toContain('--lift')
    expect(text).toContain(
      'see what a lift would open: launcher explain ~/.ssh/id_rsa --profile default',
    )
  })

  it('never proposes to open the home directory for writing', () => {
    expect(told({ operation: 'create', path: '/home/u/.bashrc' })).not.toContain('--write')
    expect(told({ operation: 'create', path: '/home/u/docs/new' })).toContain('--write ~/docs')
  })
})

describe('a path', () => {
  const told = (
    path: string,
    operation: 'read' | 'write',
    exists: boolean,
    of: ResolvedPolicy = policy,
  ): string => {
    const followed = {
      requested: at(path),
      hops: [],
      real: at(path),
      status: exists ? 'exists' : 'missing',
      kind: exists ? 'file' : undefined,
    } as const
    return pathExplanationText(
      { profile: 'default', home, path: followed, answers: [answerFor(of, operation, followed)] },
      plain,
    )
  }

  it('says of a missing file that there is nothing to grant', () => {
    const denied = policyOf({ home, project: at('/home/u/p') })
    const followed = {
      requested: at('/srv/x'),
      hops: [],
      real: at('/srv/x'),
      status: 'missing',
      kind: undefined,
    } as const
    const text = pathExplanationText(
      {
        profile: 'default',
        home,
        path: followed,
        answers: [{ ...answerFor(denied, 'read', followed), changes: [] }],
      },
      plain,
    )
    expect(text).toContain('there is nothing to grant: make it first')
    expect(told('/srv/x', 'read', true)).toContain('launcher run --read /srv/x -- …')
  })

  it('says of a new name in the home directory that only all of it would do', () => {
    expect(told('/home/u/.bashrc', 'write', false)).toContain(
      'only your whole home directory would allow it',
    )
    expect(told('/home/u/docs/a', 'write', false)).toContain('--write ~/docs')
  })

  it('proposes nothing for what the backend makes itself', () => {
    const own = policyOf({ home, grants: [grant('read', '/proc', { provider: 'backend' })] })
    expect(told('/proc/1/environ', 'write', true, own)).not.toContain('--write')
  })

  it('offers the whole protection where a hole for an absent name would have nothing to stand on', () => {
    const changes = changesFor(policy, 'create', at('/home/u/p/.git/hooks/pre-commit'), {
      exists: false,
      kind: undefined,
    })
    expect(
      changes.map(({ flags }) => flags.map(({ flag, path }) => `${flag} ${path}`)),
    ).toContainEqual(['--lift /home/u/p/.git/hooks'])
  })
})

describe('a log', () => {
  it('shows the last line of a traceback, and a command that a shell takes as it stands', () => {
    const raw =
      'Traceback (most recent call last):\n  File "x.py", line 1\nPermissionError: [Errno 13] Permission denied: \'/home/u/my docs/a\''
    const sighting = {
      line: 1,
      lines: 3,
      row: 23,
      raw,
      paths: [],
      operation: undefined,
      error: 'EACCES',
      host: undefined,
      program: undefined,
    } as const
    const fix = "launcher run vibe --read '/home/u/my docs/a'"
    const text = logExplanationText(
      {
        profile: 'vibe',
        home,
        answers: [{ sighting, verdict: 'sandbox', cause: 'c', meaning: undefined, fix }],
        exit: undefined,
        skipped: 0,
        hasMore: false,
      },
      plain,
    )
    expect(text).toContain('line 1  PermissionError')
    expect(text).toContain(`do ${fix}\n`)
  })
})
