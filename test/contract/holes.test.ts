import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileBubblewrap, MOUNT_BUDGET } from '../../src/backend/bubblewrap/program.ts'
import { decide } from '../../src/policy/decide.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, join } from '../../src/machine/paths.ts'
import { grant, protection } from '../policy/builders.ts'
import { kernel, type Outcome, skipReason } from './kernel.ts'
import { withBase, type Workspace, workspace } from './machine.ts'

const reason = skipReason()

/**
 * Facts of bubblewrap that were measured once and that the program is built on; each refusal beside
 * something that works.
 */
describe.skipIf(reason !== undefined)('measured holes stay closed', () => {
  let place: Workspace
  let project: AbsolutePath
  beforeEach(() => {
    place = workspace()
    project = join(place.root, 'p')
    fs.mkdirSync(project)
  })
  afterEach(() => place.dispose())

  const file = (name: string, content = name): AbsolutePath => {
    const where = join(place.root, name)
    fs.mkdirSync(path.dirname(where), { recursive: true })
    fs.writeFileSync(where, content)
    return where
  }
  const sh = (policy: ResolvedPolicy, script: string): Promise<Outcome> =>
    kernel.start(policy, ['/bin/sh', '-c', `cd ${place.root}; ${script}`], {})
  /** Each command alone: whether it succeeded. */
  const tries = async (policy: ResolvedPolicy, commands: readonly string[]): Promise<boolean[]> => {
    const { stdout } = await sh(
      policy,
      commands.map((command) => `(${command}) >/dev/null 2>&1; echo $?`).join('\n'),
    )
    return stdout
      .trim()
      .split('\n')
      .map((code) => code === '0')
  }

  it('no directory above a protection can be moved, at any depth, and a hook cannot be planted beside it (L2)', async () => {
    file('p/a/b/c/d/hooks/pre-commit')
    const policy = withBase({
      grants: [grant('write', project)],
      protections: [protection('read_only', join(project, 'a/b/c/d/hooks'))],
    })
    expect(
      await tries(policy, [
        'mv p/a p/x',
        'mv p/a/b p/x',
        'mv p/a/b/c p/x',
        'mv p/a/b/c/d p/x',
        'mv p/a/b/c/d/hooks p/x',
        'touch p/a/b/c/d/hooks/new',
        'rmdir p/a',
      ]),
    ).toEqual(Array(7).fill(false))
    expect(await tries(policy, ['mkdir p/y', 'mv p/y p/a/b/c/d/y', 'touch p/a/b/c/d/new'])).toEqual(
      [true, true, true],
    )
  })

  it('pins are not in the way of renames across them (L3)', async () => {
    file('p/a/b/hooks/x')
    file('p/f')
    const policy = withBase({
      grants: [grant('write', project)],
      protections: [protection('read_only', join(project, 'a/b/hooks'))],
    })
    expect(
      await tries(policy, ['mv p/f p/a/f', 'mv p/a/f p/a/b/f', 'ln p/a/b/f p/g', 'mv p/a/b p/h']),
    ).toEqual([true, true, true, false])
  })

  it('an absent name is held, by a file where it must be one, and is gone afterwards (L4, L13)', async () => {
    fs.mkdirSync(join(project, '.git'))
    const policy = withBase({
      grants: [grant('write', project)],
      protections: [
        protection('read_only', join(project, '.git/commondir'), {
          exists: false,
          entry: 'file',
          placeholder: '.\n',
        }),
        protection('read_only', join(project, '.vscode'), { exists: false }),
      ],
    })
    expect(
      await tries(policy, [
        'grep -qx . p/.git/commondir',
        'echo /tmp > p/.git/commondir',
        'rm p/.git/commondir',
        'mkdir p/.vscode',
        'touch p/.vscode/tasks.json',
        'touch p/.git/HEAD',
      ]),
    ).toEqual([true, false, false, false, false, true])
    expect(fs.readdirSync(project).concat(fs.readdirSync(join(project, '.git')))).toEqual([
      '.git',
      'HEAD',
    ])
  })

  it('a name held by a socket or an empty directory shows inside what its reader expects, and nothing of it outside', async () => {
    const policy = withBase({
      grants: [grant('write', project)],
      protections: [
        protection('read_only', join(project, '.mcp.json'), {
          exists: false,
          entry: 'file',
          placeholder: '{}\n',
          isUnseen: true,
        }),
        protection('read_only', join(project, '.tool'), {
          exists: false,
          files: { '.gitignore': '*\n' },
        }),
      ],
    })
    expect(
      await tries(policy, [
        'test -f p/.mcp.json && grep -qx "{}" p/.mcp.json',
        'echo x > p/.mcp.json',
        'rm -f p/.mcp.json && test ! -e p/.mcp.json',
        'mv p/.mcp.json p/x',
        'grep -qx "\\*" p/.tool/.gitignore',
        'echo x > p/.tool/.gitignore',
        'touch p/.tool/new',
        'mv p/.tool p/x',
        'touch p/x',
      ]),
    ).toEqual([true, false, false, false, true, false, false, false, true])
    expect(fs.readdirSync(project)).toEqual(['x'])
  })

  it('a directory swapped for a link after resolution is seen before the program is let go (L5)', async () => {
    file('p/dist/x')
    file('home/key')
    const policy = withBase({ grants: [grant('write', join(project, 'dist'))] })
    expect(await tries(policy, ['cat p/dist/x'])).toEqual([true])
    fs.rmSync(join(project, 'dist'), { recursive: true })
    fs.symlinkSync('../home', join(project, 'dist'))
    await expect(tries(policy, ['cat p/dist/key'])).rejects.toThrow(
      /instead of|not the planned ones/,
    )
  })

  it('a link in a writable root can be replaced although its target is protected, and decide() says so: such a protection must refuse the start (L6)', async () => {
    file('p/.githooks/pre-commit')
    fs.symlinkSync('.githooks', join(project, 'hooks'))
    const policy = withBase({
      grants: [grant('write', project)],
      protections: [protection('read_only', join(project, '.githooks'))],
    })
    expect(decide(policy, 'rename-from', join(project, 'hooks')).allowed).toBe(true)
    expect(
      await tries(policy, ['touch p/hooks/new', 'mv p/.githooks p/x', 'mv p/hooks p/old']),
    ).toEqual([false, false, true])
  })

  it('a new hard link never makes an outside file writable; one that was there before does, which is why it is a notice (L7)', async () => {
    const store = file('store/package')
    fs.linkSync(store, join(project, 'before'))
    const policy = withBase({
      grants: [grant('write', project), grant('read', join(place.root, 'store'))],
    })
    expect(
      await tries(policy, [
        'ln store/package p/new',
        'echo changed > store/package',
        'echo changed > p/before',
      ]),
    ).toEqual([false, false, true])
    expect(fs.readFileSync(store, 'utf8')).toBe('changed\n')
  })

  it('names above a grant can be passed, not listed or written, and a write there fails instead of vanishing (L11)', async () => {
    file('home/project/x')
    file('home/.zshrc')
    const policy = withBase({ grants: [grant('write', join(place.root, 'home/project'))] })
    const refused = [
      'touch home/.new',
      'echo x > home/.zshrc',
      'ls home',
      'ls /',
      'touch /new',
      'mkdir home/d',
      'chmod 755 home',
      'touch /dev/new',
      'touch /proc/new',
    ]
    expect(await tries(policy, refused)).toEqual(refused.map(() => false))
    expect(
      await tries(policy, [
        'touch home/project/new',
        'stat home',
        'echo x > /dev/null',
        'touch /dev/shm/new',
      ]),
    ).toEqual([true, true, true, true])
  })

  it('hundreds of mounts start, more than the budget are refused before anything starts (L12)', async () => {
    const several = Array.from({ length: 300 }, (_, at) =>
      protection('hidden', file(`p/${at}`), { entry: 'file' }),
    )
    expect(
      await tries(withBase({ grants: [grant('write', project)], protections: several }), [
        'touch p/new',
        'cat p/299',
      ]),
    ).toEqual([true, false])
    const many = Array.from({ length: MOUNT_BUDGET }, (_, at) =>
      protection('hidden', join(project, `${at}`), { entry: 'file' }),
    )
    expect(() =>
      compileBubblewrap(withBase({ grants: [grant('write', project)], protections: many })),
    ).toThrow(/mounts, more than/)
  })

  it('root without capabilities reads no /etc/shadow where /etc is granted by list (L14)', async () => {
    const policy = withBase({ grants: [grant('read', '/etc/passwd', { kind: 'file' })] })
    expect(
      await tries(policy, [
        'cat /etc/passwd',
        'cat /etc/shadow',
        'ls /etc',
        'echo x >> /etc/passwd',
      ]),
    ).toEqual([true, false, false, false])
  })

  it('a single writable file is writable in place only, and a redundant grant does not break atomic saves (L17)', async () => {
    file('d/f')
    file('p/f')
    const policy = withBase({
      grants: [
        grant('read', join(place.root, 'd')),
        grant('write', join(place.root, 'd/f'), { kind: 'file' }),
        grant('write', project),
        grant('write', join(project, 'f'), { kind: 'file' }),
      ],
    })
    expect(
      await tries(policy, [
        'echo x > d/f',
        'touch d/g',
        'mv p/f d/f',
        'rm d/f',
        'echo x > p/t',
        'mv p/t p/f',
      ]),
    ).toEqual([true, false, false, false, true, true])
  })

  it('rename and link between two write grants fail, a copy works (L17)', async () => {
    fs.mkdirSync(join(place.root, 'q'))
    file('p/f')
    const policy = withBase({
      grants: [grant('write', project), grant('write', join(place.root, 'q'))],
    })
    expect(
      await tries(policy, [
        'ln p/f q/f',
        `perl -e 'rename("p/f", "q/f") or exit 1'`,
        'cp p/f q/f',
        'mv p/f q/g',
      ]),
    ).toEqual([false, false, true, true])
  })
})
