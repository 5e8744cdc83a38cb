import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { execa } from 'execa'

/** What one attempt of the stand-in agent came to. */
export interface Attempt {
  readonly name: string
  readonly ok: boolean
  /** The kernel's words, empty when it worked. */
  readonly words: string
}

/** The same attempts twice: outside any sandbox, and through `launcher run`. */
export interface StandInResult {
  readonly outside: readonly Attempt[]
  readonly inside: readonly Attempt[]
  /** Exit code and standard error of the caged run. */
  readonly code: number
  readonly contract: string
  /** Canaries that changed although they were outside. */
  readonly changed: readonly string[]
}

const CANARY = 'canary'

/**
 * Plants canaries in a fresh home and project, lets the stand-in try them outside and inside, and
 * takes everything away again.
 */
export const runStandIn = async (
  installation: string,
  launcher: readonly string[],
): Promise<StandInResult> => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-demo-')))
  const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  try {
    await new Promise<void>((resolve) => server.once('listening', () => resolve()))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    // Handed over as text: the installation is not readable inside.
    const script = [
      '-c',
      fs.readFileSync(path.join(installation, 'shell/stand-in.sh'), 'utf8'),
      'stand-in',
      String(port),
      String(process.pid),
    ]
    const [twin, caged] = [plant(path.join(root, 'outside')), plant(path.join(root, 'inside'))]
    const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', CANARY_TOKEN: CANARY }
    const before = canaries(caged.home)
    const alone = await execa('/bin/sh', script, {
      cwd: twin.project,
      env: { ...environment, HOME: twin.home },
      extendEnv: false,
      reject: false,
    })
    const command = [...launcher, 'run', '--', '/bin/sh', ...script]
    const run = await execa(process.execPath, command, {
      cwd: caged.project,
      env: { ...environment, HOME: caged.home },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    })
    const after = canaries(caged.home)
    return {
      outside: attemptsOf(alone.stdout),
      inside: attemptsOf(run.stdout),
      code: run.exitCode ?? 1,
      contract: run.stderr,
      changed: [...before]
        .filter(([file, content]) => after.get(file) !== content)
        .map(([file]) => file),
    }
  } finally {
    server.close()
    fs.rmSync(root, { recursive: true, force: true })
  }
}

/** A home with secrets and start-up files, and beneath it a project with a repository. */
const plant = (root: string): { home: string; project: string } => {
  const home = path.join(root, 'home')
  const project = path.join(home, 'work', 'project')
  const put = (file: string, content: string): void => {
    fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true })
    fs.writeFileSync(path.join(home, file), `${content}\n`)
  }
  for (const file of ['.ssh/id_rsa', '.aws/credentials', '.zshrc', '.bashrc', 'work/beside'])
    put(file, CANARY)
  put('work/project/README', 'a project')
  put('work/project/.env', `TOKEN=${CANARY}`)
  put('work/project/.git/HEAD', 'ref: refs/heads/main')
  put('work/project/.git/config', '[core]')
  for (const directory of ['hooks', 'objects', 'refs'])
    fs.mkdirSync(path.join(project, '.git', directory), { recursive: true })
  return { home, project }
}

const canaries = (home: string): Map<string, string> =>
  new Map(
    [
      '.ssh/id_rsa',
      '.aws/credentials',
      '.zshrc',
      '.bashrc',
      'work/beside',
      'work/project/.env',
      'work/project/.git/config',
    ].map((file) => [
      file,
      fs.existsSync(path.join(home, file))
        ? fs.readFileSync(path.join(home, file), 'utf8')
        : 'gone',
    ]),
  )

const attemptsOf = (output: string): Attempt[] =>
  output.split('\n').flatMap((line) => {
    const [name, verdict, words] = line.split('\t')
    return name !== undefined && verdict !== undefined
      ? [{ name, ok: verdict === 'ok', words: words ?? '' }]
      : []
  })
