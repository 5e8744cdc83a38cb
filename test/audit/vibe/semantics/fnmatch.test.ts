import { describe, expect, it } from 'vitest'
import { fnmatch } from '../../../../src/audit/vibe/semantics/fnmatch.ts'
import {
  PYTHON_MINORS,
  purePathMatch,
} from '../../../../src/audit/vibe/semantics/purepath-match.ts'
import { cpuSince } from '../../../fixtures/cpu.ts'

describe('patterns that would blow up a naive expression', () => {
  const path = `/${'a/'.repeat(1000)}${'a'.repeat(2000)}b`
  it.each([
    ['stars around letters', 'a*'.repeat(1000)],
    ['stars around classes', '*[ab]'.repeat(900)],
    ['ten thousand stars', '*'.repeat(10_000)],
    ['a megabyte of stars and letters', '*a'.repeat(500_000)],
  ])('%s: answered at once', (_, pattern) => {
    const start = process.cpuUsage()
    fnmatch(path, pattern)
    fnmatch(path, `${pattern}x`)
    for (const minor of PYTHON_MINORS) purePathMatch(path, `/${pattern}`, minor)
    expect(cpuSince(start)).toBeLessThan(3000)
  })
})
