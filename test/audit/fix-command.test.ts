import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditFlags } from '../../src/commands/audit/flags.ts'
import { auditCommand } from '../../src/commands/audit/command.ts'
import { realHost } from '../../src/machine/real/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { shipped } from '../profile/harness.ts'

const TEXT = `# mine\nenable_telemetry = true # hm\n\n[tools.grep]   # noisy\npermission = 'always'\n`

let home = ''
let file = ''
let target = ''

beforeEach(() => {
  home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-fix-')))
  file = path.join(home, '.vibe/config.toml')
  target = path.join(home, 'dot/vibe.toml')
  for (const name of ['.vibe', 'dot', 'p']) fs.mkdirSync(path.join(home, name))
  fs.writeFileSync(target, TEXT)
  fs.chmodSync(target, 0o640)
  fs.symlinkSync('../dot/vibe.toml', file)
})
afterEach(() => fs.rmSync(home, { recursive: true, force: true }))

const run = async (
  flags: AuditFlags,
  json = false,
): Promise<{ readonly code: number; readonly out: string }> => {
  const checkout = path.resolve(import.meta.dirname, '../..')
  const host = {
    ...realHost(checkout),
    home: home as AbsolutePath,
    cwd: path.join(home, 'p') as AbsolutePath,
    env: { PATH: '/usr/bin:/bin', HOME: home },
  }
  let out = ''
  const context = {
    host,
    builtins: shipped,
    json,
    screen: { isTerminal: false, columns: 100 },
    out: (text: string) => void (out += text),
    err: () => undefined,
  }
  return {
    code: await auditCommand(
      file,
      { ...emptyRequest, network: 'none' },
      { agentVersion: '2.25.8', ...flags },
      context,
    ),
    out,
  }
}

describe('--fix', () => {
  it('shows a unified diff and changes nothing', async () => {
    const before = fs.readFileSync(target, 'utf8')
    const { out, code } = await run({ fix: true })
    expect(code).toBe(1)
    expect(out).toContain('-enable_telemetry = true # hm\n+enable_telemetry = false # hm\n')
    expect(out).toContain('--fix --write makes these changes')
    expect(fs.readFileSync(target, 'utf8')).toBe(before)
    expect(fs.readdirSync(path.dirname(target))).toEqual(['vibe.toml'])
  })

  it('names the file again in the command that makes the changes', async () => {
    expect((await run({ fix: true })).out).toContain(
      `launcher audit ~/.vibe/config.toml --fix --write makes these changes`,
    )
  })

  it.each([false, true])(
    'shows no value that may be a secret beside its changes, and keeps it in the file (JSON: %s)',
    async (json) => {
      fs.appendFileSync(
        target,
        `\n[[mcp_servers]]\nname = "x"\ntransport = "stdio"\ncommand = "npx"\nenv = { TOKEN = "hunter2hunter2" }\n`,
      )
      const { out } = await run({ fix: true }, json)
      expect(out).toContain('TOKEN')
      expect(out).not.toContain('hunter2')
      await run({ fix: true, write: true })
      expect(fs.readFileSync(target, 'utf8')).toContain('env = { TOKEN = "hunter2hunter2" }')
    },
  )

  it('with --write changes the file that the link leads to, and keeps the link, the mode and a copy', async () => {
    const before = fs.readFileSync(target, 'utf8')
    await run({ fix: true, write: true })
    const after = fs.readFileSync(target, 'utf8')
    expect(fs.readlinkSync(file)).toBe('../dot/vibe.toml')
    expect(fs.statSync(target).mode & 0o777).toBe(0o640)
    expect(after.split('\n')).toEqual(
      expect.arrayContaining([
        '# mine',
        'enable_telemetry = false # hm',
        '[tools.grep]   # noisy',
        'permission = "ask"',
      ]),
    )
    const backup = fs.readdirSync(path.dirname(target)).find((name) => name.endsWith('.bak'))
    expect(fs.readFileSync(path.join(path.dirname(target), backup ?? ''), 'utf8')).toBe(before)
    const again = await run({ fix: true, write: true })
    expect(again.out).toContain('nothing can be changed mechanically')
    expect(fs.readFileSync(target, 'utf8')).toBe(after)
  })

  it('the result passes the audit for what was mended', async () => {
    expect((await run({ all: true })).out).toMatch(/V102 .*V301 /s)
    await run({ fix: true, write: true })
    const { out } = await run({ all: true })
    for (const id of ['V101', 'V102', 'V103', 'V301', 'V303'])
      expect.soft(out).not.toContain(` ${id} `)
  })
})
