import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, users, whyNoKernel } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

where(whyNoKernel())(
  'a project with 500 hidden files, each in a directory of its own, starts and hides each',
  async () => {
    const world = newWorld(users().at(-1)!)
    try {
      for (let i = 0; i < 500; i++) {
        fs.mkdirSync(path.join(world.project, `d${i}`))
        fs.writeFileSync(path.join(world.project, `d${i}/.env`), 'TOKEN=secret\n')
      }
      world.put('work/project/a', '')
      const { stdout, code } = await inside(world, 'cat */.env 2>/dev/null; echo end')
      expect({ stdout, code }).toEqual({ stdout: 'end\n', code: 0 })
    } finally {
      world.remove()
    }
  },
)
