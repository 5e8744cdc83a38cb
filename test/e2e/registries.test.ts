import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Finished, inside, newWorld, users, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

/**
 * What this machine says about its registries and their certificates, wherever a package manager
 * looks for it.
 */
const SETTINGS = ['.npmrc', '.config/pip/pip.conf', '.pip/pip.conf', '.config/uv/uv.toml']
const VARIABLES = Object.entries(process.env).flatMap(([name, value]) =>
  value !== undefined &&
  /^(npm_config_registry|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL|PIP_CERT|UV_(DEFAULT_)?INDEX(_URL)?|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)$/.test(
    name,
  )
    ? [[name, value] as const]
    : [],
)
const CERTIFICATES = VARIABLES.filter(([name]) => /CERT|BUNDLE/.test(name))

const unreachable = (file: string, ...words: string[]): string | undefined => {
  const done = spawnSync(file, words, { encoding: 'utf8', timeout: 60_000 })
  return done.status === 0
    ? undefined
    : `${file} cannot reach its registry from here: ${(done.stderr || done.error?.message || '').trim().split('\n').at(-1)}`
}

describe('package managers with `registries` in a user’s profile', () => {
  const kernel = whyNoKernel()
  let world: World
  let [npm, pip] = [kernel, kernel]
  beforeAll(() => {
    world = newWorld(users()[0]!)
    for (const file of SETTINGS)
      if (fs.existsSync(path.join(os.homedir(), file)))
        world.put(file, fs.readFileSync(path.join(os.homedir(), file), 'utf8'), 0o600)
    // Not the default: its toolchains have registries of their own.
    for (const registry of ['npm', 'pypi'])
      world.put(
        `.config/launcher/profiles/with-${registry}.toml`,
        `schema = 1\nextends = ["base"]\n[filesystem]\nwrite = ["$PROJECT"]\n[network]\nmode = "allowlist"\nregistries = ["${registry}"]\n`,
      )
    npm ??= unreachable('npm', 'view', 'is-number', 'version')
    pip ??=
      unreachable('/usr/bin/python3', '-m', 'venv', path.join(world.project, 'venv')) ??
      unreachable(
        path.join(world.project, 'venv/bin/pip'),
        'download',
        '--quiet',
        '--no-deps',
        '-d',
        path.join(world.home, 'probe'),
        'six',
      )
  })
  afterAll(() => world.remove())
  /**
   * Nothing is granted but the words: a mirror may stand in the machine's own network, as it does
   * where its name has a private or reserved address.
   */
  const run = (profile: string, script: string): Promise<Finished> =>
    inside(
      world,
      script,
      ['--profile', profile, ...CERTIFICATES.flatMap(([name]) => ['--env', name])],
      { env: Object.fromEntries(VARIABLES) },
    )

  where(kernel)(
    'npm installs a package, and not without the entry',
    async (context) => {
      if (npm) context.skip(npm)
      const install =
        'npm install --cache $TMPDIR/npm --no-audit --no-fund --fetch-retries=0 --prefix'
      const done = await run('with-npm', `${install} one is-number && ls one/node_modules`)
      expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/is-number\n$/) })
      const refused = await run('with-pypi', `${install} two is-number`)
      expect(refused.code).not.toBe(0)
      expect(refused.stderr).toMatch(/launcher: refused/)
    },
    120_000,
  )

  where(kernel)(
    'pip and uv install a package, and not without the entry',
    async (context) => {
      if (pip) context.skip(pip)
      const done = await run(
        'with-pypi',
        'venv/bin/pip install --no-cache-dir --target one-pip six && ls one-pip',
      )
      expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('six.py') })
      const refused = await run(
        'with-npm',
        'venv/bin/pip install --no-cache-dir --retries 0 --target two-pip six',
      )
      expect(refused.code).not.toBe(0)
      expect(refused.stderr).toMatch(/launcher: refused/)
      const uv = await run(
        'with-pypi',
        'venv/bin/pip install --no-cache-dir --quiet --target tools uv && tools/bin/uv --no-cache pip install --python venv/bin/python --target one-uv six && ls one-uv',
      )
      expect(uv).toMatchObject({ code: 0, stdout: expect.stringContaining('six.py') })
    },
    180_000,
  )
})
