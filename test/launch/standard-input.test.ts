import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let folder = ''
let program = ''
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-input-'))
  const bundle = path.join(folder, 'input.mjs')
  execFileSync(path.resolve(import.meta.dirname, '../../node_modules/.bin/esbuild'), [
    path.resolve(import.meta.dirname, '../../src/launch/standard-input.ts'),
    '--bundle',
    '--platform=node',
    '--format=esm',
    `--outfile=${bundle}`,
    '--log-level=error',
  ])
  program = path.join(folder, 'program.mjs')
  fs.writeFileSync(
    program,
    `import { readStandardInput } from './input.mjs'\nconst read = readStandardInput(200_000)\nprocess.stdout.write(read === undefined ? 'too long' : String(read.length))\n`,
  )
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const lengthOf = (
  feed: (write: (text: string) => void, end: () => void) => void,
): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stdin.on('error', () => undefined)
    child.once('close', () => resolve(out))
    feed(
      (text) => void child.stdin.write(text),
      () => void child.stdin.end(),
    )
  })

describe('standard input', () => {
  it.each<[string, number, string]>([
    ['nothing', 0, '0'],
    ['a little', 10, '10'],
    ['as much as is allowed', 200_000, '200000'],
    ['more', 200_001, 'too long'],
  ])('%s', async (_, length, expected) => {
    expect(
      await lengthOf((write, end) => {
        write('x'.repeat(length))
        end()
      }),
    ).toBe(expected)
  })

  it('waits for a writer that is slow', async () => {
    expect(
      await lengthOf((write, end) => {
        write('x')
        setTimeout(() => {
          write('y')
          end()
        }, 300)
      }),
    ).toBe('2')
  })
})
