import fs from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { vibeDialect } from '../../src/audit/vibe/dialect.ts'
import { auditSarif } from '../../src/report/audit-sarif.ts'
import { auditVibe } from '../audit/vibe/harness.ts'
import { link } from '../fixtures/fake-host.ts'

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly Rule[] } }
    readonly results: readonly Result[]
  }[]
}
interface Rule {
  readonly id: string
  readonly help: { readonly text: string; readonly markdown: string }
  readonly properties: Readonly<Record<string, unknown>>
  readonly defaultConfiguration: { readonly level: string }
}
interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly partialFingerprints: Readonly<Record<string, string>>
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string }
      readonly region: { readonly startLine: number }
    }
  }[]
}

/**
 * The schema as published (SchemaStore's 2.1.0-rtm.5, which GitHub uses; MIT). It is draft 4: what
 * ajv's newer draft calls otherwise is renamed.
 */
const schema = (): Record<string, unknown> => {
  const {
    $schema: _,
    id: __,
    ...rest
  } = JSON.parse(
    fs.readFileSync(
      path.resolve(import.meta.dirname, '../fixtures/sarif-schema-2.1.0.json'),
      'utf8',
    ),
  ) as Record<string, unknown>
  return rest
}

const isValid = (() => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
  addFormats.default(ajv)
  return ajv.compile(schema())
})()

const sarifOf = async (...args: Parameters<typeof auditVibe>): Promise<Sarif> =>
  JSON.parse(auditSarif(await auditVibe(...args), vibeDialect.rules)) as Sarif

const BAD = `bypass_tool_permissions = true\n[tools.read_file]\ndenylist = ["~/.ssh"]\n`

describe('SARIF', () => {
  it.each<[string, Parameters<typeof auditVibe>]>([
    ['many findings', [BAD, { bash: true }]],
    ['none in a file', ['']],
    ['a file that cannot be parsed', ['a = \n']],
    ['no file', [undefined]],
    ['a link', [link('/gone')]],
    [
      'odd names',
      [
        '',
        {
          project: '/home/u/a b#c%\u00e9?',
          tree: { '/home/u/a b#c%\u00e9?/l': link('/home/u/.ssh'), '/home/u/.ssh/x': '' },
        },
      ],
    ],
    ['control characters', ['"a\\u001b[31m\\u202e" = 1\n']],
  ])('is valid for %s', async (_, args) => {
    const sarif = await sarifOf(...args)
    expect(isValid(sarif), JSON.stringify(isValid.errors?.slice(0, 3))).toBe(true)
    expect(sarif.runs[0]?.results.length).toBeGreaterThan(0)
  })

  it('the schema refuses what is not SARIF', async () => {
    const sarif = await sarifOf(BAD)
    expect(isValid({ ...sarif, version: '2.0.0' })).toBe(false)
    expect(
      isValid({
        ...sarif,
        runs: [{ ...sarif.runs[0], results: [{ message: { text: 'x' }, level: 'fatal' }] }],
      }),
    ).toBe(false)
  })

  it('fills what code scanning reads', async () => {
    const { runs } = await sarifOf(BAD)
    const { results, tool } = runs[0]!
    for (const result of results) {
      const rule = tool.driver.rules[result.ruleIndex]
      expect.soft(rule?.id).toBe(result.ruleId)
      expect.soft(result.level).toMatch(/^(error|warning|note)$/)
      expect.soft(result.partialFingerprints['launcherFinding/v1']).toMatch(/^[0-9a-f]{32}$/)
      expect.soft(result.locations[0]?.physicalLocation.region.startLine).toBeGreaterThan(0)
    }
    for (const rule of tool.driver.rules) {
      expect.soft(Number(rule.properties['security-severity'])).toBeGreaterThanOrEqual(0)
      expect.soft(rule.help.text.length * rule.help.markdown.length).toBeGreaterThan(0)
    }
    expect(
      results.find(({ ruleId }) => ruleId === 'V104')?.locations[0]?.physicalLocation,
    ).toMatchObject({
      artifactLocation: { uri: '.vibe/config.toml', uriBaseId: 'HOME' },
      region: { startLine: 3 },
    })
    expect(results.find(({ ruleId }) => ruleId === 'V001')?.level).toBe('error')
  })

  it('a fingerprint stays when lines move, and differs between findings', async () => {
    const prints = async (text: string): Promise<string[]> =>
      (await sarifOf(text)).runs[0]!.results.map(
        ({ partialFingerprints }) => Object.values(partialFingerprints)[0]!,
      ).sort()
    const before = await prints(BAD)
    expect(await prints(`\n\n# moved\n${BAD}`)).toEqual(before)
    expect(new Set(before).size).toBe(before.length)
  })

  it('holds no character that forges text', async () => {
    const sarif = await sarifOf('"a\\u001b[31m\\u202e" = 1\n')
    for (const { message } of sarif.runs[0]!.results)
      expect.soft(message.text).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/)
  })
})
