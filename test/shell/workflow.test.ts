import fs from 'node:fs'
import { describe, expect, it } from 'vitest'

const FOLDER = new URL('../../.github/workflows/', import.meta.url).pathname
const workflows = fs
  .readdirSync(FOLDER)
  .map(
    (name) =>
      [name, fs.readFileSync(`${FOLDER}${name}`, 'utf8').replace(/^\s*#.*$/gm, '')] as const,
  )

describe.each(workflows)('workflow %s', (_, text) => {
  it('pins every action to a commit', () => {
    const uses = [...text.matchAll(/\buses:\s*(.*)$/gm)].map(([, value]) => value ?? '')
    expect(uses.length).toBeGreaterThan(0)
    expect(
      uses.filter((value) => !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(value)),
    ).toEqual([])
  })

  it('has no permission by default, and jobs none but reading the content', () => {
    expect(text).toMatch(/^permissions: \{\}$/m)
    const granted = [...text.matchAll(/^ +permissions:\n((?: +[\w-]+: *\w+\n)+)/gm)].map(
      ([, block]) => (block ?? '').trim(),
    )
    expect(granted.filter((block) => block !== 'contents: read')).toEqual([])
    expect(text.match(/permissions:/g)).toHaveLength(granted.length + 1)
  })

  it('leaves no token in the checkout, runs no code with rights on a pull request, and uses no secret', () => {
    expect(text.match(/actions\/checkout@/g)?.length).toBe(
      text.match(/persist-credentials: false/g)?.length,
    )
    expect(text).not.toMatch(/pull_request_target|workflow_run|secrets\./)
  })

  it('puts nothing from the event into a shell line', () => {
    const runs = [...text.matchAll(/\brun: (.*(?:\n {10,}.*)*)/g)].map(([, script]) => script ?? '')
    expect(runs.length).toBeGreaterThan(0)
    expect(runs.filter((script) => script.includes('${{'))).toEqual([])
  })

  it('names each runner by its version', () => {
    expect(text).not.toMatch(/(ubuntu|macos)-latest/)
  })
})
