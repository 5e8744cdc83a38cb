import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policyOf } from '../policy/builders.ts'

const CHECKOUT = path.resolve(import.meta.dirname, '../..')

/** Uses each module as a stranger would and prints what came of it as JSON. */
const PROGRAM = `
import { compilePolicy, OPERATIONS, type ResolvedPolicy, toAbsolutePath } from 'launcher/policy'
import { checkProfile, compile, parse, SbplError } from 'launcher/sbpl'
import { auditFile, type AuditReport } from 'launcher/audit'

const project = toAbsolutePath('/home/u/code')!
const origin = { strength: 'builtin', file: 'test', key: 'grants' } as const
const policy: ResolvedPolicy = {
  ...JSON.parse(process.argv[2]!),
  grants: [{ path: project, access: 'write', kind: 'directory', exists: true, origin }],
}
const decider = compilePolicy(policy)
const profile = '(version 1)\\n(deny default)\\n(allow file-read* (subpath "/usr"))'
const refused = (() => {
  try { compile('(version 1'); return undefined } catch (error) { return error instanceof SbplError }
})()
const report: AuditReport = await auditFile({ file: process.argv[3]!, env: {} })
console.log(JSON.stringify({
  operations: OPERATIONS.length,
  inside: decider.decide('write', toAbsolutePath('/home/u/code/a')!).allowed,
  outside: decider.decide('read', toAbsolutePath('/home/u/.ssh/id')!).allowed,
  forms: parse(profile).length,
  usr: compile(profile).decide('file-read-data', { path: '/usr/bin/true' }).allowed,
  etc: compile(profile).decide('file-read-data', { path: '/etc/passwd' }).allowed,
  refused,
  findings: checkProfile(profile).length,
  format: report.format,
  rules: report.findings.map(({ id }) => id),
}))
`

describe('the package as a stranger installs it', () => {
  let folder = ''

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher package ')) // with a space
    const npm = (cwd: string, ...words: string[]): string =>
      execFileSync('npm', [...words, '--no-audit', '--loglevel=error'], { cwd, encoding: 'utf8' })
    npm(CHECKOUT, 'pack', '--pack-destination', folder)
    const tarball = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'))!
    const app = path.join(folder, 'app')
    fs.mkdirSync(app)
    fs.writeFileSync(path.join(app, 'package.json'), '{ "private": true, "type": "module" }')
    npm(app, 'install', '--omit=dev', '--ignore-scripts', path.join(folder, tarball))
  })

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

  const inApp = (...names: string[]): string => path.join(folder, 'app', ...names)

  it('has types that its modules keep, and runs without a build', () => {
    fs.writeFileSync(inApp('use.mts'), PROGRAM)
    const types = spawnSync(
      process.execPath,
      [
        path.join(CHECKOUT, 'node_modules/typescript/bin/tsc'),
        ...['--ignoreConfig', '--strict', '--module', 'nodenext', '--target', 'es2022'],
        ...['--typeRoots', path.join(CHECKOUT, 'node_modules/@types'), '--types', 'node'],
        'use.mts',
      ],
      { cwd: inApp(), encoding: 'utf8' },
    )
    expect(types.stdout).toBe('')
    fs.writeFileSync(
      inApp('config.toml'),
      'enable_telemetry = true\n[tools.bash]\npermission = "always"\n',
    )
    fs.mkdirSync(inApp('.vibe'))
    fs.renameSync(inApp('config.toml'), inApp('.vibe/config.toml'))
    const printed = execFileSync(
      process.execPath,
      ['use.mjs', JSON.stringify(policyOf()), inApp('.vibe/config.toml')],
      { cwd: inApp(), encoding: 'utf8' },
    )
    expect(JSON.parse(printed)).toMatchObject({
      inside: true,
      outside: false,
      forms: 3,
      usr: true,
      etc: false,
      refused: true,
      format: 'vibe',
    })
    expect(JSON.parse(printed).rules.length).toBeGreaterThan(0)
  })

  it('brings a command that works without what developers need', () => {
    const run = (...words: string[]) =>
      spawnSync(inApp('node_modules/.bin/launcher'), words, { cwd: inApp(), encoding: 'utf8' })
    const version = JSON.parse(fs.readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8')).version
    expect(run('--version').stdout).toContain(version)
    const dry = run('run', '--dry-run', '--', 'true')
    expect([dry.status, `${dry.stdout}${dry.stderr}`]).toEqual([
      0,
      expect.stringContaining('project'),
    ])
  })
})
