import { describe, expect, it } from 'vitest'
import { opencodeDialect } from '../../../src/audit/opencode/dialect.ts'
import { matchesWildcard } from '../../../src/audit/opencode/permissions.ts'
import { dir } from '../../fixtures/fake-host.ts'
import { type AuditOptions, auditWith, PROJECT } from '../shared/harness.ts'

const CONFIG = '/home/u/.config/opencode/opencode.json'

const verdicts = async (
  permission: unknown,
  options: AuditOptions = {},
  more: object = {},
): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (
      await auditWith(
        opencodeDialect,
        CONFIG,
        JSON.stringify({ ...(permission === undefined ? {} : { permission }), ...more }),
        options,
      )
    ).probes.map(({ id, gate }) => [id, gate.verdict]),
  )

describe('patterns of OpenCode', () => {
  it.each([
    // opencode.ai/docs/permissions, wildcards.
    ['git *', 'git status', true],
    ['git *', 'git', true],
    ['git *', 'gitk', false],
    ['*', 'a/b', true],
    ['*.env', 'deep/down/.env', true],
    ['*.env', '.env.local', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a.c', 'abc', false],
  ])('%s matches %s: %s', (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected)
  })
})

describe('the gate of OpenCode', () => {
  it.each([
    ['the project is read', undefined, 'read ./secrets/key.pem @project', 'RUNS'],
    ['.env asks', undefined, 'read ./.env @project', 'ASKS'],
    ['outside asks', undefined, 'read ~/.ssh/id_rsa @project', 'ASKS'],
    ['started at home, home is inside', undefined, 'read ~/.ssh/id_rsa @home', 'RUNS'],
    ['the project is written', undefined, 'edit ./.envrc @project', 'RUNS'],
    ['a command runs', undefined, 'bash sort ~/.ssh/id_rsa @project', 'RUNS'],
    [
      'one whose arguments are looked at is left out',
      undefined,
      'bash cat ~/.ssh/id_rsa @project',
      undefined,
    ],
    ['everything is allowed by one word', 'allow', 'read ~/.ssh/id_rsa @project', 'RUNS'],
    ['everything is denied by one word', 'deny', 'bash cat ~/.ssh/id_rsa @project', 'DENIED'],
    [
      'the last pattern wins',
      { external_directory: { '*': 'deny', '~/.ssh/**': 'allow' } },
      'read ~/.ssh/id_rsa @project',
      'RUNS',
    ],
    [
      'in whatever order',
      { external_directory: { '~/.ssh/**': 'allow', '*': 'deny' } },
      'read ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    [
      'the strictest of both permissions counts',
      { external_directory: 'allow', read: 'deny' },
      'read ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    ['a search is not a read', { read: 'deny' }, 'grep ./.env @project', 'RUNS'],
    [
      'what depends on how a path is written is left out',
      { read: { '/home/u/p/*': 'deny' } },
      'read ./secrets/key.pem @project',
      undefined,
    ],
    [
      'different actions for commands are left out',
      { bash: { '*': 'ask', 'git *': 'allow' } },
      'bash sort ~/.ssh/id_rsa @project',
      undefined,
    ],
  ])('%s', async (_, permission, id, expected) => {
    expect((await verdicts(permission)).get(id)).toBe(expected)
  })

  it('--auto answers what would ask, and not what is denied', async () => {
    expect(
      (await verdicts(undefined, { words: ['--auto'] })).get('read ~/.ssh/id_rsa @project'),
    ).toBe('RUNS')
    expect(
      (await verdicts({ external_directory: 'deny' }, { words: ['--auto'] })).get(
        'read ~/.ssh/id_rsa @project',
      ),
    ).toBe('DENIED')
  })

  it('an agent’s own permissions come last', async () => {
    expect(
      (
        await verdicts(
          { edit: 'deny' },
          {},
          { agent: { build: { permission: { edit: 'allow' } } } },
        )
      ).get('edit ./.envrc @project'),
    ).toBe('RUNS')
    expect(
      (
        await verdicts(
          { edit: 'deny' },
          {},
          { agent: { other: { permission: { edit: 'allow' } } } },
        )
      ).get('edit ./.envrc @project'),
    ).toBe('DENIED')
  })

  it('an agent in a markdown file is not guessed', async () => {
    expect(
      (
        await verdicts(undefined, {
          tree: { [`${PROJECT}/.opencode/agent/build.md`]: '---\n---\n' },
        })
      ).size,
    ).toBe(0)
  })
})

describe('the layers of OpenCode', () => {
  it.each([
    [
      'a project comes before the user without being trusted',
      { tree: { [`${PROJECT}/opencode.json`]: '{ "permission": { "bash": "allow" } }' } },
      'RUNS',
    ],
    [
      'so does the root of its repository',
      {
        project: `${PROJECT}/a`,
        tree: {
          [`${PROJECT}/.git`]: dir(),
          [`${PROJECT}/opencode.jsonc`]: '{ "permission": { "bash": "allow" } } // yes',
        },
      },
      'RUNS',
    ],
    [
      'what lies above that is not read',
      {
        project: `${PROJECT}/a`,
        tree: {
          [`${PROJECT}/a/.git`]: dir(),
          [`${PROJECT}/opencode.jsonc`]: '{ "permission": { "bash": "allow" } }',
        },
      },
      'DENIED',
    ],
    [
      'the environment comes before both',
      { env: { OPENCODE_PERMISSION: '{ "bash": "ask" }' } },
      'ASKS',
    ],
  ] as const)('%s', async (_, options, expected) => {
    expect(
      (await verdicts({ bash: 'deny', external_directory: 'allow' }, options as AuditOptions)).get(
        'bash sort ~/.ssh/id_rsa @project',
      ),
    ).toBe(expected)
  })
})
