import { describe, expect, it } from 'vitest'
import { keysEver } from '../../../../src/audit/vibe/semantics/keys.ts'
import { compareReleases, releaseOf } from '../../../../src/audit/vibe/semantics/version-order.ts'
import { vibeVersionFrom } from '../../../../src/audit/vibe/semantics/version-of.ts'
import { NEWEST_KNOWN, semanticsOf } from '../../../../src/audit/vibe/semantics/versions.ts'

const of = (version: string) => semanticsOf(version).semantics

describe('how well a version is known', () => {
  it.each([
    ['2.18.4', 'exact', '2.18.4'],
    ['1.0.0', 'exact', '1.0.0'],
    [' v2.26.0rc1 ', 'exact', ' v2.26.0rc1 '],
    [NEWEST_KNOWN, 'exact', NEWEST_KNOWN],
    ['99.0', 'newer', NEWEST_KNOWN],
    ['0.9', 'unknown', NEWEST_KNOWN],
    ['main', 'unknown', NEWEST_KNOWN],
    ['', 'unknown', NEWEST_KNOWN],
    [undefined, 'unknown', NEWEST_KNOWN],
  ])('%s is %s and means %s', (version, known, means) => {
    expect(semanticsOf(version)).toMatchObject({ known, semantics: { version: means } })
  })
})

describe('what changed when', () => {
  it.each([
    ['1.0.0', '2.14.0', (version: string) => of(version).toolNames.read, 'read_file', 'read'],
    ['2.18.4', '2.19.0', (version: string) => of(version).toolNames.read, 'read', 'read_file'],
    ['2.13.0', '2.14.0', (version: string) => of(version).toolNames.edit, 'search_replace', 'edit'],
    ['2.25.8', '2.26.0', (version: string) => of(version).offers.includes('grep'), true, false],
    [
      '2.8.1',
      '2.9.0',
      (version: string) => of(version).bypassKey,
      'auto_approve',
      'bypass_tool_permissions',
    ],
    ['2.23.3', '2.24.0', (version: string) => of(version).isProjectReplacing, true, false],
    ['2.24.0', '2.24.1', (version: string) => of(version).defaultAgent, 'default', 'accept-edits'],
    ['2.2.1', '2.3.0', (version: string) => of(version).matching, 'unresolved', 'resolved'],
    ['2.2.1', '2.3.0', (version: string) => of(version).editHasLists, false, true],
    ['2.5.0', '2.6.0', (version: string) => of(version).grepHasLists, false, true],
    ['2.11.0', '2.11.1', (version: string) => of(version).isPromptApprovingAll, true, false],
    ['2.25.3', '2.25.4', (version: string) => of(version).bashGate, 'old', 'hardened'],
    ['2.25.7', '2.25.8', (version: string) => of(version).isAllowlistSegmented, false, true],
    [
      '2.14.0',
      '2.14.1',
      (version: string) => of(version).keys.includes('enable_auto_update'),
      true,
      false,
    ],
    [
      '2.21.0',
      '2.22.0',
      (version: string) => of(version).keys.includes('enable_auto_update'),
      false,
      true,
    ],
  ])('between %s and %s', (before, after, read, old, now) => {
    expect([read(before), read(after)]).toEqual([old, now])
  })

  it('every key in force is one that some release had, once', () => {
    for (const version of ['1.0.0', '2.2.1', '2.13.0', '2.21.0', NEWEST_KNOWN]) {
      const { keys } = of(version)
      expect(new Set(keys).size).toBe(keys.length)
      expect(keys.filter((key) => !keysEver().includes(key))).toEqual([])
    }
  })

  it('releases are ordered by number, not by letter', () => {
    expect(compareReleases(releaseOf('2.9.0')!, releaseOf('2.10.0')!)).toBeLessThan(0)
  })
})

describe('the version in a METADATA file', () => {
  it.each([
    [
      'Metadata-Version: 2.4\nName: mistral-vibe\nVersion: 2.18.4\nSummary: x\n\nVersion: 9.9\n',
      '2.18.4',
    ],
    ['Name: Mistral_Vibe\r\nVersion: 3.0.3\r\n\r\n', '3.0.3'],
    ['Version: 2.0.0rc1\nName: mistral.vibe\n', '2.0.0rc1'],
    ['Name: other\nVersion: 1.0\n', undefined],
    ['Name: mistral-vibe\n\nVersion: 1.0\n', undefined],
    ['Name: mistral-vibe\nVersion: $(id)\n', undefined],
    [`Name: mistral-vibe\nVersion: 1${'0'.repeat(1000)}\n`, undefined],
    ['', undefined],
  ])('%j', (text, version) => {
    expect(vibeVersionFrom(text)).toBe(version)
  })
})
