import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  builtinAgentLayer,
  effectiveConfig,
  environmentLayer,
} from '../../../../src/audit/vibe/semantics/layers.ts'
import { migrated } from '../../../../src/audit/vibe/semantics/migrations/migrations.ts'
import { nameMatches } from '../../../../src/audit/vibe/semantics/tool-names.ts'
import type { Layer } from '../../../../src/audit/vibe/semantics/types.ts'
import { NEWEST_KNOWN, semanticsOf } from '../../../../src/audit/vibe/semantics/versions.ts'
import { cpuSince } from '../../../fixtures/cpu.ts'

const of = (version: string) => semanticsOf(version).semantics
const user = (values: Record<string, unknown>): Layer => ({ name: 'user', values })
const project = (values: Record<string, unknown>): Layer => ({ name: 'project', values })
const tools = (config: ReturnType<typeof effectiveConfig>, tool: string) =>
  (config.values['tools'] as Record<string, Record<string, unknown>>)[tool]

describe('layers', () => {
  it('a project replaces the user before 2.24 and is laid over it from then on, its lists instead of his', () => {
    const layers = [
      project({ tools: { read_file: { denylist: [] } } }),
      user({
        enable_telemetry: false,
        tools: { read_file: { denylist: ['*/.ssh/*'], permission: 'ask' } },
      }),
    ]
    const replaced = effectiveConfig(layers, of('2.23.3'))
    expect(tools(replaced, 'read_file')).toMatchObject({ denylist: [], permission: 'always' })
    expect(replaced.values['enable_telemetry']).toBe(true)
    expect(replaced.layerOf(['enable_telemetry'])).toBe('defaults')
    const composed = effectiveConfig(layers, of('2.24.0'))
    expect(tools(composed, 'read_file')).toMatchObject({ denylist: [], permission: 'ask' })
    expect(
      [
        ['enable_telemetry'],
        ['tools', 'read_file', 'denylist'],
        ['tools', 'read_file', 'permission'],
        ['tools', 'read_file', 'allowlist'],
        ['nothing'],
      ].map(composed.layerOf),
    ).toEqual(['user', 'project', 'user', 'defaults', 'defaults'])
  })

  it('lists of names are appended from 2.22 and servers united by name; enabled_tools is replaced', () => {
    const config = effectiveConfig(
      [
        user({
          disabled_tools: ['a'],
          enabled_tools: ['x'],
          mcp_servers: [{ name: 's', url: '1' }, { name: 't' }],
        }),
        project({
          disabled_tools: ['b'],
          enabled_tools: ['y'],
          mcp_servers: [{ name: 's', url: '2' }],
        }),
      ],
      of('2.25.0'),
    )
    expect(config.values).toMatchObject({
      disabled_tools: ['a', 'b'],
      enabled_tools: ['y'],
      mcp_servers: [{ name: 's', url: '2' }, { name: 't' }],
    })
  })

  it('a table under tools that is none is empty: the defaults come back, and its layer is none', () => {
    const config = effectiveConfig(
      [
        user({ tools: { read_file: { denylist: ['*'] }, bash: 7 } }),
        project({ tools: { read_file: 'never' } }),
      ],
      of('2.26.1'),
    )
    expect(tools(config, 'read_file')).toMatchObject({ permission: 'always', denylist: [] })
    expect(config.layerOf(['tools', 'read_file', 'denylist'])).toBe('defaults')
    expect(config.layerOf(['tools', 'read_file'])).toBe('project')
  })

  it('before 2.6 a table resets what it does not say to ask and empty lists', () => {
    const layers = [
      user({ tools: { bash: { permission: 'ask' }, read_file: { denylist: ['x'] } } }),
    ]
    expect(tools(effectiveConfig(layers, of('2.5.0')), 'bash')).toMatchObject({
      allowlist: [],
      denylist: [],
    })
    expect(tools(effectiveConfig(layers, of('2.5.0')), 'read_file')).toMatchObject({
      permission: 'ask',
    })
    expect(tools(effectiveConfig(layers, of('2.6.0')), 'read_file')).toMatchObject({
      permission: 'always',
    })
  })

  it('a default is replaced, never joined: an empty list of the user empties it', () => {
    expect(
      tools(effectiveConfig([user({ tools: { bash: { denylist: [] } } })], of('2.18.4')), 'bash'),
    ).toMatchObject({
      denylist: [],
      denylist_standalone: expect.arrayContaining(['python3']) as unknown,
    })
  })

  it.each([
    [
      '2.13.0',
      'plan',
      { tools: { search_replace: { permission: 'never', allowlist: ['/h/.vibe/plans/*'] } } },
    ],
    ['2.2.1', 'plan', { auto_approve: true }],
    ['2.18.4', 'chat', { bypass_tool_permissions: true }],
    [
      '2.26.1',
      'accept-edits',
      { tools: { write_file: { permission: 'always' }, edit: { permission: 'always' } } },
    ],
    ['2.26.1', 'auto-approve', { bypass_tool_permissions: true }],
    ['2.26.1', 'ask', {}],
  ])('%s has the agent %s', (version, name, values) => {
    expect(builtinAgentLayer(name, of(version), '/h/.vibe')?.values).toMatchObject(values)
  })

  it.each([
    ['2.26.1', 'chat'],
    ['2.26.1', 'default'],
    ['3.0.3', 'plan'],
    ['2.18.4', 'ask'],
    ['2.18.4', 'constructor'],
  ])('%s has no agent %s', (version, name) => {
    expect(builtinAgentLayer(name, of(version), '/h/.vibe')).toBeUndefined()
  })
})

describe('VIBE_* variables', () => {
  const env = {
    VIBE_ENABLE_TELEMETRY: 'no',
    vibe_default_agent: 'plan',
    VIBE_BYPASS_TOOL_PERMISSIONS: 'maybe',
    VIBE_TOOLS: '{"bash":{"permission":"never"},"grep":{"permission":"ask"}}',
    VIBE_TOOLS__BASH__PERMISSION: 'always',
    VIBE_TOOLS__BASH__ALLOWLIST: '["ls"]',
    VIBE_NOTHING: '1',
    VIBE_WORKTREE_LIMIT: '3',
    VIBE_DISABLED_TOOLS: 'x',
    VIBE_HOME: '/x',
    OTHER: '1',
    VIBE_SYSTEM_PROMPT_ID: '',
  }
  it('reach into tables from 2.22; what cannot be read, is unknown or is empty says nothing', () => {
    expect(environmentLayer(env, of('2.26.1'))).toEqual({
      name: 'environment',
      values: {
        enable_telemetry: false,
        default_agent: 'plan',
        worktree_limit: 3,
        tools: { bash: { permission: 'always', allowlist: ['ls'] }, grep: { permission: 'ask' } },
      },
    })
  })
  it('are whole values before', () => {
    expect(environmentLayer(env, of('2.21.0')).values['tools']).toEqual({
      bash: { permission: 'never' },
      grep: { permission: 'ask' },
    })
  })
})

describe('migrations', () => {
  it.each([
    ['2.4.0', { tools: { bash: { allowlist: ['find'] } } }, []],
    ['2.5.0', { tools: { bash: { allowlist: ['find'] } } }, ['takes "find" off']],
    ['2.9.0', { tools: { bash: { allowlist: ['ls'] } } }, ['adds "find"']],
    ['2.13.0', { tools: { bash: { allowlist: ['find', 'npm *'] } } }, ['cuts " *"']],
    [
      '2.15.0',
      { tools: { bash: { allowlist: ['find'] } } },
      ['adds 37 commands', 'to applied_migrations'],
    ],
    ['2.9.0', { tools: { bash: { allowlist: ['find', 'npm *'] } } }, []],
    ['2.9.0', { active_model: 'devstral-2' }, []],
    ['2.9.1', { active_model: 'devstral-2' }, ['sets active_model to "mistral-medium-3.5"']],
    [
      '2.13.0',
      { models: [{ name: 'mistral-vibe-cli-latest', alias: 'devstral-2' }] },
      ['renames the model "devstral-2"'],
    ],
    [
      '2.14.0',
      { models: [{ name: 'mistral-vibe-cli-latest', alias: 'devstral-2' }] },
      ['renames the model "devstral-2"', 'adds supports_images'],
    ],
    [
      '2.24.0',
      { models: [{ name: 'devstral-small-latest', provider: 'mistral', thinking: 'high' }] },
      ['sets thinking to "off"'],
    ],
    [
      '2.25.0',
      { active_model: 'devstral-small', models: [{ alias: 'devstral-small', thinking: 'high' }] },
      ['drops the model "devstral-small"', 'empties active_model'],
    ],
    [
      '2.26.1',
      { active_model: 'devstral-small', models: [{ alias: 'devstral-small', thinking: 'high' }] },
      ['drops the model "devstral-small"'],
    ],
    ['2.26.0', { models: [{ alias: 'local' }] }, []],
    ['2.26.1', { models: [{ alias: 'local' }] }, ['completes the model "local"']],
    ['3.0.2', { tools: { bash: { default_timeout: 300 } } }, []],
    ['3.0.3', { tools: { bash: { default_timeout: 300 } } }, ['drops default_timeout = 300']],
    ['3.0.3', { tools: { bash: { default_timeout: 300, max_timeout_seconds: 600 } } }, []],
    ['3.0.3', { tools: { bash: { default_timeout: 200 } } }, []],
    [
      '3.0.3',
      {
        auto_compact_threshold: -1,
        models: [{ name: 'x', provider: 'y', auto_compact_threshold: -1 }],
      },
      ['drops auto_compact_threshold', 'from the model "x"'],
    ],
    [
      '2.15.0',
      {
        applied_migrations: ['bash_read_only_defaults_v1'],
        tools: { bash: { allowlist: ['find'] } },
      },
      [],
    ],
    [
      '2.14.0',
      {
        tools: { read_file: {}, search_replace: {}, edit: {} },
        disabled_tools: ['read_file', 'x'],
      },
      [
        'renames [tools.read_file] to [tools.read]',
        'drops [tools.search_replace]',
        'renames tools in disabled_tools',
      ],
    ],
    [
      '2.19.0',
      { tools: { read: { denylist: ['x'] } } },
      ['renames [tools.read] to [tools.read_file]'],
    ],
    [
      '2.24.1',
      { default_agent: 'default', disabled_agents: ['default'] },
      ['in default_agent', 'in disabled_agents'],
    ],
    ['2.24.1', { disabled_agents: ['accept-*'] }, ['sets default_agent to "ask"']],
    ['3.0.3', {}, []],
    ['3.0.3', { tools: 'x', applied_migrations: 7, disabled_tools: [1], enabled_agents: {} }, []],
  ])('%s of %j', (version, values, clauses) => {
    const { values: after, changes } = migrated(values, of(version))
    expect(changes).toHaveLength(clauses.length)
    clauses.forEach((clause, index) => expect(changes[index]!.clause).toContain(clause))
    expect(migrated(after, of(version)).changes).toEqual([])
  })

  it('what another file says keeps a migration from being made', () => {
    const local = { models: [{ alias: 'local' }] }
    const whole = { models: [{ alias: 'local', name: 'mine', provider: 'ours' }] }
    expect(migrated(local, of('3.0.3'), { layer: 'user', others: [whole] }).changes).toEqual([])
    const seeded = { tools: { bash: { default_timeout: 300 } } }
    const maximum = { tools: { bash: { max_timeout_seconds: 900 } } }
    expect(migrated(seeded, of('3.0.3'), { layer: 'user', others: [maximum] }).changes).toEqual([])
    expect(migrated(seeded, of('3.0.3'), { layer: 'project', others: [] }).changes).toEqual([])
  })

  it("the gate sees a file's rules under the tool's new name, and the commands added to bash", () => {
    const config = effectiveConfig(
      [user({ tools: { search_replace: { denylist: ['*'] }, bash: { allowlist: ['make'] } } })],
      of('2.18.4'),
    )
    expect(tools(config, 'edit')).toMatchObject({ denylist: ['*'] })
    expect(tools(config, 'bash')?.['allowlist']).toEqual(
      expect.arrayContaining(['make', 'find', 'less']),
    )
  })
})

describe('patterns for names', () => {
  it.each([
    ['read_file', ['READ*'], true],
    ['read_file', [' read_file '], true],
    ['read_file', ['re:read_.*'], true],
    ['read_file', ['re:read'], false],
    ['read_file', ['re:(?P<x>READ)_file'], true],
    ['read_file', ['re:('], false],
    ['read_file', ['', '  ', 7, null], false],
    ['read_file', ['re:(((.*)*)*)*!'], false],
  ])('%s and %j: %s', (name, patterns, answer) => {
    expect(nameMatches(name, patterns)).toBe(answer)
  })

  it('an expression cannot hold up the audit', () => {
    const start = process.cpuUsage()
    for (const source of [
      '(a*)*b',
      '(.*)*(.*)*x',
      `${'.*'.repeat(400)}x`,
      '(?:(?:(?:\\w+)+)+)+!',
      '.*.*.*.*.*.*x',
    ])
      nameMatches('ask_user_question', [`re:${source}`])
    expect(cpuSince(start)).toBeLessThan(2000)
  })
})

describe('hostile values', () => {
  it('no value of any type at any place makes layers, migrations or the environment throw', () => {
    const key = fc.constantFrom(
      'tools',
      'bash',
      'read_file',
      'search_replace',
      'permission',
      'allowlist',
      'denylist',
      'enabled_tools',
      'disabled_tools',
      'applied_migrations',
      'default_agent',
      'disabled_agents',
      'mcp_servers',
      'providers',
      'models',
      '__proto__',
      'constructor',
      'x',
    )
    const values = fc.dictionary(
      key,
      fc.oneof(
        fc.anything({ key, maxDepth: 4, withBigInt: true, withDate: true, withSparseArray: true }),
        fc.object({ key, maxDepth: 4 }),
      ),
    )
    fc.assert(
      fc.property(
        values,
        values,
        fc.dictionary(
          fc.string().map((name) => `VIBE_${name}`),
          fc.string(),
        ),
        fc.constantFrom('1.0.0', '2.2.1', '2.18.4', '2.24.1', NEWEST_KNOWN),
        (one, other, env, version) => {
          const config = effectiveConfig(
            [user(one), project(other), environmentLayer(env, of(version))],
            of(version),
          )
          expect(config.layerOf(['tools', 'bash', 'permission', 'x'])).toBeTypeOf('string')
          expect(migrated(one, of(version)).changes).toBeInstanceOf(Array)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('tables nested beyond reason are not followed', () => {
    const deep = (depth: number): Record<string, unknown> => {
      let table: Record<string, unknown> = {}
      for (let at = 0; at < depth; at++) table = { tools: table }
      return table
    }
    expect(() =>
      effectiveConfig([user(deep(50_000)), project(deep(50_000))], of(NEWEST_KNOWN)),
    ).not.toThrow()
  })
})
