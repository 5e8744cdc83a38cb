import { describe, expect, it } from 'vitest'
import { compileSeatbelt } from '../../src/backend/seatbelt/program.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { Operation } from '../../src/policy/model.ts'
import { enforcer } from '../backend/seatbelt/agreement.ts'
import { dir, fakeHost } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const P = '/home/u/p'
const tree = {
  [`${P}/sub/Head`]: 'import x\n',
  [`${P}/.git/HEAD`]: 'ref: refs/heads/main\n',
  '/home/u/.cargo': dir(),
}
const TEXT: PolicyText = { write: ['$PROJECT', '~/.cargo'] }

/** What the policy and the profile that is made of it say; they must agree. */
const judge = async (text: PolicyText = TEXT, platform: 'macos' | 'linux' = 'macos') => {
  const { resolved } = await resolveOn(fakeHost(tree, { platform }), text)
  const { decide } = compilePolicy(resolved)
  const enforce =
    platform === 'macos' ? enforcer(compileSeatbelt(resolved, { runId: 'test' })) : undefined
  return (operation: Operation, path: string): boolean => {
    const { allowed } = decide(operation, path as AbsolutePath)
    if (enforce) expect([path, enforce(operation, path as AbsolutePath)]).toEqual([path, allowed])
    return allowed
  }
}

describe('HEAD cannot be made in the project where a rule sees names as they are made', () => {
  it.each<[Operation, string]>([
    ['create', 'sub/deep/HEAD'],
    ['create', 'other/head'],
    ['create', 'other/hEaD'],
    ['symlink', 'other/HEAD'],
    ['link-to', 'other/HEAD'],
    ['rename-to', 'other/HEAD'],
    ['create', 'x.git/HEAD'],
    ['create', '.gi/HEAD'],
    ['create', '.git2/HEAD'],
    ['create', 'HEAD'],
    // The dotless i folds to the same letter and is no exception.
    ['create', 'a/.g\u0131t/HEAD'],
  ])('%s %s is denied', async (operation, path) =>
    expect((await judge())(operation, `${P}/${path}`)).toBe(false),
  )

  it.each<[Operation, string]>([
    ['create', 'sub/.git/HEAD'],
    ['rename-to', 'sub/.git/HEAD'],
    ['create', 'sub/.GIT/HEAD'],
    ['create', 'sub/.git/modules/a/b/HEAD'],
    ['create', '.git/worktrees/w/HEAD'],
    ['create', 'sub/head.tsx'],
    ['create', 'sub/ahead'],
    ['mkdir', 'components/Head'],
    ['create', 'components/Head/index.tsx'],
    ['write', 'sub/Head'],
    ['unlink', 'sub/Head'],
  ])('%s %s is not', async (operation, path) =>
    expect((await judge())(operation, `${P}/${path}`)).toBe(true),
  )

  it('a bare store outside the project is made as ever', async () => {
    expect((await judge())('create', '/home/u/.cargo/git/db/serde-1/HEAD')).toBe(true)
  })

  it('--lift HEAD frees the name', async () => {
    const can = await judge({ ...TEXT, lift: [`${P}/HEAD`] })
    expect(can('create', `${P}/x.git/HEAD`)).toBe(true)
  })

  it('a lift of something else frees nothing', async () => {
    const can = await judge({ ...TEXT, readOnly: ['$PROJECT/.vscode'], lift: [`${P}/.vscode`] })
    expect(can('create', `${P}/.vscode/x`)).toBe(true)
    expect(can('create', `${P}/.vscode/HEAD`)).toBe(false)
  })

  it('on Linux, where no rule sees it, it is not denied but told after the run', async () => {
    expect((await judge(TEXT, 'linux'))('create', `${P}/x.git/HEAD`)).toBe(true)
  })
})
