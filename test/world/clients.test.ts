import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openRegistryStandIn, type RegistryStandIn } from '../fixtures/registry-stand-in.ts'
import { type Finished, inside, newWorld, users, whyNoKernel, type World } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const missing = (file: string, ...words: string[]): string | undefined =>
  spawnSync(file, words, { stdio: 'ignore' }).status === 0
    ? undefined
    : `${file} is not installed here`
const reason =
  whyNoKernel() ??
  missing('openssl', 'version') ??
  missing('python3', '--version') ??
  missing('git', '--version')

/**
 * What is installed or built for the test, in a directory that the sandbox may read; each entry is
 * a reason where it could not be had.
 */
interface Tools {
  /** uv, requests and httpx from PyPI in a venv of the system's Python. */
  readonly python: string | undefined
  /** A Node that reads the proxy variables, from npm. */
  readonly node: string | undefined
  readonly go: string | undefined
  readonly cargo: string | undefined
}

const run = (
  file: string,
  words: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): string | undefined => {
  const done = spawnSync(file, [...words], {
    cwd: options.cwd,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
    timeout: 280_000,
  })
  return done.status === 0
    ? undefined
    : `${path.basename(file)} ${words[0] ?? ''}: ${(done.stderr || done.error?.message || '').trim().split('\n').at(-1) ?? ''}`
}

const GO = `package main
import ("fmt"; "io"; "net/http"; "os")
func main() {
	answer, err := http.Get(os.Args[1])
	if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
	text, _ := io.ReadAll(answer.Body)
	fmt.Print(string(text))
}
`

const prepare = (tools: string): Tools => {
  const at = (file: string): string => path.join(tools, file)
  fs.mkdirSync(at('go'), { recursive: true })
  fs.writeFileSync(at('go/main.go'), GO)
  const system = fs.existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3'
  const cargo = spawnSync('rustup', ['which', 'cargo'], { encoding: 'utf8' })
  const cargoFile = cargo.status === 0 ? cargo.stdout.trim() : '/usr/bin/cargo'
  if (fs.existsSync(cargoFile)) fs.symlinkSync(cargoFile, at('cargo'))
  return {
    python:
      run(system, ['-m', 'venv', at('venv')]) ??
      run(at('venv/bin/pip'), [
        'install',
        '--quiet',
        '--disable-pip-version-check',
        'uv',
        'requests',
        'httpx',
      ]),
    node: run('npm', [
      'install',
      '--silent',
      '--no-save',
      '--prefix',
      at('node'),
      `node-${process.platform}-${process.arch}@24`,
    ]),
    go: run('go', ['build', '-o', at('get'), 'main.go'], {
      cwd: at('go'),
      env: { CGO_ENABLED: '0', GO111MODULE: 'off', GOFLAGS: '' },
    }),
    cargo: fs.existsSync(cargoFile) ? undefined : 'cargo is not installed here',
  }
}

describe('real clients in allowlist mode', () => {
  let world: World
  let host: RegistryStandIn
  let tools: Tools
  beforeAll(async () => {
    world = newWorld(users()[0]!)
    if (reason) return
    host = await openRegistryStandIn(fs.mkdtempSync(path.join(world.home, 'stand-in-')), [
      'registry.example.test',
      'other.example.test',
    ])
    const directory = fs.readdirSync(world.home).find((name) => name.startsWith('stand-in-'))!
    fs.copyFileSync(path.join(world.home, directory, 'ca.pem'), path.join(world.project, 'ca.pem'))
    tools = prepare(path.join(world.home, 'tools'))
  })
  afterAll(async () => {
    world.remove()
    await host?.close()
  })
  const go = (script: string): Promise<Finished> => {
    const cargo = fs.existsSync(path.join(world.home, 'tools/cargo'))
      ? [
          '--read',
          path.dirname(path.dirname(fs.realpathSync(path.join(world.home, 'tools/cargo')))),
        ]
      : []
    const flags = [
      '--network',
      'allowlist',
      '--read',
      path.join(world.home, 'tools'),
      ...cargo,
      '--allow-host',
      `registry.example.test:${host.port}`,
      '--map-host',
      'registry.example.test=127.0.0.1,other.example.test=127.0.0.1',
    ]
    return inside(world, `T=~/tools; CA=$PWD/ca.pem; export LC_ALL=C; ${script}`, flags)
  }

  // Words: what a person reads of the refusal. Most clients show the status line of the answer to
  // CONNECT; curl, git and cargo show its number only.
  const CLIENTS: readonly (readonly [
    name: string,
    needs: keyof Tools | undefined,
    script: string,
    expected: RegExp,
    words: RegExp,
  ])[] = [
    [
      'curl',
      undefined,
      'curl -sS --cacert $CA $URL/hello',
      /hello from the host/,
      /CONNECT tunnel failed, response 403/,
    ],
    [
      'wget',
      undefined,
      'wget -nv -t 1 -O - --ca-certificate=$CA $URL/hello',
      /hello from the host/,
      /Proxy tunneling failed: Refused by launcher: no entry of the allowlist grants other\.example\.test/,
    ],
    [
      'git over https',
      undefined,
      'GIT_SSL_CAINFO=$CA git ls-remote $URL/repo.git',
      /refs\/heads\/main/,
      /CONNECT tunnel failed, response 403/,
    ],
    [
      'pip',
      'python',
      '$T/venv/bin/pip download --no-deps --retries 1 --index-url $URL/simple/ --cert $CA -d out standin',
      /standin-1\.0\.0-py3-none-any\.whl/,
      /403 Refused by launcher: no entry of the allowlist grants other\.example\.test/,
    ],
    [
      'uv',
      'python',
      'rm -rf out-uv; SSL_CERT_FILE=$CA UV_HTTP_RETRIES=0 $T/venv/bin/uv pip install --python $T/venv/bin/python --index-url $URL/simple/ --target out-uv standin && cat out-uv/standin.py',
      /answer = 42/,
      /tunnel|403|proxy/i,
    ],
    [
      'npm',
      undefined,
      'npm install --registry $URL/ --cafile $CA --no-audit --no-fund --fetch-retries=0 --prefix out-npm standin && cat out-npm/node_modules/standin/package.json',
      /"standin"/,
      /403/,
    ],
    [
      'Python requests',
      'python',
      'REQUESTS_CA_BUNDLE=$CA $T/venv/bin/python -c "import requests, sys; print(requests.get(sys.argv[1]).text)" $URL/hello',
      /hello from the host/,
      /403 Refused by launcher: no entry of the allowlist grants other\.example\.test/,
    ],
    [
      'Python httpx',
      'python',
      'SSL_CERT_FILE=$CA $T/venv/bin/python -c "import httpx, sys; print(httpx.get(sys.argv[1]).text)" $URL/hello',
      /hello from the host/,
      /403 Refused by launcher: no entry of the allowlist grants other\.example\.test/,
    ],
    [
      'node fetch',
      'node',
      `NODE_EXTRA_CA_CERTS=$CA $T/node/node_modules/node-*/bin/node -e "fetch(process.argv[1]).then((a) => a.text()).then(console.log)" $URL/hello`,
      /hello from the host/,
      /403/,
    ],
    [
      'a Go program',
      'go',
      'SSL_CERT_FILE=$CA $T/get $URL/hello',
      /hello from the host/,
      /Refused by launcher: no entry of the allowlist grants other\.example\.test/,
    ],
    [
      'cargo, a Rust program',
      'cargo',
      'mkdir -p crate/src && cd crate && : > src/lib.rs && printf "[package]\\nname = \\"one\\"\\nversion = \\"0.1.0\\"\\nedition = \\"2021\\"\\n[dependencies]\\nstandin = { version = \\"1\\", registry = \\"standin\\" }\\n" > Cargo.toml && rm -f Cargo.lock && CARGO_NET_RETRY=0 CARGO_HTTP_CAINFO=$CA CARGO_REGISTRIES_STANDIN_INDEX=sparse+$URL/index/ RUSTC=$(dirname $(readlink $T/cargo))/rustc $(readlink $T/cargo) fetch && cat Cargo.lock',
      /checksum/,
      /403/,
    ],
  ]
  for (const [name, needs, script, expected, words] of CLIENTS) {
    where(reason)(
      `${name} reaches an allowed host by its name, and hears who refused another one`,
      async (context) => {
        const absent =
          needs === undefined
            ? missing(
                'sh',
                '-c',
                `command -v ${script.split(' ').find((word) => !word.includes('='))}`,
              )
            : tools[needs]
        if (absent !== undefined) return context.skip(absent)
        const reached = await go(`URL=https://registry.example.test:${host.port}; ${script}`)
        expect(reached.stdout, reached.stderr).toMatch(expected)
        expect(reached.code).toBe(0)
        const refused = await go(`URL=https://other.example.test:${host.port}; ${script}`)
        expect(refused.code).not.toBe(0)
        expect(`${refused.stdout}${refused.stderr}`).toMatch(words)
        expect(refused.stderr).toMatch(
          /launcher: refused other\.example\.test(?: \(\d+ times\))?: launcher net log/,
        )
      },
      120_000,
    )
  }

  where(reason ?? missing('ssh', '-V'))(
    'git over ssh speaks with an allowed host through the proxy, and shows both lines of the refusal of another one',
    async () => {
      const heard: string[] = []
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined).write('SSH-2.0-standin\r\n')
        socket.once('data', (chunk) => {
          heard.push(chunk.toString('latin1'))
          socket.end()
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const bound = server.address()
      const port = typeof bound === 'object' && bound ? bound.port : 0
      try {
        const flags = [
          '--network',
          'allowlist',
          '--allow-host',
          `git.example.test:${port}`,
          '--map-host',
          'git.example.test=127.0.0.1',
        ]
        expect(
          (await inside(world, `git ls-remote ssh://git@git.example.test:${port}/x`, flags)).code,
        ).toBe(128)
        expect(heard).toEqual([expect.stringMatching(/^SSH-2\.0-/)])
        const refused = await inside(world, 'git ls-remote git@other.example.test:x', flags)
        expect(refused.code).toBe(128)
        expect(refused.stderr).toContain(
          'launcher refused other.example.test:22: no entry of the allowlist grants other.example.test.\nTo allow it: launcher run … --allow-host other.example.test:22',
        )
      } finally {
        server.close()
      }
    },
  )
})
