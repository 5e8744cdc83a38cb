// Tries one list of attempts and says what became of each: once outside the sandbox (the control) and once inside.
// Reads JSON from standard input, writes a line of JSON for each attempt; handed over as text, so it uses nothing but Node.
'use strict'
const { spawnSync } = require('node:child_process')
const dgram = require('node:dgram')
const fs = require('node:fs')
const net = require('node:net')

const { O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants
const openClose = (path, flags) => fs.closeSync(fs.openSync(path, flags, 0o600))

/** Types one space into the terminal of whoever started us (TIOCSTI), by the first interpreter that is there. */
const inject = () => {
  const tried = [
    [
      'python3',
      '-c',
      'import fcntl,sys\ntry: t=open("/dev/tty")\nexcept OSError: sys.exit(9)\n\ntry: fcntl.ioctl(t,0x5412 if sys.platform=="linux" else 0x80017472,b" ")\nexcept OSError as e: sys.exit(8 if e.errno==5 else 1)',
    ],
    [
      'perl',
      '-e',
      'open(T,"<","/dev/tty")||exit 9;$c=" ";ioctl(T,$^O eq "linux"?0x5412:0x80017472,$c)||exit($!==5?8:1)',
    ],
  ]
  for (const [program, ...words] of tried) {
    const { status, error } = spawnSync(program, words, { stdio: 'ignore' })
    if (error || status === 126 || status === 127) continue
    if (status === 0) return
    throw Object.assign(new Error('refused'), {
      code: { 8: 'EIO', 9: 'ENOTTY' }[status] ?? 'EPERM',
    })
  }
  throw Object.assign(new Error('neither python3 nor perl'), { code: 'ENOTOOL' })
}

const connect = (options) =>
  new Promise((resolve, reject) => {
    const socket = net.connect(options, () => {
      socket.destroy()
      resolve()
    })
    socket.setTimeout(3000, () =>
      socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
    )
    socket.once('error', reject)
  })

/** Sends a datagram to somebody who answers each. */
const ask = (host, port) =>
  new Promise((resolve, reject) => {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const end = (error) => {
      clearTimeout(timer)
      socket.close()
      if (error) reject(error)
      else resolve()
    }
    const timer = setTimeout(
      () => end(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
      300,
    )
    socket.once('message', () => end())
    socket.once('error', end)
    socket.send('launcher', port, host, (error) => error && end(error))
  })

/** The number may be another process's in here: its start tells. */
const isThatProcess = (pid, started) =>
  started === undefined ||
  fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19] === started

/** Looks for a variable in the environment of every process that can be seen. */
const peek = (name) => {
  const holds = (pid) => {
    try {
      return fs
        .readFileSync(`/proc/${pid}/environ`, 'latin1')
        .split('\0')
        .some((entry) => entry.startsWith(`${name}=`))
    } catch {
      return false
    }
  }
  if (!fs.readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && holds(entry)))
    throw Object.assign(new Error('not seen'), { code: 'ENOENT' })
}

// What was made is taken away at once, what was moved is moved back.
const DEEDS = {
  read: ({ path }) => openClose(path, O_RDONLY | O_NONBLOCK),
  list: ({ path }) => fs.readdirSync(path),
  write: ({ path }) => openClose(path, O_WRONLY | O_NONBLOCK),
  make: ({ path }) => {
    openClose(path, O_WRONLY | O_CREAT | O_EXCL)
    fs.unlinkSync(path)
  },
  mkdir: ({ path }) => {
    fs.mkdirSync(path)
    fs.rmdirSync(path)
  },
  rename: ({ path, to }) => {
    fs.renameSync(path, to)
    fs.renameSync(to, path)
  },
  link: ({ path, to }) => {
    fs.linkSync(path, to)
    fs.unlinkSync(to)
  },
  'through a link': ({ path, to }) => {
    fs.symlinkSync(path, to)
    try {
      openClose(to, O_RDONLY | O_NONBLOCK)
    } finally {
      fs.unlinkSync(to)
    }
  },
  exec: ({ path }) => {
    const { error, status } = spawnSync(path, [], { stdio: 'ignore' })
    if (error) throw error
    if (status !== 0) throw Object.assign(new Error('status'), { code: `EXIT${status}` })
  },
  connect: ({ path }) => connect({ path }),
  tcp: ({ host, port }) => connect({ host, port }),
  udp: ({ host, port }) => ask(host, port),
  signal: ({ pid, started }) => {
    process.kill(pid, 0)
    if (!isThatProcess(pid, started)) throw Object.assign(new Error('another'), { code: 'ESRCH' })
  },
  peek: ({ name }) => peek(name),
  environment: ({ name }) => {
    if (process.env[name] === undefined)
      throw Object.assign(new Error('not set'), { code: 'ENOENT' })
  },
  inject,
}

// Heard between the attempts, so that none is left half done: what was moved is back before the end.
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(name, () => process.exit(1))

const main = async () => {
  const attempts = JSON.parse(fs.readFileSync(0, 'utf8'))
  for (const attempt of attempts) {
    let code = 'ok'
    try {
      await DEEDS[attempt.deed](attempt)
    } catch (error) {
      code = String(error.code ?? error.message)
    }
    fs.writeSync(1, `${JSON.stringify({ id: attempt.id, code })}\n`)
  }
}
main()
