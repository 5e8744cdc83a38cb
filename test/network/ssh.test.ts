import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import { describe, expect } from 'vitest'
import { sshVariables } from '../../src/network/ssh.ts'
import { where } from '../e2e/where.ts'

const reason =
  process.platform === 'linux' ? undefined : 'the words of a process are read from /proc'

/** The command that ssh gives to the user's shell. */
const proxyCommand = (
  port: number,
): { command: string; variables: Readonly<Record<string, string>> } => {
  const variables = sshVariables(port, 'TOKEN')
  const words = spawnSync(
    '/bin/sh',
    ['-c', `ssh() { printf '%s\n' "$@"; }; ${variables['GIT_SSH_COMMAND']}`],
    { encoding: 'utf8' },
  ).stdout.split('\n')
  return {
    command: words[1]!.replace('ProxyCommand=', '').replace('%h', 'a.test').replace('%p', '22'),
    variables,
  }
}

describe('ssh’s way through the proxy', () => {
  where(reason).each(['/bin/sh', '/bin/bash'])(
    'names host and token to the proxy, the token to nobody else, under %s',
    async (shell) => {
      const basic = Buffer.from('launcher:TOKEN').toString('base64')
      let ended = (): void => undefined
      const heard = await new Promise<string>((resolve) => {
        // Bash may write a line at a time.
        const server = net.createServer((socket) => {
          let head = ''
          socket
            .on('error', () => undefined)
            .on('data', (chunk) => {
              head += chunk.toString()
              if (head.endsWith('\r\n\r\n')) resolve(`${head}${wordsOfAll()}`)
            })
        })
        server.listen(0, '127.0.0.1', () => {
          const address = server.address()
          const { command, variables } = proxyCommand(
            typeof address === 'object' && address ? address.port : 0,
          )
          const child = spawn(shell, ['-c', command], {
            env: { PATH: process.env['PATH'], ...variables },
            stdio: ['pipe', 'ignore', 'inherit'],
          })
          ended = (): void => {
            child.kill()
            server.close()
          }
        })
      })
      ended()
      const [head, words] = heard.split('\r\n\r\n')
      expect(head).toBe(
        `CONNECT a.test:22 HTTP/1.1\r\nHost: a.test:22\r\nProxy-Authorization: Basic ${basic}`,
      )
      expect(words).toContain('LAUNCHER_SSH_CONNECT')
      expect(words).not.toContain(basic)
    },
  )
})

const wordsOfAll = (): string =>
  fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
    .join('\n')
