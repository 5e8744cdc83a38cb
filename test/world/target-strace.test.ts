import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import { isWithin, type AbsolutePath } from '../../src/machine/paths.ts'
import { resolveTarget } from '../../src/resolve/target.ts'
import type { Target } from '../../src/resolve/types.ts'
import { where } from '../e2e/where.ts'
import { pyenvVersions } from '../fixtures/pythons.ts'
import { openedFiles } from '../fixtures/strace-log.ts'

const [version] = pyenvVersions(/^3\.12\./)
const strace = ['/usr/bin/strace', '/usr/local/bin/strace'].find((file) => fs.existsSync(file))
const missing = [
  ...(version === undefined ? ['pyenv with a Python 3.12'] : []),
  ...(strace === undefined ? ['strace'] : []),
]
const reason = missing.length > 0 ? `needs ${missing.join(' and ')}` : undefined

/** What every sandbox can read anyway. */
const BASE = ['/usr', '/lib', '/lib64', '/etc', '/proc', '/dev', '/sys'] as AbsolutePath[]

const covers = (target: Target, file: AbsolutePath): boolean =>
  [...target.executables, ...target.reads].some((part) =>
    part.path.kind === 'directory' ? isWithin(file, part.path.real) : file === part.path.real,
  )

describe('a real start opens nothing but what was resolved', () => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'target-')))
  const project = path.join(root, 'project')
  const venv = path.join(root, 'venv')
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

  const trace = (file: string, args: string[]): AbsolutePath[] => {
    const log = path.join(root, 'log')
    const env = { PATH: '/usr/bin:/bin', HOME: project, PYTHONDONTWRITEBYTECODE: '1' }
    execFileSync(strace ?? '', ['-f', '-s', '4096', '-e', 'trace=file', '-o', log, file, ...args], {
      cwd: project,
      env,
      stdio: 'ignore',
    })
    return openedFiles(fs.readFileSync(log, 'utf8'), project).flatMap((opened) =>
      fs.existsSync(opened) ? [fs.realpathSync(opened) as AbsolutePath] : [],
    )
  }
  const resolve = (command: string): Target =>
    resolveTarget(realHost(root), command, {
      searchPath: [path.join(venv, 'bin'), '/usr/bin'],
      project: project as AbsolutePath,
      cwd: project as AbsolutePath,
      platform: 'linux',
    })

  where(reason).each<[string, string[]]>([
    ['python', ['-c', 'import ssl, sqlite3, ctypes, json, asyncio']],
    ['pip', ['--version']],
  ])('%s in a venv of pyenv', (command, args) => {
    fs.mkdirSync(project, { recursive: true })
    if (!fs.existsSync(venv))
      execFileSync(path.join(version ?? '', 'bin/python'), ['-m', 'venv', venv])
    const target = resolve(command)
    const outside = trace(target.file, args).filter(
      (file) =>
        !BASE.some((base) => isWithin(file, base)) && !isWithin(file, project as AbsolutePath),
    )
    expect(outside.length).toBeGreaterThan(10)
    expect(outside.filter((file) => !covers(target, file))).toEqual([])
  })
})
