import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const ROOT = path.resolve(import.meta.dirname, '../..')

interface Result {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Checkout {
  readonly root: string
  write(file: string, text: string): void
  node(
    args: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Result
  remove(): void
}

/**
 * A small copy of the repository with the real shell/ and a src/ of a few lines, so that a build
 * takes a moment and what is tested is the building.
 */
export const checkout = (files: Readonly<Record<string, string>> = {}): Checkout => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-checkout-')))
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    fs.writeFileSync(path.join(root, file), text)
  }
  fs.cpSync(path.join(ROOT, 'shell'), path.join(root, 'shell'), { recursive: true })
  for (const file of ['package.json', 'package-lock.json'])
    fs.copyFileSync(path.join(ROOT, file), path.join(root, file))
  fs.mkdirSync(path.join(root, 'profiles'))
  // Links to single packages, never to node_modules itself: should set-up decide to install, it
  // replaces this directory only.
  fs.mkdirSync(path.join(root, 'node_modules'))
  for (const name of ['esbuild', '@esbuild', 'tree-sitter-bash', 'web-tree-sitter'])
    fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(root, 'node_modules', name))
  write('node_modules/.package-lock.json', '{}')
  for (const [file, text] of Object.entries({ ...STUB, ...files })) write(file, text)
  return {
    root,
    write,
    node: (args, { cwd = root, env = {} } = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [...args], {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: root, ...env },
        timeout: 280_000,
      })
      return { status, stdout, stderr }
    },
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  }
}

const STUB = {
  'src/cli.ts': `export const main = async (argv: readonly string[], installation: string): Promise<void> => {
  if (argv[0] === 'run') return (await import('./commands/run.ts')).run(argv)
  if (argv[0] === 'fail') throw new Error('broken on purpose')
  return (await import('./commands/demo.ts')).demo(argv, installation)
}
`,
  'src/commands/run.ts': `export const run = async (argv: readonly string[]): Promise<void> => {
  process.stdout.write(JSON.stringify({ argv, cwd: process.cwd(), env: process.env }))
  process.exitCode = Number(process.env['STATUS'] ?? 0)
}
`,
  'src/commands/demo.ts': `export const demo = async (argv: readonly string[], installation: string): Promise<void> => {
  const path = await import('node:path')
  process.stdout.write(JSON.stringify({ demo: 'only in the bundle for everything ✓', argv, name: path.basename(installation), url: import.meta.url }))
}
`,
  'src/machine/real/host.ts': `export const realHost = (installation: string): string => installation\n`,
  'src/profile/builtin.ts': `import fs from 'node:fs'
export const parseBuiltins = async (host: string): Promise<string[]> => {
  if (fs.existsSync(host + '/profiles/bad.toml')) throw Object.assign(new Error('unknown key raed, did you mean read?'), { at: 'profiles/bad.toml:3:1' })
  return fs.readdirSync(host + '/profiles')
}
export const serialiseBuiltins = (builtins: readonly string[]): string => JSON.stringify(builtins)
`,
}
