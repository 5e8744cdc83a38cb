import fs from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CASES } from './cases.ts'
import { registered, table } from './conforms.ts'

/** One file, so that one worker sees every result and the table is whole. */
const MODULES = fs
  .readdirSync(import.meta.dirname)
  .filter(
    (name) =>
      name.endsWith('.ts') &&
      !name.endsWith('.test.ts') &&
      !['cases.ts', 'conforms.ts', 'trial.ts', 'mac.ts', 'python.ts', 'held.ts'].includes(name),
  )
  .sort()

for (const name of MODULES) await import(/* @vite-ignore */ `./${name}`)

describe('the table of cases', () => {
  const LENGTHS = { W: 26, R: 10, P: 14, N: 16, C: 3, U: 7, E: 6 }

  it('names every case of the list exactly once, tested or later with a reason', () => {
    const expected = Object.entries(LENGTHS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, at) => `${letter}${at + 1}`),
    )
    expect(CASES.map(({ id }) => id)).toEqual(expected)
    expect(
      CASES.filter(
        ({ files, later }) =>
          (files === undefined || files.length === 0) === (later === undefined || later === ''),
      ),
    ).toEqual([])
  })

  it('says of no case that it is tested where no test is, and forgets no test', () => {
    expect([...registered()].sort()).toEqual(
      CASES.filter(({ files }) => files !== undefined)
        .map(({ id }) => id)
        .sort(),
    )
    const naming = (name: string): string[] => {
      const text = fs.readFileSync(path.join(import.meta.dirname, name), 'utf8')
      return [
        ...new Set(
          [...text.matchAll(/\bconforms(?:InKernel)?\(\s*'([A-Z]\d+)'/g)].map(([, id]) => id!),
        ),
      ].map((id) => `${id} ${name}`)
    }
    expect(MODULES.flatMap(naming).sort()).toEqual(
      CASES.flatMap(({ id, files = [] }) => files.map((file) => `${id} ${file}`)).sort(),
    )
  })
})

afterAll(() => console.log(`conformance\n${table()}`))
