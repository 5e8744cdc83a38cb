import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bashCompletion } from '../../src/commands/completions/bash.ts'

const read = (file: string): string =>
  fs.readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

const readme = read('README.md')
const completion = bashCompletion()

/**
 * Words written as code: documentation of a command or flag that is not there is the commonest
 * drift.
 */
const code = [...readme.matchAll(/```[a-z]*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(
  ([, block, span]) => block ?? span ?? '',
)

describe('README.md', () => {
  it('names commands that exist', () => {
    const named = code.flatMap((text) =>
      [...text.matchAll(/(?:^|\(|; |\n)launcher ([a-z]+)/g)].map(([, command]) => command ?? ''),
    )
    const known =
      /_launcher_list "\$current" (audit .*) --help/.exec(completion)?.[1]?.split(' ') ?? []
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })

  it('names flags that exist', () => {
    const flags = code.flatMap((text) => text.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [])
    expect(flags.filter((flag) => !completion.includes(flag))).toEqual([])
  })

  it('names npm scripts and files that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
    expect(
      [...readme.matchAll(/npm run ([a-z:]+)/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => !scripts.includes(name)),
    ).toEqual([])
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, file]) => file ?? '')
    expect(
      links.filter(
        (file) =>
          !file.includes('://') && !fs.existsSync(new URL(`../../${file}`, import.meta.url)),
      ),
    ).toEqual([])
  })

  it('shows one contract between its markers', () => {
    expect(
      readme.match(/<!-- contract -->\n```\nlauncher: [\s\S]+?\n```\n<!-- \/contract -->/g),
    ).toHaveLength(1)
  })
})
