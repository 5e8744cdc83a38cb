import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const INPUTS = ['package-lock.json', 'package.json', 'profiles', 'shell', 'src']

/** Names the state of everything that a build reads: files by size and time, and the Node whose V8 makes the cache. */
export const stampOf = (root) => {
  const hash = createHash('sha256').update(
    `${process.version} ${process.arch} ${process.platform}\n`,
  )
  for (const input of INPUTS) for (const line of linesOf(root, input)) hash.update(`${line}\n`)
  return hash.digest('hex')
}

const linesOf = (root, name) => {
  const stat = fs.statSync(path.join(root, name), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [`${name} ${stat.size} ${stat.mtimeMs}`]
  return fs
    .readdirSync(path.join(root, name))
    .sort()
    .flatMap((child) => linesOf(root, `${name}/${child}`))
}
