import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { violationsOf } from './violations.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** What the top level may hold besides dotfiles. */
const TOP_LEVEL = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'package-lock.json',
  'package.json',
  'profiles',
  'shell',
  'src',
  'test',
  'tsconfig.json',
]

/** Names as a project gives its own documents; agents' instructions are other projects'. */
const OWN_DOCUMENT =
  /\b(?!AGENTS|CLAUDE|GEMINI|SKILL)(?:[A-Z]{4,}|macos-measured|failure-messages)\.md\b/g

/**
 * Files that are part of the repository or would be with the next `git add`. Without git (an
 * unpacked archive) all but what is ignored.
 */
const repositoryFiles = (): string[] => {
  try {
    const listed = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    return listed.split('\0').filter((file) => file !== '' && fs.existsSync(path.join(ROOT, file)))
  } catch {
    return filesBeneath(ROOT, '', ['.git', 'dist', 'node_modules'])
  }
}

const filesBeneath = (root: string, folder: string, without: readonly string[] = []): string[] =>
  fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name)
    if (without.includes(name)) return []
    return entry.isDirectory() ? filesBeneath(root, name, without) : [name]
  })

describe('layout', () => {
  it('src/ imports in one direction, touches the machine at the rim only, and keeps the style', () => {
    const files = filesBeneath(path.join(ROOT, 'src'), '').filter((file) => file.endsWith('.ts'))
    expect(files.length).toBeGreaterThan(0)
    expect(
      files.flatMap((file) =>
        violationsOf(file, fs.readFileSync(path.join(ROOT, 'src', file), 'utf8')),
      ),
    ).toEqual([])
  })

  it('src/ holds TypeScript only, and its map', () => {
    expect(
      filesBeneath(path.join(ROOT, 'src'), '').filter((file) => !file.endsWith('.ts')),
    ).toEqual(['README.md'])
  })

  it('the top level holds what is listed, and dotfiles', () => {
    const names = new Set(repositoryFiles().map((file) => file.split('/')[0] ?? ''))
    expect(
      [...names].filter(
        (name) =>
          !name.startsWith('.') && !TOP_LEVEL.includes(name) && !/^dist\.(tmp|old)-/.test(name),
      ),
    ).toEqual([])
  })
})

describe('the repository', () => {
  /** In parts, so that this file does not hold what it looks for. */
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'npmjs', 'com'],
    ['registry', 'yarnpkg', 'com'],
    ['npm', 'jsr', 'io'],
    ['npm', 'pkg', 'github', 'com'],
    ['pypi', 'org'],
    ['files', 'pythonhosted', 'org'],
    ['index', 'crates', 'io'],
    ['static', 'crates', 'io'],
    ['proxy', 'golang', 'org'],
    ['rubygems', 'org'],
  ].map((parts) => parts.join('.'))
  const machine = [['', 'work', 'main'].join('/')]

  const holding = (needles: readonly string[]): string[] =>
    repositoryFiles().flatMap((file) => {
      const stat = fs.lstatSync(path.join(ROOT, file))
      if (!stat.isFile()) return []
      const text = fs.readFileSync(path.join(ROOT, file), 'latin1').toLowerCase()
      return needles.filter((needle) => text.includes(needle)).map((needle) => `${file}: ${needle}`)
    })

  it('names no package registry', () => {
    expect(holding(hosts)).toEqual([])
  })

  it('names no path of the machine it was written on', () => {
    expect(holding(machine)).toEqual([])
  })

  it('refers to no document that it does not hold', () => {
    const files = repositoryFiles()
    const names = new Set(files.map((file) => path.posix.basename(file)))
    const missing = files
      .filter((file) => /\.(?:[cm]?[jt]s|md|toml|sb|sh|yml|zsh)$/.test(file))
      .flatMap((file) =>
        [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(OWN_DOCUMENT)]
          .filter(([name]) => !names.has(name))
          .map(([name]) => `${file}: ${name}`),
      )
    expect(missing).toEqual([])
  })

  it('its documents link to what is there', () => {
    const broken = repositoryFiles()
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
          .map(([, target]) => path.posix.join(path.posix.dirname(file), target ?? ''))
          .filter((target) => !fs.existsSync(path.join(ROOT, target)))
          .map((target) => `${file}: ${target}`),
      )
    expect(broken).toEqual([])
  })
})
