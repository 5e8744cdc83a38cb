import fs from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { closeInherited, standardStreams } from '../../src/launch/descriptors.ts'

const failure = (code: string): Error => Object.assign(new Error(code), { code })

describe.skipIf(process.platform === 'darwin')('descriptors that cannot be looked at', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Descriptors are described by `flags`; an error is thrown. */
  const describeAs = (flags: string | Error): void => {
    const read = fs.readFileSync
    vi.spyOn(fs, 'readFileSync').mockImplementation(((file: fs.PathOrFileDescriptor) => {
      if (!String(file).startsWith('/proc/self/fdinfo/')) return read(file, 'utf8')
      if (flags instanceof Error) throw flags
      return flags
    }) as typeof fs.readFileSync)
  }
  const listAs = (names: readonly string[] | Error): void => {
    vi.spyOn(fs, 'readdirSync').mockImplementation((() => {
      if (names instanceof Error) throw names
      return names
    }) as unknown as typeof fs.readdirSync)
  }
  const refusal = expect.objectContaining({ code: 'E_STDIO' })
  const thrownBy = (action: () => unknown): unknown => {
    try {
      action()
    } catch (error) {
      return error
    }
    return undefined
  }

  it.each(['EMFILE', 'ENOENT', 'EACCES'])('a list that fails with %s is refused', (code) => {
    listAs(failure(code))
    expect(thrownBy(closeInherited)).toEqual(refusal)
  })

  it.each<[string, string | Error]>([
    ['cannot be read', failure('EMFILE')],
    ['is not there', failure('ENOENT')],
    ['says nothing', 'pos:\t0\n'],
  ])('an inherited one whose description %s is refused', (_, flags) => {
    const fd = fs.openSync('/dev/null', 'r')
    const close = vi.spyOn(fs, 'closeSync').mockImplementation(() => undefined)
    listAs(['0', '1', '2', String(fd)])
    describeAs(flags)
    expect(thrownBy(closeInherited)).toEqual(refusal)
    close.mockRestore()
    fs.closeSync(fd)
  })

  it.each<[string, string | Error]>([
    ['cannot be read', failure('EMFILE')],
    ['is not there', failure('ENOENT')],
    ['says nothing', 'pos:\t0\n'],
  ])('a standard stream whose description %s is refused', (_, flags) => {
    describeAs(flags)
    expect(thrownBy(standardStreams)).toEqual(refusal)
  })

  it('one that can be inherited is closed, one of our own and one that is gone are not: the twin', () => {
    const [inherited, own] = [fs.openSync('/dev/null', 'r'), fs.openSync('/dev/null', 'r')]
    const closed: number[] = []
    const close = vi.spyOn(fs, 'closeSync').mockImplementation((fd) => void closed.push(fd))
    listAs(['0', '1', '2', String(inherited), String(own), '99999'])
    const read = fs.readFileSync
    vi.spyOn(fs, 'readFileSync').mockImplementation(((file: fs.PathOrFileDescriptor) =>
      String(file) === `/proc/self/fdinfo/${inherited}`
        ? 'flags:\t0100000\n'
        : read(file, 'utf8')) as typeof fs.readFileSync)
    expect(thrownBy(closeInherited)).toBe(undefined)
    expect(closed).toEqual([inherited])
    close.mockRestore()
    for (const fd of [inherited, own]) fs.closeSync(fd)
  })

  it('standard streams that are plain are taken: the twin', () => {
    describeAs('flags:\t02\n')
    expect(standardStreams().directory).toBe(undefined)
    describeAs('flags:\t010000000\n')
    expect(standardStreams().directory).toBe('standard input')
  })
})
