import { describe, expect, it } from 'vitest'
import { importsOf } from './imports.ts'

const brief = (source: string): string[] =>
  importsOf(source).map(
    ({ kind, form, names, from }) => `${kind} ${form} [${names}] ${from ?? '?'}`,
  )

describe('importsOf', () => {
  it.each([
    ['names', `import { a, b as c } from './x.ts'`, ['value import [a,b] ./x.ts']],
    [
      'many lines',
      `import {\n  a,\n  // no { brace }\n  b, /* } from 'y' */\n} from\n  "./x.ts"`,
      ['value import [a,b] ./x.ts'],
    ],
    ['default and names', `import a, { b } from 'x'`, ['value import [default,b] x']],
    ['namespace', `import * as a from 'x'`, ['value import [*] x']],
    ['default and namespace', `import a, * as b from 'x'`, ['value import [default,*] x']],
    ['for its effects', `import './x.ts'`, ['value import [] ./x.ts']],
    ['type', `import type { A } from './x.ts'`, ['type import [A] ./x.ts']],
    ['type namespace', `import type * as A from './x.ts'`, ['type import [*] ./x.ts']],
    [
      'types in a value import stay an import',
      `import { type A } from './x.ts'`,
      ['value import [A] ./x.ts'],
    ],
    ['mixed', `import { type A, b, type C as D } from './x.ts'`, ['value import [A,b,C] ./x.ts']],
    ['something called type', `import type from './x.ts'`, ['value import [default] ./x.ts']],
    ['type as a name', `import { type } from './x.ts'`, ['value import [type] ./x.ts']],
    ['type renamed', `import { type as kind } from './x.ts'`, ['value import [type] ./x.ts']],
    ['from as a name', `import { from } from './x.ts'`, ['value import [from] ./x.ts']],
    ['from as the default', `import from from './x.ts'`, ['value import [default] ./x.ts']],
    [
      'attributes',
      `import a from './x.json' with { type: 'json' }`,
      ['value import [default] ./x.json'],
    ],
    [
      'no spaces',
      `import{a}from'x';import*as b from"y"`,
      ['value import [a] x', 'value import [*] y'],
    ],
    ['a string as a name', `import { 'a b' as c } from 'x'`, ['value import [a b] x']],
    ['import equals', `import a = require('x')`, ['value require [*] x']],
    ['export list from', `export { a, b as c } from './x.ts'`, ['value export [a,b] ./x.ts']],
    [
      'export all',
      `export * from './x.ts'\nexport * as y from './y.ts'`,
      ['value export [*] ./x.ts', 'value export [*] ./y.ts'],
    ],
    [
      'export types from',
      `export type { A } from './x.ts'\nexport type * from './y.ts'`,
      ['type export [A] ./x.ts', 'type export [*] ./y.ts'],
    ],
    ['export list without from', `const a = 1\nexport { a }\nconst from = './x.ts'`, []],
    [
      'exports of declarations',
      `export const a = { from: 'x' }\nexport type B = { c: 1 }\nexport default a`,
      [],
    ],
    ['dynamic', `const a = await import('./x.ts')`, ['value dynamic [*] ./x.ts']],
    ['dynamic with a template', 'await import(`./x.ts`)', ['value dynamic [*] ./x.ts']],
    [
      'dynamic, computed',
      'await import(`./${x}.ts`); import(name); import("./a" + b)',
      ['value dynamic [*] ?', 'value dynamic [*] ?', 'value dynamic [*] ?'],
    ],
    [
      'dynamic with options',
      `import('./x.json', { with: { type: 'json' } })`,
      ['value dynamic [*] ./x.json'],
    ],
    [
      'dynamic inside a template',
      '`a ${await import("./x.ts")} b ${`c ${import("./y.ts")}`}`',
      ['value dynamic [*] ./x.ts', 'value dynamic [*] ./y.ts'],
    ],
    ['the type of a module', `type X = typeof import('./x.ts')`, ['type dynamic [*] ./x.ts']],
    ['require', `const a = require("x")`, ['value require [*] x']],
    ['import.meta', `import.meta.url; import.meta`, []],
    ['in a string', `const a = "import { b } from 'x'"; const c = 'import(\\'y\\')'`, []],
    ['in a template', "const a = `import { b } from 'x'\nimport 'y'`", []],
    [
      'in comments',
      `// import 'a'\n/* import 'b'\n * import 'c' */\n/** {@link import('d')} */`,
      [],
    ],
    [
      'in a regular expression',
      `const a = /import 'x' from "/; const b = x.replace(/[/'"]/g, ''); import 'y'`,
      ['value import [] y'],
    ],
    ['after a division', `const a = b / c; const d = e / f\nimport 'y'`, ['value import [] y']],
    [
      'after a regular expression with a quote',
      `return /'/.test(x)\nimport('./x.ts')`,
      ['value dynamic [*] ./x.ts'],
    ],
    [
      'properties of that name',
      `a.import('x'); a?.require('y'); const b = { import: 1, require }`,
      [],
    ],
    ['after a hashbang', `#!/usr/bin/env node 'import'\nimport 'x'`, ['value import [] x']],
    [
      'two on one line',
      `import a from 'x'; import b from 'y'`,
      ['value import [default] x', 'value import [default] y'],
    ],
    [
      'no semicolons',
      `import a from 'x'\nimport b from 'y'\nexport { c } from 'z'`,
      ['value import [default] x', 'value import [default] y', 'value export [c] z'],
    ],
  ])('%s', (_, source, expected) => {
    expect(brief(source)).toEqual(expected)
  })

  it('says the line', () => {
    expect(
      importsOf(`/*\n\n*/\nconst a = \`\n\`\nimport {\n b } from 'x'\nimport 'y'`).map(
        ({ line }) => line,
      ),
    ).toEqual([6, 8])
  })
})
