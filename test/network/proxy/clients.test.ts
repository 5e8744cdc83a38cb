import { execFile, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import type http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { where } from '../../e2e/where.ts'
import { type StandIn, type World, httpHost, openWorld, TOKEN } from './stand-ins.ts'

/**
 * Real clients, as they are on this machine, with the variables that a run sets; hosts are names
 * that only the proxy's resolver knows.
 */
let scratch: string
let host: StandIn
let tls: StandIn
let world: World

const missing = (...argv: [string, ...string[]]): string | undefined => {
  const { status } = spawnSync(argv[0], argv.slice(1), { stdio: 'ignore' })
  return status === 0 ? undefined : `${argv.join(' ')} does not work here`
}
const openssl = missing('openssl', 'version')
const python = missing('python3', '--version')
const requests = missing('python3', '-c', 'import requests')
const httpx = missing('python3', '-c', 'import httpx')
const proxiesFetch = missing(
  process.execPath,
  '-e',
  "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 24 || (a === 24 && b >= 5) || (a === 22 && b >= 21) ? 0 : 1)",
)

beforeAll(async () => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-clients-'))
  const answer: http.RequestListener = (request, response) => {
    if (request.url === '/README') return void response.end('hello from the host')
    const file = path.join(
      scratch,
      'served',
      decodeURIComponent((request.url ?? '').split('?')[0] ?? ''),
    )
    fs.readFile(file, (error, data) => (error ? response.writeHead(404).end() : response.end(data)))
  }
  host = await httpHost(answer)
  tls = await tlsHost(answer)
  const git = (...args: string[]): void => {
    const done = spawnSync(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@example.test', ...args],
      { cwd: scratch, encoding: 'utf8' },
    )
    if (done.status !== 0) throw new Error(done.stderr)
  }
  git('init', '-q', 'work')
  git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'first')
  git('clone', '-q', '--bare', 'work', 'served/repo.git')
  git('-C', 'served/repo.git', 'update-server-info')
  world = await openWorld({
    allow: [
      `ok.example.test:${host.port}`,
      `ok.example.test:${tls.port}`,
      `127.0.0.1:${host.port}`,
      `127.0.0.1:${tls.port}`,
    ],
  })
})
afterAll(async () => {
  await Promise.all([world.close(), host.close(), tls.close()])
  fs.rmSync(scratch, { recursive: true, force: true })
})

const tlsHost = async (answer: http.RequestListener): Promise<StandIn> => {
  if (openssl !== undefined) return httpHost(answer)
  const [key, cert] = [path.join(scratch, 'key.pem'), path.join(scratch, 'cert.pem')]
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ok.example.test',
    '-addext',
    'subjectAltName=DNS:ok.example.test',
    '-keyout',
    key,
    '-out',
    cert,
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
  const { createServer } = await import('node:https')
  const server = createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    server,
    port: typeof bound === 'object' && bound ? bound.port : 0,
    close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

interface Done {
  readonly code: number
  readonly out: string
}

const run = (file: string, ...args: string[]): Promise<Done> => {
  const proxy = `http://run:${TOKEN}@127.0.0.1:${world.proxy.port}`
  const cert = openssl === undefined ? path.join(scratch, 'cert.pem') : ''
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: scratch,
    ...Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map(
        (name) => [name, proxy],
      ),
    ),
    NODE_USE_ENV_PROXY: '1',
    GIT_SSL_CAINFO: cert,
    CURL_CA_BUNDLE: cert,
    SSL_CERT_FILE: cert,
    REQUESTS_CA_BUNDLE: cert,
    NODE_EXTRA_CA_CERTS: cert,
    ...(process.env['PYENV_VERSION'] !== undefined && {
      PYENV_VERSION: process.env['PYENV_VERSION'],
    }),
    GIT_TERMINAL_PROMPT: '0',
  }
  return new Promise((resolve) =>
    execFile(file, args, { env, cwd: scratch, timeout: 30_000 }, (error, stdout, stderr) =>
      resolve({
        code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
        out: `${stdout}${stderr}`,
      }),
    ),
  )
}

const plain = (name = 'ok.example.test'): string => `http://${name}:${host.port}/README`
const secure = (name = 'ok.example.test'): string => `https://${name}:${tls.port}/README`

/** What each client prints for the body it got, and for a refusal. */
const clients: readonly (readonly [
  string,
  string | undefined,
  (url: string) => readonly [string, ...string[]],
  RegExp,
  RegExp,
])[] = [
  [
    'curl',
    missing('curl', '--version'),
    (url) => ['curl', '-sS', url],
    /launcher refused no\.example\.test/,
    /403/,
  ],
  [
    'wget',
    missing('wget', '--version'),
    (url) => [
      'wget',
      '-S',
      '-t1',
      '-O-',
      ...(openssl === undefined ? [`--ca-certificate=${path.join(scratch, 'cert.pem')}`] : []),
      url,
    ],
    /403 Refused by launcher: no entry/,
    /403|Refused by launcher/,
  ],
  [
    'urllib',
    python,
    (url) => [
      'python3',
      '-c',
      'import sys,urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())',
      url,
    ],
    /403: Refused by launcher: no entry/,
    /403 Refused by launcher: no entry/,
  ],
  [
    'requests',
    requests,
    (url) => ['python3', '-c', 'import sys,requests as r; print(r.get(sys.argv[1]).text)', url],
    /launcher refused no\.example\.test/,
    /403 Refused by launcher: no entry/,
  ],
  [
    'httpx',
    httpx,
    (url) => ['python3', '-c', 'import sys,httpx as r; print(r.get(sys.argv[1]).text)', url],
    /launcher refused no\.example\.test/,
    /403 Refused by launcher: no entry/,
  ],
  [
    'node fetch',
    proxiesFetch,
    (url) => [
      process.execPath,
      '-e',
      'fetch(process.argv[1]).then(async (r) => console.log(await r.text()))',
      url,
    ],
    /403|fetch failed/,
    /403|fetch failed/,
  ],
]

describe.each(clients)('%s', (_, reason, argv, plainRefusal, tunnelRefusal) => {
  where(reason)(
    'reaches a granted host in the clear, and shows the refusal of another',
    async () => {
      expect((await run(...argv(plain()))).out).toContain('hello from the host')
      expect((await run(...argv(plain('no.example.test')))).out).toMatch(plainRefusal)
    },
  )

  where(reason ?? openssl)(
    'reaches a granted host by TLS, and shows the refusal of another',
    async () => {
      expect((await run(...argv(secure()))).out).toContain('hello from the host')
      const refused = await run(...argv(secure('no.example.test')))
      expect(refused.out).toMatch(tunnelRefusal)
      expect(refused.code).not.toBe(0)
    },
  )
})

describe('curl by SOCKS', () => {
  const reason = missing('curl', '--version')
  where(reason).each([
    ['socks5h', `run:${TOKEN}@`],
    ['socks4a', `${TOKEN}@`],
  ])('%s reaches a granted host, and no other', async (scheme, user) => {
    const through = (url: string): Promise<Done> =>
      run('curl', '-sS', '--proxy', `${scheme}://${user}127.0.0.1:${world.proxy.port}`, url)
    expect((await through(plain())).out).toBe('hello from the host')
    const refused = await through(plain('no.example.test'))
    expect([refused.code, refused.out.includes('hello')]).toEqual([97, false])
  })

  where(reason)('without the token reaches nothing', async () => {
    expect(
      (await run('curl', '-sS', '--proxy', `socks5h://127.0.0.1:${world.proxy.port}`, plain()))
        .code,
    ).not.toBe(0)
    expect(
      (
        await run(
          'curl',
          '-sS',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--proxy',
          `http://127.0.0.1:${world.proxy.port}`,
          plain(),
        )
      ).out,
    ).toBe('407')
  })

  where(reason)('--proxy-anyauth, which asks before it sends the token, arrives', async () => {
    expect((await run('curl', '-sS', '--proxy-anyauth', plain())).out).toBe('hello from the host')
    if (openssl === undefined)
      expect((await run('curl', '-sS', '--proxy-anyauth', secure())).out).toBe(
        'hello from the host',
      )
  })
})

describe('git', () => {
  const reason = missing('git', '--version')
  where(reason ?? openssl)(
    'clones over https from a granted host, and names the refusal of another',
    async () => {
      const clone = (name: string): Promise<Done> =>
        run(
          'git',
          'clone',
          `https://${name}:${tls.port}/repo.git`,
          path.join(scratch, `clone-${name}`),
        )
      expect(await clone('ok.example.test')).toMatchObject({ code: 0 })
      expect(await clone('no.example.test')).toMatchObject({
        code: 128,
        out: expect.stringContaining('403'),
      })
    },
  )

  where(reason)(
    'clones over http from a granted host, and names the refusal of another',
    async () => {
      const clone = (name: string): Promise<Done> =>
        run(
          'git',
          'clone',
          `http://${name}:${host.port}/repo.git`,
          path.join(scratch, `plain-${name}`),
        )
      expect(await clone('ok.example.test')).toMatchObject({ code: 0 })
      expect(await clone('no.example.test')).toMatchObject({
        code: 128,
        out: expect.stringContaining('403'),
      })
    },
  )
})
