import { describe, expect, it } from 'vitest'
import { redacted, redactedLine, redactedWords } from '../../src/audit/secrets.ts'
import { cpuSince } from '../fixtures/cpu.ts'

describe('what may be a secret', () => {
  it.each([
    ['npx -y pkg --api-key hunter2hunter2', 'npx -y pkg --api-key …'],
    ['npx --token=hunter2 pkg@1', 'npx --token=… pkg@1'],
    ['https://u:hunter2@host.example/v1', 'https://…@host.example/v1'],
    ['npx -y pkg@latest', 'npx -y pkg@latest'],
  ])('is left out of %s', (text, expected) => {
    expect(redacted(text)).toBe(expected)
  })

  it('is left out of a list of words, the flag before it kept', () => {
    expect(redactedWords(['--api-key', 'hunter2hunter2', '--verbose', 'on'])).toEqual([
      '--api-key',
      '…',
      '--verbose',
      'on',
    ])
  })

  it.each([
    ['env = { TOKEN = "hunter2hunter2" }', 'env = { TOKEN = "…" }'],
    [`  "apiKey": "abcdefgh1234",`, `  "apiKey": "…",`],
    [`key = 'sk-abcdefghijklmnop' # mine`, `key = '…' # mine`],
    ['args = ["sk-abcdefghijklmnop", "x"]', 'args = ["…", "x"]'],
    ['api_base = "https://u:hunter2@host.example/v1"', 'api_base = "https://…@host.example/v1"'],
    ['api_key_env_var = "MISTRAL_API_KEY"', 'api_key_env_var = "MISTRAL_API_KEY"'],
    ['+enable_telemetry = false', '+enable_telemetry = false'],
    ['denylist = ["*/.ssh", "*/.ssh/*"]', 'denylist = ["*/.ssh", "*/.ssh/*"]'],
  ])('is left out of the line %s', (line, expected) => {
    expect(redactedLine(line)).toBe(expected)
  })

  it.each([
    'a'.repeat(1 << 20),
    `"${"'".repeat(1 << 20)}`,
    '"\\'.repeat(1 << 19),
    'key = '.repeat(1 << 17),
    `key =${' '.repeat(1 << 20)}`,
  ])('takes time in the length of a line only (%#)', (line) => {
    const begun = process.cpuUsage()
    redactedLine(line)
    expect(cpuSince(begun)).toBeLessThan(2_000)
  })
})
