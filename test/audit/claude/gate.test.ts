import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claudeDialect } from '../../../src/audit/claude/dialect.ts'
import { coversPath } from '../../../src/audit/claude/path-patterns.ts'
import { matchesCommand } from '../../../src/audit/claude/permission-rules.ts'
import { cpuSince } from '../../fixtures/cpu.ts'
import { link } from '../../fixtures/fake-host.ts'
import { type AuditOptions, auditWith, PROJECT } from '../shared/harness.ts'

const SETTINGS = '/home/u/.claude/settings.json'
const anchors = { home: '/home/u', project: PROJECT, cwd: `${PROJECT}/src` }

describe('path patterns of Claude Code', () => {
  it.each([
    // The table of code.claude.com/docs/en/permissions, Read and Edit.
    ['//home/u/secrets/**', '/home/u/secrets/a', true],
    ['//home/u/secrets/**', '/home/u/secrets', false],
    ['~/Documents/*.pdf', '/home/u/Documents/a.pdf', true],
    ['~/Documents/*.pdf', '/home/u/Documents/a/b.pdf', false],
    ['/docs/**', `${PROJECT}/docs/a`, true],
    ['/docs/**', '/docs/a', false],
    ['/home/u/.ssh/**', '/home/u/.ssh/id_rsa', false],
    ['.env', `${PROJECT}/src/.env`, true],
    ['.env', `${PROJECT}/src/deep/.env`, true],
    ['**/.env', `${PROJECT}/src/deep/.env`, true],
    ['.env', `${PROJECT}/.env`, false],
    ['./.env', `${PROJECT}/src/.env`, true],
    ['//**/.env', '/anywhere/at/all/.env', true],
    ['~/.ssh', '/home/u/.ssh/id_rsa', true],
    ['~/.ssh/', '/home/u/.ssh/id_rsa', true],
    ['~/.ss?', '/home/u/.ssh/id_rsa', true],
    ['~/.ssh', '/home/u/.sshx/id_rsa', false],
    ['~', '/home/u/a', true],
    ['~/**', '/home/u/.ssh/id_rsa', true],
  ])('%s covers %s: %s', (pattern, path, expected) => {
    expect(coversPath(pattern, path, anchors)).toBe(expected)
  })

  it('a path without special characters covers itself and what lies beneath, and nothing beside', () => {
    const name = fc.stringMatching(/^[a-z.]{1,8}$/).filter((one) => one !== '.' && one !== '..')
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), name, (names, more) => {
        const path = `/${names.join('/')}`
        expect(coversPath(`/${path}`, path, anchors)).toBe(true)
        expect(coversPath(`/${path}`, `${path}/${more}`, anchors)).toBe(true)
        expect(coversPath(`/${path}/${more}`, path, anchors)).toBe(false)
      }),
    )
  })

  it('patterns made of stars stay quick', () => {
    const start = process.cpuUsage()
    coversPath(`//${'**/*/'.repeat(300)}x`, `/${'a/'.repeat(300)}b`, anchors)
    coversPath(`//${'*a'.repeat(500)}`, `/${'a'.repeat(2000)}b`, anchors)
    expect(cpuSince(start)).toBeLessThan(1000)
  })
})

describe('command patterns of Claude Code', () => {
  it.each([
    // The examples of code.claude.com/docs/en/permissions, Bash.
    ['npm run build', 'npm run build', true],
    ['npm run build', 'npm run build:dev', false],
    ['ls *', 'ls -la', true],
    ['ls *', 'ls', true],
    ['ls *', 'lsof', false],
    ['ls*', 'lsof', true],
    ['ls:*', 'ls -la', true],
    ['ls:*', 'lsof', false],
    ['git * main', 'git push origin main', true],
    ['git * main', 'git push origin dev', false],
    ['* install', 'npm install', true],
    ['git:* push', 'git push', false],
  ])('%s matches %s: %s', (pattern, command, expected) => {
    expect(matchesCommand(pattern, command)).toBe(expected)
  })
})

describe('the gate of Claude Code', () => {
  const verdicts = async (
    permissions: unknown,
    options: AuditOptions = {},
  ): Promise<ReadonlyMap<string, string>> => {
    const { probes } = await auditWith(
      claudeDialect,
      SETTINGS,
      JSON.stringify({ permissions }),
      options,
    )
    return new Map(probes.map(({ id, gate }) => [id, gate.verdict]))
  }

  it.each([
    [
      'what lies in the project is read',
      { defaultMode: 'default' },
      'Read ./.env @project',
      'RUNS',
    ],
    ['what lies outside asks', { defaultMode: 'default' }, 'Read ~/.ssh/id_rsa @project', 'ASKS'],
    [
      'in the home directory everything lies inside',
      { defaultMode: 'default' },
      'Read ~/.ssh/id_rsa @home',
      'RUNS',
    ],
    [
      'an additional directory is inside',
      { defaultMode: 'default', additionalDirectories: ['~/.ssh'] },
      'Read ~/.ssh/id_rsa @project',
      'RUNS',
    ],
    [
      'deny comes before allow',
      { defaultMode: 'default', allow: ['Read'], deny: ['Read(~/.ssh/**)'] },
      'Read ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    [
      'deny holds in bypassPermissions',
      { defaultMode: 'bypassPermissions', deny: ['Read(~/.ssh/**)'] },
      'Read ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    [
      'bypassPermissions runs the rest',
      { defaultMode: 'bypassPermissions' },
      'Edit ~/.zshrc @project',
      'RUNS',
    ],
    ['edits ask', { defaultMode: 'default' }, 'Edit ./.envrc @project', 'ASKS'],
    [
      'dontAsk refuses what would ask',
      { defaultMode: 'dontAsk' },
      'Read ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    [
      'acceptEdits asks for protected paths',
      { defaultMode: 'acceptEdits' },
      'Edit ./.git/config @project',
      'ASKS',
    ],
    [
      'one slash in front is not the root',
      { defaultMode: 'bypassPermissions', deny: ['Read(/home/u/.ssh/**)'] },
      'Read ~/.ssh/id_rsa @project',
      'RUNS',
    ],
    [
      'a Write pattern is not asked',
      { defaultMode: 'bypassPermissions', deny: ['Write(~/.zshrc)'] },
      'Write ~/.zshrc @project',
      'RUNS',
    ],
    [
      'an Edit pattern holds for Write',
      { defaultMode: 'bypassPermissions', deny: ['Edit(~/.zshrc)'] },
      'Write ~/.zshrc @project',
      'DENIED',
    ],
    [
      'Bash is denied as a whole',
      { defaultMode: 'bypassPermissions', deny: ['Bash'] },
      'Bash cat ~/.ssh/id_rsa @project',
      'DENIED',
    ],
    [
      'a command asks',
      { defaultMode: 'default' },
      'Bash cp ~/.ssh/id_rsa key.txt @project',
      'ASKS',
    ],
    [
      'an allowed one runs',
      { defaultMode: 'default', allow: ['Bash(cp *)'] },
      'Bash cp ~/.ssh/id_rsa key.txt @project',
      'RUNS',
    ],
    [
      'what only the parser knows is left out',
      { defaultMode: 'default' },
      'Bash cd ~ && cat .ssh/id_rsa @project',
      undefined,
    ],
    ['without a mode the plan decides', {}, 'Read ~/.ssh/id_rsa @project', undefined],
  ])('%s', async (_, permissions, id, expected) => {
    expect((await verdicts(permissions)).get(id)).toBe(expected)
  })

  it('a link out of the project counts by both of its ends', async () => {
    const tree = { [`${PROJECT}/.env`]: link('/home/u/.ssh/id_rsa'), '/home/u/.ssh/id_rsa': 'k' }
    expect((await verdicts({ defaultMode: 'default' }, { tree })).get('Read ./.env @project')).toBe(
      'ASKS',
    )
    expect(
      (await verdicts({ defaultMode: 'default', deny: ['Read(~/.ssh/**)'] }, { tree })).get(
        'Read ./.env @project',
      ),
    ).toBe('DENIED')
  })
})

describe('the layers of Claude Code', () => {
  const local = (permissions: unknown): AuditOptions => ({
    tree: { [`${PROJECT}/.claude/settings.local.json`]: JSON.stringify({ permissions }) },
  })
  const managed = (permissions: unknown): AuditOptions => ({
    tree: { '/etc/claude-code/managed-settings.json': JSON.stringify({ permissions }) },
  })
  const ids = async (permissions: unknown, options: AuditOptions): Promise<readonly string[]> =>
    (
      await auditWith(claudeDialect, SETTINGS, JSON.stringify({ permissions }), options)
    ).findings.map(({ id }) => id)

  it.each([
    [
      'local comes before the user',
      { defaultMode: 'plan' },
      local({ defaultMode: 'acceptEdits' }),
      true,
    ],
    [
      'the command line comes before both',
      { defaultMode: 'acceptEdits' },
      { words: ['--permission-mode', 'plan'] },
      false,
    ],
    [
      'managed settings come before all',
      { defaultMode: 'plan' },
      { ...managed({ defaultMode: 'acceptEdits' }), words: ['--permission-mode', 'plan'] },
      true,
    ],
  ])('%s', async (_, permissions, options, expected) => {
    expect((await ids(permissions, options)).includes('C103')).toBe(expected)
  })

  it('a project cannot turn on bypassPermissions, the user can', async () => {
    expect(await ids({}, local({ defaultMode: 'bypassPermissions' }))).not.toContain('C101')
    expect(await ids({ defaultMode: 'bypassPermissions' }, {})).toContain('C101')
  })

  it('lists of all layers add up', async () => {
    const { probes } = await auditWith(
      claudeDialect,
      SETTINGS,
      JSON.stringify({ permissions: { defaultMode: 'default', deny: ['Read(~/.ssh/**)'] } }),
      local({ deny: ['Read(./.env)'] }),
    )
    expect(
      probes
        .filter(({ gate, cwd }) => gate.verdict === 'DENIED' && cwd === 'project')
        .map(({ subject }) => subject),
    ).toEqual(expect.arrayContaining(['~/.ssh/id_rsa', './.env']))
  })
})
