import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { transformSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout, type Checkout } from './checkout.ts'

describe('build', () => {
  let repository: Checkout
  beforeAll(() => {
    repository = checkout({ 'profiles/base.toml': '', 'profiles/default.toml': '' })
  })
  afterAll(() => repository.remove())

  const build = (...words: string[]) => repository.node(['shell/build.mjs', ...words])
  const launch = (...words: string[]) => repository.node(['dist/launcher.cjs', ...words])
  const dist = (file = ''): string => path.join(repository.root, 'dist', file)
  const leftovers = (): string[] =>
    fs.readdirSync(repository.root).filter((name) => name.startsWith('dist.'))

  it('makes a program that starts, says in one line what it made, and leaves nothing beside dist/', () => {
    const result = build()
    expect(result).toMatchObject({ status: 0, stdout: '' })
    expect(result.stderr).toMatch(/^built dist\/: cli \d+ kB, run \d+ kB in [\d.]+ s\n$/)
    expect(leftovers()).toEqual([])
    expect(fs.statSync(dist('launcher.cjs')).mode & 0o777).toBe(0o755)
    expect(JSON.parse(fs.readFileSync(dist('profiles.json'), 'utf8'))).toEqual([
      'base.toml',
      'default.toml',
    ])
    expect(JSON.parse(launch('run', '--', 'a b', '').stdout)).toMatchObject({
      argv: ['run', '--', 'a b', ''],
    })
    expect(JSON.parse(launch('demo').stdout)).toEqual({
      argv: ['demo'],
      demo: 'only in the bundle for everything ✓',
      name: path.basename(repository.root),
      url: `file://${dist('cli.cjs')}`,
    })
  })

  it('leaves what `run` never reaches out of its bundle', () => {
    expect(fs.readFileSync(dist('run.cjs'), 'utf8')).not.toContain(
      'only in the bundle for everything',
    )
    expect(fs.readFileSync(dist('cli.cjs'), 'utf8')).toContain('only in the bundle for everything')
  })

  it('makes caches that V8 accepts', () => {
    const caches = fs.readdirSync(dist()).filter((name) => name.endsWith('.cache'))
    expect(caches).toHaveLength(2)
    const script = `const vm = require('vm'); const Script = vm.Script
      vm.Script = class extends Script { constructor(...words) { super(...words); process.stderr.write('rejected: ' + this.cachedDataRejected) } }`
    repository.write('watch.cjs', script)
    expect(repository.node(['-r', './watch.cjs', 'dist/launcher.cjs', 'run']).stderr).toBe(
      'rejected: false',
    )
    expect(
      repository.node(['-r', './watch.cjs', '--no-lazy', 'dist/launcher.cjs', 'run']),
    ).toMatchObject({ status: 0, stderr: 'rejected: true' })
  })

  it('does not build again when nothing has changed, and does when something has', () => {
    const stamp = fs.readFileSync(dist('stamp'), 'utf8')
    expect(build('--if-needed')).toEqual({ status: 0, stdout: '', stderr: '' })
    repository.write('profiles/more.toml', '')
    expect(build('--if-needed').stderr).toMatch(/^built/)
    expect(fs.readFileSync(dist('stamp'), 'utf8')).not.toBe(stamp)
  })

  it('fails with the place of an invalid profile, and keeps what was built before', () => {
    repository.write('profiles/bad.toml', '')
    expect(build()).toEqual({
      status: 1,
      stdout: '',
      stderr: 'build failed: profiles/bad.toml:3:1: unknown key raed, did you mean read?\n',
    })
    fs.rmSync(path.join(repository.root, 'profiles/bad.toml'))
    expect(leftovers()).toEqual([])
    expect(launch('run').status).toBe(0)
  })

  it('keeps what a regular expression matches, beyond ASCII too', () => {
    const demo = 'src/commands/demo.ts'
    const before = fs.readFileSync(path.join(repository.root, demo), 'utf8')
    const patterns = ['/‘([^’]*)’/', '/[à-ü]/', '/\\\\…/', '/\\…/', '/^[😀😁]$/u', '/(?<é>x)/']
    const texts = ['‘a b’', 'é', '\\…', '…', '😀', '😁', 'x', 'â€™', '\ud83d']
    const found = (regexp: RegExp): (string | undefined)[] =>
      texts.map((text) => regexp.exec(text)?.[0])
    repository.write(
      demo,
      `export const demo = async (): Promise<void> => {
         const texts = ${JSON.stringify(texts)}
         const patterns = [${patterns.join(', ')}]
         const found = patterns.map((regexp) => texts.map((text) => regexp.exec(text)?.[0]))
         process.stdout.write(JSON.stringify(found))
       }`,
    )
    expect(build().status).toBe(0)
    const expected = [/‘([^’]*)’/, /[à-ü]/, /\\…/, /…/, /^[😀😁]$/u, /(?<é>x)/].map(found)
    expect(expected.flat().filter((match) => match !== undefined)).toHaveLength(9)
    expect(JSON.parse(launch('demo').stdout)).toEqual(JSON.parse(JSON.stringify(expected)))
    repository.write(demo, before)
    build()
  })

  it.each([
    [
      'a tagged template, whose text an escape would change',
      'src/commands/demo.ts',
      'export const demo = (): string => String.raw`…${process.argv.length}`',
      'a tagged template holds a character beyond ASCII: write it as an escape',
    ],
    [
      'a program that holds a byte beyond ASCII',
      'shell/build/loader.cjs',
      '// é',
      'launcher.cjs holds a byte beyond ASCII (after "// "), which its loader misreads',
    ],
  ])('fails for %s', (_, file, text, message) => {
    const before = fs.readFileSync(path.join(repository.root, file), 'utf8')
    repository.write(file, text)
    expect(build()).toEqual({ status: 1, stdout: '', stderr: `build failed: ${message}\n` })
    repository.write(file, before)
    expect(build().status).toBe(0)
    expect(leftovers()).toEqual([])
  })

  it('fails with the place of a fault in the source', () => {
    repository.write('src/commands/other.ts', '')
    const before = fs.readFileSync(path.join(repository.root, 'src/cli.ts'), 'utf8')
    repository.write('src/cli.ts', `import './nowhere.ts'\n${before}`)
    const result = build()
    repository.write('src/cli.ts', before)
    expect(result).toMatchObject({
      status: 1,
      stderr: 'build failed: src/cli.ts:1:8: Could not resolve "./nowhere.ts"\n',
    })
  })

  it('leaves a working dist/ when several builds run at once', async () => {
    const statuses = await Promise.all(
      [1, 2, 3, 4].map(
        () =>
          new Promise((resolve) =>
            spawn(process.execPath, ['shell/build.mjs'], {
              cwd: repository.root,
              stdio: 'ignore',
            }).on('close', resolve),
          ),
      ),
    )
    expect(statuses).toEqual([0, 0, 0, 0])
    expect(leftovers()).toEqual([])
    expect(launch('run').status).toBe(0)
  })

  it('takes away what a killed build left', () => {
    fs.mkdirSync(path.join(repository.root, 'dist.tmp-4194999-abcdef'))
    build()
    expect(leftovers()).toEqual([])
  })
})

describe('the loader', () => {
  const source = fs.readFileSync(new URL('../../shell/build/loader.cjs', import.meta.url), 'utf8')
  let repository: Checkout
  beforeAll(() => {
    repository = checkout()
    repository.node(['shell/build.mjs'])
  })
  afterAll(() => repository.remove())

  it('is ES5: nothing in it has to be rewritten for it', () => {
    const as = (target: string): string =>
      transformSync(source.replace(/^#!.*\n/, ''), { target, loader: 'js' }).code
    expect(as('es5')).toBe(as('esnext'))
    expect(() => transformSync('const a = 1', { target: 'es5' })).toThrow()
  })

  it.each(['v16.0.0', 'v20.18.3', 'v0.12.18'])(
    'refuses Node %s with one clear line and 125',
    (version) => {
      repository.write(
        'old.cjs',
        `Object.defineProperty(process, 'version', { value: '${version}' }); Object.defineProperty(process, 'versions', { value: { node: '${version.slice(1)}' } })`,
      )
      const result = repository.node(['-r', './old.cjs', 'dist/launcher.cjs', 'run'])
      expect(result).toEqual({
        status: 125,
        stdout: '',
        stderr: `launcher: needs Node 20.19 or newer, this is ${version} (${process.execPath}); put a newer node first on PATH\n`,
      })
    },
  )

  it.each(['v20.19.0', 'v22.0.0', 'v100.0.0'])('starts with Node %s', (version) => {
    repository.write(
      'new.cjs',
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version.slice(1)}' } })`,
    )
    expect(repository.node(['-r', './new.cjs', 'dist/launcher.cjs', 'run']).status).toBe(0)
  })

  it('starts without its caches and with broken ones, and writes nothing', () => {
    const dist = path.join(repository.root, 'dist')
    const caches = fs.readdirSync(dist).filter((name) => name.endsWith('.cache'))
    for (const cache of caches) fs.writeFileSync(path.join(dist, cache), 'no cache')
    expect(repository.node(['dist/launcher.cjs', 'run']).status).toBe(0)
    for (const cache of caches) fs.rmSync(path.join(dist, cache))
    const before = fs.readdirSync(dist)
    expect(repository.node(['dist/launcher.cjs', 'run']).status).toBe(0)
    expect(fs.readdirSync(dist)).toEqual(before)
  })

  it('ends with 125 when a command fails unexpectedly or the build is not complete', () => {
    expect(repository.node(['dist/launcher.cjs', 'fail'])).toMatchObject({
      status: 125,
      stderr: expect.stringMatching(
        /^launcher: failed unexpectedly: broken on purpose \(--debug shows where\)\n$/,
      ),
    })
    fs.rmSync(path.join(repository.root, 'dist/cli.cjs'))
    expect(repository.node(['dist/launcher.cjs', 'demo'])).toEqual({
      status: 125,
      stdout: '',
      stderr: `launcher: its build is not complete (${repository.root}/dist/cli.cjs: ENOENT); run \`npm run build\` in ${repository.root}\n`,
    })
  })
})
