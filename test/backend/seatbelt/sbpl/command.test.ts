import { describe, expect, it } from 'vitest'
import {
  sbplCheck,
  sbplDecide,
  type CommandIo,
  type SbplOptions,
} from '../../../../src/commands/sbpl.ts'

const profile =
  '(version 1)\n(allow default)\n(deny file-read* (subpath (param "S")))\n(deny network-outbound (remote tcp "*:22"))'

function fakeIo(text = profile) {
  const written = { out: '', err: '' }
  const io: CommandIo = {
    readFile: (path) => (path === 'p.sb' ? text : undefined),
    out: (more) => void (written.out += more),
    err: (more) => void (written.err += more),
  }
  return { io, written }
}

const decide = async (
  operation: string,
  facts: string[],
  options: SbplOptions = { define: ['S=/s'] },
) => {
  const { io, written } = fakeIo()
  return { code: await sbplDecide('p.sb', operation, facts, options, io), ...written }
}

describe('sbpl decide', () => {
  it.each([
    ['file-read-data', ['path=/s/a'], 1],
    ['file-read-data', ['path=/t/a'], 0],
    ['file-write-data', ['path=/s/a'], 0],
    ['network-outbound', ['remote=tcp:localhost:22'], 1],
    ['network-outbound', ['remote=udp:localhost:22'], 0],
    ['file-read-xattr', ['literal=/s', 'xattr=a', 'vnode-type=DIRECTORY', 'file-mode=0644'], 1],
    [
      'mach-lookup',
      [
        'global-name=a=b',
        'target=self',
        'target=same-sandbox',
        'socket-protocol=0x2',
        'ioctl-command=FIONREAD',
        'notification-payload=#t',
      ],
      0,
    ],
  ])('%s %j: %i', async (operation, facts, code) =>
    expect(await decide(operation, facts)).toMatchObject({ code, err: '' }),
  )

  it('prints the rule and its line', async () => {
    expect((await decide('file-read-data', ['path=/s/a'])).out).toBe(
      'denied file-read-data\n  p.sb:3\n  (deny file-read* (subpath "/s"))\n  last matching rule of file-read*\n',
    )
  })

  it('prints JSON', async () => {
    const { out } = await decide('file-read-data', ['path=/s/a'], { json: true, define: ['S=/s'] })
    expect(JSON.parse(out)).toEqual({
      version: 1,
      kind: 'sbpl-decision',
      allowed: false,
      operation: 'file-read-data',
      line: 3,
      rule: '(deny file-read* (subpath "/s"))',
      why: 'last matching rule of file-read*',
    })
    expect(
      JSON.parse((await decide('job-creation', [], { json: true, define: ['S=/s'] })).out),
    ).toMatchObject({ allowed: false, line: null, rule: null })
  })

  it.each([
    ['a broken profile', 'file-read-data', [], {}, 'E_SBPL'],
    ['an unknown operation', 'reed', [], undefined, 'E_USAGE'],
    ['a fact without value', 'signal', ['path'], undefined, 'E_USAGE'],
    ['an unknown fact', 'signal', ['colour=red'], undefined, 'E_USAGE'],
    ['a filter that is no fact', 'signal', ['subpath=/a'], undefined, 'E_USAGE'],
    ['a value that cannot be', 'signal', ['target=me'], undefined, 'E_USAGE'],
    ['a relative path', 'file-read-data', ['path=a'], undefined, 'E_USAGE'],
    [
      'an address without protocol',
      'network-outbound',
      ['remote=localhost:80'],
      undefined,
      'E_USAGE',
    ],
    ['a malformed definition', 'signal', [], { define: ['S'] }, 'E_USAGE'],
  ])('ends with 2 on %s', async (_, operation, facts, options, code) => {
    await expect(decide(operation, facts, options)).rejects.toMatchObject({ code, exit: 2 })
  })

  it('says where a broken profile is broken', async () => {
    await expect(decide('lsopen', [], {})).rejects.toMatchObject({ at: 'p.sb:3:18' })
  })

  it('says that imports are not followed', async () => {
    const { io, written } = fakeIo('(version 1)(import "a.sb")(allow default)')
    expect(await sbplDecide('p.sb', 'lsopen', [], {}, io)).toBe(0)
    expect(written.err).toContain('not followed')
  })
})

describe('sbpl decide on a Mac as it is', () => {
  const asked = async (
    text: string,
    operation: string,
    facts: string[],
    options: SbplOptions = {},
  ): Promise<{ code: number; out: string; err: string }> => {
    const { io, written } = fakeIo(text)
    return { code: await sbplDecide('p.sb', operation, facts, options, io), ...written }
  }
  const hosts = '(version 1)(deny default)(allow file-read* (literal "/private/etc/hosts"))'
  const link = '(allow file-read-metadata (literal "/etc"))'

  it('follows the links of every Mac, each of which needs its metadata', async () => {
    const denied = await asked(hosts, 'file-read-data', ['path=/etc/hosts'])
    expect(denied).toMatchObject({
      code: 1,
      out: expect.stringContaining('/etc is a link on the way'),
    })
    expect(await asked(hosts + link, 'file-read-data', ['path=/etc/hosts'])).toMatchObject({
      code: 0,
    })
    expect(await asked(hosts, 'file-read-data', ['path=/private/etc/hosts'])).toMatchObject({
      code: 0,
    })
  })

  it('and the links it is told, each spelled with what is above it resolved', async () => {
    const text = '(version 1)(deny default)(allow file-read* (subpath "/cellar/3"))'
    const nodes = '(allow file-read-metadata (literal "/opt/python") (literal "/cellar/current"))'
    const links = { link: ['/opt/python=../cellar/current', '/cellar/current=3'] }
    const path = ['path=/opt/python/bin']
    expect(await asked(text + nodes, 'file-read-data', path, links)).toMatchObject({ code: 0 })
    expect(await asked(text, 'file-read-data', path, links)).toMatchObject({
      code: 1,
      out: expect.stringContaining('/opt/python is a link on the way'),
    })
    expect(
      await asked('(version 1)(allow default)', 'file-read-data', ['path=/a/x'], {
        link: ['/a=/a'],
      }),
    ).toMatchObject({ code: 1, out: expect.stringContaining('ELOOP') })
  })

  it('takes the long name of the data volume for the short one', async () => {
    const text = '(version 1)(deny default)(allow file-read* (subpath "/Users/me"))'
    const path = ['path=/System/Volumes/Data/Users/me/x']
    expect(await asked(text, 'file-read-data', path)).toMatchObject({ code: 0 })
  })

  it('knows the built-in allows and the names of the release it is asked for', async () => {
    const text = '(version 1)(deny default)'
    const graft = ['path=/x']
    expect(await asked(text, 'file-graft', graft, { macos: '26' })).toMatchObject({ code: 0 })
    await expect(
      asked(`${text}(deny file-graft)`, 'file-graft', graft, { macos: '15' }),
    ).rejects.toMatchObject({ code: 'E_SBPL', message: 'unbound variable: file-graft' })
    await expect(asked(text, 'lsopen', [], { macos: '12' })).rejects.toMatchObject({
      code: 'E_USAGE',
      message: expect.stringContaining('13, 14, 15, 26'),
    })
  })

  it('says where a measurement speaks against the verdict', async () => {
    const text =
      '(version 1)(deny default)(deny file-write-data (literal "/d/f"))(allow file-write-data (subpath "/d"))'
    expect(await asked(text, 'file-write-data', ['path=/d/f'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('disputed: the denial of this very path in line 1'),
    })
    const { out } = await asked(text, 'file-write-data', ['path=/d/g'])
    expect(out).not.toContain('disputed')
  })

  it('asks by setattrlist', async () => {
    const text =
      '(version 1)(deny default)(allow file-write* (subpath "/d"))(deny file-write-mode (subpath "/d"))'
    expect(await asked(text, 'file-write-mode', ['path=/d/f'])).toMatchObject({ code: 1 })
    expect(await asked(text, 'file-write-mode', ['path=/d/f', 'call=setattrlist'])).toMatchObject({
      code: 0,
    })
  })

  it('decides behind a macro of an import, and says what it left out', async () => {
    const text =
      '(version 1)\n(deny default)\n(import "bsd.sb")\n(system-network)\n(allow file-read* (subpath "/a"))'
    expect(await asked(text, 'file-read-data', ['path=/a/b'])).toMatchObject({
      code: 0,
      err:
        'launcher: p.sb:3: import of "bsd.sb" is not followed\n' +
        'launcher: p.sb:4: (system-network …) is left out: only an import can define it\n',
    })
  })
})

describe('sbpl check', () => {
  it('is silent and 0 on a clean profile', async () => {
    const { io, written } = fakeIo()
    expect(await sbplCheck('p.sb', { define: ['S=/s'] }, io)).toBe(0)
    expect(written).toEqual({ out: '', err: '' })
  })

  it('prints FILE:LINE:COL and ends with 1 on findings', async () => {
    const { io, written } = fakeIo(
      '(version 1)\n(allow default)\n(deny file-read* (subpath "/tmp"))',
    )
    expect(await sbplCheck('p.sb', {}, io)).toBe(1)
    expect(written.out).toBe(
      'p.sb:3:27 warning dead-path "/tmp" never matches (this deny protects nothing): /tmp is a symbolic link: write /private/tmp\n',
    )
  })

  it('prints JSON', async () => {
    const { io, written } = fakeIo('(version 1)(allow default)(import "a.sb")')
    expect(await sbplCheck('p.sb', { json: true }, io)).toBe(0)
    expect(JSON.parse(written.out)).toEqual({
      version: 1,
      kind: 'sbpl-check',
      findings: [
        expect.objectContaining({ line: 1, column: 27, severity: 'notice', code: 'import' }),
      ],
    })
  })

  it('ends with 2 when the file is not there', async () => {
    await expect(sbplCheck('q.sb', {}, fakeIo().io)).rejects.toMatchObject({
      code: 'E_SBPL',
      exit: 2,
    })
  })
})
