// Runs inside the sandbox: does each thing really, undoes it, and prints the errno of each ('ok' for none).
// Everything is undone with the same content, mode and name, so that the next attempt finds the tree it was planned for.
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { spawnSync } = require('node:child_process')

const { O_WRONLY, O_RDWR, O_RDONLY, O_APPEND, O_CREAT, O_EXCL } = fs.constants
let serial = 0
const beside = (file) => path.join(path.dirname(file), `.p${serial++}`)
const openClose = (file, flags, mode = 0o644) => fs.closeSync(fs.openSync(file, flags, mode))

const lstat = (file) => {
  try {
    return fs.lstatSync(file)
  } catch {
    return undefined
  }
}
const contentOf = (file) => {
  try {
    return fs.readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

/** Remembers what a name is, so that it (or its double) can be made again. */
const imprint = (file) => {
  const stat = lstat(file)
  if (stat?.isSymbolicLink()) {
    const target = fs.readlinkSync(file)
    return (to) => fs.symlinkSync(target, to)
  }
  if (stat?.isDirectory()) return (to) => (fs.mkdirSync(to), fs.chmodSync(to, stat.mode & 0o777))
  const content = stat?.isFile() ? contentOf(file) : ''
  return (to) => (
    fs.writeFileSync(to, content, { flag: 'wx' }), fs.chmodSync(to, (stat?.mode ?? 0o644) & 0o777)
  )
}
const remove = (file) => (lstat(file)?.isDirectory() ? fs.rmdirSync(file) : fs.unlinkSync(file))

const moveAndBack = (from, to) => {
  fs.renameSync(from, to)
  fs.renameSync(to, from)
}

/** Moves a double onto the name; the double is taken away again when that fails, or when the name was free. */
const replace = (file) => {
  const wasThere = lstat(file) !== undefined
  const double = beside(file)
  imprint(file)(double)
  try {
    fs.renameSync(double, file)
  } catch (error) {
    remove(double)
    throw error
  }
  if (!wasThere) remove(file)
}

const linkAndBack = (from, to) => {
  fs.linkSync(from, to)
  fs.unlinkSync(to)
}

const linkFresh = (file) => {
  const source = beside(file)
  fs.writeFileSync(source, '', { flag: 'wx' })
  try {
    linkAndBack(source, file)
  } finally {
    fs.unlinkSync(source)
  }
}

const settled = (emitter, good) =>
  new Promise((resolve, reject) => {
    emitter.once('error', reject)
    emitter.once(good, resolve)
  })
const connect = async (file) => {
  const socket = net.connect(file)
  await settled(socket, 'connect')
  socket.destroy()
}
const bind = async (file) => {
  const server = net.createServer()
  server.listen(file)
  await settled(server, 'listening')
  await new Promise((resolve) => server.close(resolve))
}
const exec = (file) => {
  const { error } = spawnSync(file, [], { stdio: 'ignore' })
  if (error) throw error
}

const DEEDS = {
  stat: (file) => fs.lstatSync(file),
  'stat-through': (file) => fs.statSync(file),
  read: (file) => fs.readFileSync(file),
  open: (file) => openClose(file, O_RDONLY),
  list: (file) => fs.readdirSync(file),
  exec,
  create: (file) => (openClose(file, O_WRONLY | O_CREAT | O_EXCL), fs.unlinkSync(file)),
  mkdir: (file) => (fs.mkdirSync(file), fs.rmdirSync(file)),
  symlink: (file) => (fs.symlinkSync('nowhere', file), fs.unlinkSync(file)),
  write: (file) => openClose(file, O_WRONLY),
  'read-write': (file) => openClose(file, O_RDWR | O_CREAT),
  append: (file) => {
    const fd = fs.openSync(file, O_WRONLY | O_APPEND)
    fs.writeSync(fd, '')
    fs.closeSync(fd)
  },
  truncate: (file, size) => fs.truncateSync(file, size),
  unlink: (file) => {
    const again = imprint(file)
    remove(file)
    again(file)
  },
  'rename-from': (file) => moveAndBack(file, beside(file)),
  'rename-to': replace,
  'link-from': (file) => linkAndBack(file, beside(file)),
  'link-to': linkFresh,
  chmod: (file) => fs.chmodSync(file, (lstat(file)?.mode ?? 0o755) & 0o777),
  'chmod-through': (file) => fs.chmodSync(file, fs.statSync(file).mode & 0o777),
  utimes: (file) => {
    const { atime, mtime } = lstat(file) ?? { atime: new Date(), mtime: new Date() }
    fs.lutimesSync(file, atime, mtime)
  },
  connect,
  bind,
  move: (file, to) => moveAndBack(file, to),
  link: (file, to) => linkAndBack(file, to),
}

const main = async () => {
  const asked = JSON.parse(fs.readFileSync(0, 'utf8'))
  const answers = []
  for (const [deed, file, more] of asked) {
    try {
      await DEEDS[deed](file, more)
      answers.push('ok')
    } catch (error) {
      if (error.code === undefined) throw error
      answers.push(error.code)
    }
  }
  process.stdout.write(JSON.stringify(answers))
}
main()
