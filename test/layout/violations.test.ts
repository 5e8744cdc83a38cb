import { describe, expect, it } from 'vitest'
import { violationsOf } from './violations.ts'

const reasons = (file: string, source: string): string[] =>
  violationsOf(file, source).map((line) => line.replace(/^[^ ]* /, ''))

describe('violationsOf: direction', () => {
  it.each([
    [
      'policy imports nothing',
      'policy/decide.ts',
      `import { a } from '../resolve/areas.ts'`,
      ['may not import resolve'],
    ],
    [
      'policy imports itself and errors',
      'policy/decide.ts',
      `import { a } from './model.ts'\nimport { LauncherError } from '../errors.ts'`,
      [],
    ],
    [
      'policy takes no package',
      'policy/decide.ts',
      `import * as z from 'zod'`,
      ['may not import the package zod'],
    ],
    [
      'a backend reads policy',
      'backend/bubblewrap/argv.ts',
      `import { a } from '../../policy/model.ts'`,
      [],
    ],
    [
      'a backend does not know resolve',
      'backend/bubblewrap/argv.ts',
      `import type { A } from '../../resolve/types.ts'`,
      ['may not import resolve'],
    ],
    [
      'the generator does not share code with the evaluator',
      'backend/seatbelt/compile.ts',
      `import { a } from './sbpl/operations.ts'`,
      ['may import backend/seatbelt/sbpl with `import type` only'],
    ],
    [
      'the prelude is data that the build reads',
      'backend/seatbelt/prelude-rules.ts',
      `import { PRELUDE } from '../../../profiles/seatbelt/prelude.sb'`,
      [],
    ],
    [
      'and for the backend alone',
      'report/program.ts',
      `import { PRELUDE } from '../../profiles/seatbelt/prelude.sb'`,
      ['imports ../../profiles/seatbelt/prelude.sb, which is not in src/'],
    ],
    [
      'nor the other way',
      'backend/seatbelt/sbpl/a.ts',
      `import { a } from '../compile.ts'`,
      ['may not import backend/seatbelt'],
    ],
    [
      'launch takes types of backends',
      'launch/spawn.ts',
      `import type { A } from '../backend/seatbelt/program.ts'`,
      [],
    ],
    [
      'launch takes no code of backends',
      'launch/spawn.ts',
      `import { type A } from '../backend/seatbelt/program.ts'`,
      ['may import backend/seatbelt with `import type` only'],
    ],
    [
      'report takes types of all',
      'report/contract.ts',
      `import type { A } from '../launch/run.ts'\nimport type { B } from '../audit/finding.ts'`,
      [],
    ],
    [
      'report takes no code but policy',
      'report/contract.ts',
      `import { a } from '../launch/run.ts'\nimport { b } from '../policy/decide.ts'`,
      ['may import launch with `import type` only'],
    ],
    [
      're-exports count',
      'profile/index.ts',
      `export * from '../resolve/areas.ts'`,
      ['may not import resolve'],
    ],
    [
      'lazy imports count',
      'profile/index.ts',
      `await import('../resolve/areas.ts')`,
      ['may not import resolve'],
    ],
    [
      'nothing imports commands but cli',
      'report/a.ts',
      `import type { A } from '../commands/run.ts'`,
      ['may not import commands'],
    ],
    ['cli imports commands', 'cli.ts', `await import('./commands/run.ts')`, []],
    [
      'cli imports no stage',
      'cli.ts',
      `import { a } from './launch/run.ts'`,
      ['may not import launch'],
    ],
    [
      'the ground floor is for all',
      'policy/decide.ts',
      `import type { Host } from '../machine/host.ts'\nimport { decodeText } from '../text/decode.ts'`,
      [],
    ],
    [
      'not the machine behind it',
      'resolve/a.ts',
      `import { realHost } from '../machine/real/host.ts'`,
      ['may not import machine/real'],
    ],
    [
      'the machine for commands',
      'commands/run.ts',
      `import { realHost } from '../machine/real/host.ts'`,
      [],
    ],
    [
      'writers of files are for those that have effects',
      'launch/a.ts',
      `import { createFile } from '../machine/own/new-file.ts'`,
      [],
    ],
    [
      'and for nobody else',
      'profile/a.ts',
      `import { createFile } from '../machine/own/new-file.ts'`,
      ['may not import machine/own'],
    ],
    [
      'the ground floor imports nothing above it',
      'machine/walk.ts',
      `import type { Policy } from '../policy/model.ts'`,
      ['may not import policy'],
    ],
    [
      'written paths are compared by the naming',
      'profile/a.ts',
      `import { type AbsolutePath, isWithin } from '../machine/paths.ts'`,
      ['compares paths by bytes: ask `namingOf(platform).isInside`'],
    ],
    [
      'real paths may be compared by bytes',
      'resolve/a.ts',
      `import { isWithin } from '../machine/paths.ts'`,
      [],
    ],
    [
      'the brand of a path is not made by a cast',
      'profile/a.ts',
      `const a = b as AbsolutePath; const c = d as AbsolutePath[]`,
      [
        'casts to AbsolutePath: use absolute() or join()',
        'casts to AbsolutePath: use absolute() or join()',
      ],
    ],
    ['but where paths are made', 'machine/paths.ts', `const a = b as AbsolutePath`, []],
    [
      'and takes no packages',
      'machine/walk.ts',
      `import { z } from 'zod'`,
      ['may not import the package zod'],
    ],
    [
      'nothing outside src',
      'commands/run.ts',
      `import a from '../../test/x.ts'`,
      ['imports ../../test/x.ts, which is not in src/'],
    ],
    ['no computed names', 'commands/run.ts', 'await import(name)', ['imports a computed name']],
    ['a new folder', 'tools/a.ts', '', ['belongs to no folder of src/README.md']],
    ['a new file', 'util.ts', '', ['belongs to no folder of src/README.md']],
  ])('%s', (_, file, source, expected) => {
    expect(reasons(file, source)).toEqual(expected)
  })
})

describe('violationsOf: the machine', () => {
  it.each([
    [
      'fs',
      'resolve/a.ts',
      `import fs from 'node:fs'`,
      ['may not touch the machine through node:fs'],
    ],
    [
      'fs without its prefix',
      'resolve/a.ts',
      `import fs from 'fs/promises'`,
      ['write node:fs/promises'],
    ],
    [
      'required',
      'resolve/a.ts',
      `require('node:os')`,
      ['may not touch the machine through node:os'],
    ],
    [
      'lazily',
      'commands/a.ts',
      `await import('node:child_process')`,
      ['may not touch the machine through node:child_process'],
    ],
    [
      'a glob',
      'resolve/a.ts',
      `import glob from 'fast-glob'`,
      ['may not touch the machine through fast-glob'],
    ],
    ['pure modules', 'resolve/a.ts', `import path from 'node:path'`, []],
    [
      'at the rim',
      'launch/a.ts',
      `import fs from 'node:fs'\nimport { execa } from 'execa'\nprocess.kill(1)`,
      [],
    ],
    ['environment', 'resolve/a.ts', `const a = process.env['A']`, ['uses process.env']],
    ['by index', 'resolve/a.ts', `const a = process['env']`, ['uses process.env']],
    ['through globalThis', 'resolve/a.ts', `const a = globalThis.process.env`, ['uses globalThis']],
    ['the network', 'explain/a.ts', `await fetch(url)`, ['uses fetch']],
    ['cli', 'cli.ts', `process.exitCode = process.argv.length`, []],
    [
      'cli and no more',
      'cli.ts',
      `process.exit(1)`,
      ['uses process.exit; cli.ts may use argv and exitCode only'],
    ],
    [
      'a name like it',
      'explain/a.ts',
      `const a = run.process.env; type X = { process: 1 }; const b = \`process.env\``,
      [],
    ],
  ])('%s', (_, file, source, expected) => {
    expect(reasons(file, source)).toEqual(expected)
  })
})

describe('violationsOf: style', () => {
  it.each([
    ['default export', 'export default 1', ['has a default export']],
    ['default export by list', 'export { a as default }', ['has a default export']],
    ['a switch has a default', 'switch (a) { default: b() }', []],
    [
      'any',
      'const a: any = 1; const b = c as any; type D = Array<any>',
      ['uses any', 'uses any', 'uses any'],
    ],
    [
      'any as a key or a mode',
      `type A = { readonly any: 1; any?: 2 }; const a = { any: 1 }; const b = 'any'; Promise.any(c)`,
      [],
    ],
    ['any in a conditional type', 'type A = B extends any ? 1 : 2', ['uses any']],
    ['a class', 'class A {}', ['has a class that is no error']],
    ['a class expression', 'const A = class {}', ['has a class that is no error']],
    ['a class of another', 'class A extends B {}', ['has a class that is no error']],
    ['an error', 'export class AError extends Error {}\nclass B extends LauncherError {}', []],
  ])('%s', (_, source, expected) => {
    expect(reasons('policy/a.ts', source)).toEqual(expected)
  })
})
