import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout, type Checkout } from './checkout.ts'

describe('npm start', () => {
  let repository: Checkout
  let project: string
  let programs: string
  beforeAll(() => {
    repository = checkout({
      'src/commands/demo.ts': `export const demo = async (argv: readonly string[]): Promise<void> => {
  process.stdout.write(argv.join(' ') + '\\n')
  if (argv[0] !== 'wait') return
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { process.stdout.write(signal + '\\n'); process.exit(9) })
  setInterval(() => {}, 1000)
}
`,
    })
    project = path.join(repository.root, 'elsewhere')
    programs = path.join(repository.root, 'programs')
    fs.mkdirSync(project)
    fs.mkdirSync(programs)
    // So that no test here ever installs bubblewrap.
    fs.writeFileSync(path.join(programs, 'bwrap'), '#!/bin/sh\n', { mode: 0o755 })
  })
  afterAll(() => repository.remove())

  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    repository.node([path.join(repository.root, 'shell/start.mjs'), ...words], {
      env: { PATH: `${programs}:${process.env['PATH']}`, ...env },
    })

  it('builds what is missing, then runs the demo; the next time it is quiet', () => {
    expect(start([])).toMatchObject({
      status: 0,
      stdout: 'demo\n',
      stderr: expect.stringMatching(/^built dist\/[^\n]*\n$/),
    })
    expect(start([])).toEqual({ status: 0, stdout: 'demo\n', stderr: '' })
  })

  it('passes words and exit status on, and acts on the directory npm was called from', () => {
    const result = start(['run', 'claude', '--', 'a b', ''], { INIT_CWD: project, STATUS: '42' })
    expect(result.status).toBe(42)
    expect(JSON.parse(result.stdout)).toMatchObject({
      argv: ['run', 'claude', '--', 'a b', ''],
      cwd: project,
    })
  })

  it('takes out of the environment what npm put in', () => {
    const added = [
      `${repository.root}/node_modules/.bin`,
      '/node_modules/.bin',
      '/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin',
    ]
    const kept = ['/opt/other/node_modules/.bin', programs, '/usr/bin', '/bin']
    const result = start(['run'], {
      INIT_CWD: project,
      npm_config_x: '1',
      npm_package_name: 'launcher',
      MINE: '1',
      PATH: [...added, ...kept].join(':'),
    })
    const { env } = JSON.parse(result.stdout) as { env: Record<string, string> }
    expect(env['PATH']).toBe(kept.join(':'))
    expect(env['MINE']).toBe('1')
    expect(Object.keys(env).filter((name) => /^npm_|INIT_CWD/.test(name))).toEqual([])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'hands %s to launcher and waits for it',
    async (signal) => {
      const child = spawn(
        process.execPath,
        [path.join(repository.root, 'shell/start.mjs'), 'wait'],
        {
          env: { PATH: `${programs}:${process.env['PATH']}`, HOME: repository.root },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      let output = ''
      child.stdout.on('data', (data: Buffer) => {
        output += data
        if (output === 'wait\n') setTimeout(() => child.kill(signal), 100)
      })
      const status = await new Promise((resolve) => child.on('close', (code) => resolve(code)))
      expect({ status, output }).toEqual({ status: 9, output: `wait\n${signal}\n` })
    },
  )

  it.runIf(process.platform === 'linux')(
    'ends with 125 and the command to type where bubblewrap is missing and may not be installed',
    () => {
      const { isMissing, output } = withoutBubblewrap()
      expect(isMissing).toEqual(['bubblewrap'])
      expect(output).toMatch(
        /^\{"ok":false,"command":"(sudo apt-get install -y --no-install-recommends bubblewrap|install bubblewrap with your package manager)"\}$/,
      )
    },
  )

  /** The package module alone, in a process that is not root and has only this PATH. */
  const withoutBubblewrap = (): { isMissing: string[]; output: string } => {
    const tools = path.join(repository.root, 'tools')
    fs.mkdirSync(tools, { recursive: true })
    const script = `
      process.getuid = () => 1000
      const fs = (await import('node:fs')).default
      const access = fs.accessSync
      fs.accessSync = (file, mode) => { if (/\\/(bwrap|sudo)$/.test(file)) throw new Error('absent'); return access(file, mode) }
      const { installPackages, missingOf } = await import(${JSON.stringify(path.join(repository.root, 'shell/setup/packages.mjs'))})
      const isMissing = missingOf(['bubblewrap'])
      process.stdout.write(JSON.stringify({ isMissing, output: JSON.stringify(installPackages(isMissing)) }))`
    const result = repository.node(['--input-type=module', '-e', script], { env: { PATH: tools } })
    return JSON.parse(result.stdout) as { isMissing: string[]; output: string }
  }
})

describe('installing packages', () => {
  it.each([
    [
      'root',
      0,
      false,
      [
        'apt-get install -y --no-install-recommends zsh',
        'apt-get update -qq',
        'apt-get install -y --no-install-recommends zsh',
      ],
    ],
    [
      'a user whose sudo asks nothing',
      1000,
      true,
      [
        'sudo -n true',
        'sudo -n apt-get install -y --no-install-recommends zsh',
        'sudo -n apt-get update -qq',
        'sudo -n apt-get install -y --no-install-recommends zsh',
      ],
    ],
    ['a user who may not', 1000, false, []],
  ])('%s', (_, uid, hasSudo, expected) => {
    const repository = checkout()
    try {
      const tools = path.join(repository.root, 'tools')
      fs.mkdirSync(tools)
      const log = path.join(repository.root, 'log')
      // The first install fails, as in an image without package lists.
      fs.writeFileSync(
        path.join(tools, 'apt-get'),
        `#!/bin/sh\necho "apt-get $*" >> ${log}\n[ "$1" = update ] && : > ${log}.updated\n[ -e ${log}.updated ]\n`,
        { mode: 0o755 },
      )
      if (hasSudo)
        fs.writeFileSync(
          path.join(tools, 'sudo'),
          `#!/bin/sh\nprintf 'sudo %s ' "$1" >> ${log}\nshift\n[ "$1" = true ] && { echo true >> ${log}; exit 0; }\nexec "$@"\n`,
          { mode: 0o755 },
        )
      const script = `
        process.getuid = () => ${uid}
        const fs = (await import('node:fs')).default
        const access = fs.accessSync
        fs.accessSync = (file, mode) => { if (!file.startsWith(${JSON.stringify(tools)})) throw new Error('absent'); return access(file, mode) }
        const { installPackages } = await import(${JSON.stringify(path.join(repository.root, 'shell/setup/packages.mjs'))})
        process.stdout.write(JSON.stringify(installPackages(['zsh'])))`
      const result = repository.node(['--input-type=module', '-e', script], {
        env: { PATH: `${tools}:/usr/bin:/bin` },
      })
      expect(result.status).toBe(0)
      expect(JSON.parse(result.stdout)).toEqual({
        ok: false,
        command: 'sudo apt-get install -y --no-install-recommends zsh',
      })
      expect(fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []).toEqual(
        expected,
      )
    } finally {
      repository.remove()
    }
  })
})
