import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SCRIPT = path.resolve(import.meta.dirname, '../../shell/reaper.sh')

describe('the process that cleans up after a run', () => {
  let state: string
  beforeEach(() => {
    state = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-reaper-'))
  })
  afterEach(() => fs.rmSync(state, { recursive: true, force: true }))

  it.each([
    ['nobody hears its answer any more', ': '],
    ['somebody hears it: the twin', 'cat > /dev/null'],
  ])('takes away what the run put on the host, where %s', (_, reader) => {
    const held = path.join(state, 'project/.vscode')
    fs.mkdirSync(held, { recursive: true })
    fs.mkdirSync(path.join(state, 'runs/r-1'), { recursive: true })
    fs.symlinkSync(held, path.join(state, 'runs/r-1/held-99999-d'))
    const fifo = path.join(state, 'gone')
    const script = `mkfifo "$3"; { cat "$3"; exec sh "$1" "$2" r-1 < /dev/null; } | { ${reader} < /dev/null; exec 0< /dev/null; echo > "$3"; }`
    const words = reader.startsWith('cat')
      ? 'sh "$1" "$2" r-1 < /dev/null | cat > /dev/null'
      : script
    const done = spawnSync('sh', ['-c', words, 'sh', SCRIPT, state, fifo], { timeout: 60_000 })
    expect(done.status).toBe(0)
    expect(fs.existsSync(held)).toBe(false)
    expect(fs.readdirSync(path.join(state, 'runs'))).toEqual([])
  })
})
