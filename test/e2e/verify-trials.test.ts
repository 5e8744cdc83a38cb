import { afterAll, beforeAll, describe, expect } from 'vitest'
import { launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const itHere = where(whyNoKernel())

describe.each(ordinary())('the trials of verify, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
  })
  afterAll(() => world.remove())

  itHere('are not the last run that explain tells about', async () => {
    await launcher(world, ['run', '--quiet', '--', 'sh', '-c', 'exit 7'])
    await launcher(world, ['verify', 'default', '--network', 'none'])
    expect((await launcher(world, ['explain'])).stdout).toContain('exit 7')
  })

  itHere('are told from other runs by nothing in the user’s environment', async () => {
    const env = { LAUNCHER_VERIFY_SECRET: 'mine' }
    await launcher(world, ['run', '--quiet', '--', 'sh', '-c', 'exit 8'], { env })
    expect((await launcher(world, ['explain'])).stdout).toContain('exit 8')
  })
})
