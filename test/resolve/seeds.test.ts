import { describe, expect, it } from 'vitest'
import { dir, fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { originOf, type PolicyText, resolveOn } from './policies.ts'

const P = '/home/u/p'
const seed = (path: string, unless: readonly string[] = []) => ({
  path,
  content: 'seed',
  unless,
  origin: originOf(),
})
const OUTSIDE: PolicyText = { read: ['~/.tool'], seeds: [seed('~/.tool/first', ['other'])] }
const INSIDE: PolicyText = {
  write: ['$PROJECT'],
  readOnly: ['$PROJECT/.tool'],
  seeds: [seed('$PROJECT/.tool/first')],
}

interface Outcome {
  readonly made: readonly string[]
  readonly shown: readonly (readonly [string, Readonly<Record<string, string>>])[]
}

const outcome = async (tree: FakeTree, text: PolicyText): Promise<Outcome> => {
  const { create, resolved } = await resolveOn(fakeHost({ [`${P}/x`]: '', ...tree }), text)
  return {
    made: create.filter(({ content }) => content !== undefined).map(({ path }) => path),
    shown: resolved.protections.flatMap(({ path, files }) =>
      files ? [[path, files] as const] : [],
    ),
  }
}
const made = (path: string): Outcome => ({ made: [path], shown: [] })
const NOTHING: Outcome = { made: [], shown: [] }

describe('a seed', () => {
  it.each<[string, FakeTree, PolicyText, Outcome]>([
    [
      'is made where its directory is there',
      { '/home/u/.tool/x': '' },
      OUTSIDE,
      made('/home/u/.tool/first'),
    ],
    [
      'also in an empty one that nobody could hold',
      { '/home/u/.tool': dir() },
      { ...OUTSIDE, readOnly: ['~/.tool'] },
      made('/home/u/.tool/first'),
    ],
    [
      'is made with its directory where that is to be made',
      {},
      { ...OUTSIDE, create: ['~/.tool/'] },
      made('/home/u/.tool/first'),
    ],
    ['is not made where its directory is absent', {}, OUTSIDE, NOTHING],
    ['is not made where it is there', { '/home/u/.tool/first': 'mine' }, OUTSIDE, NOTHING],
    [
      'is not made where one of the names that make it needless is there',
      { '/home/u/.tool/other': '' },
      OUTSIDE,
      NOTHING,
    ],
    [
      'is not made where nothing grants it',
      { '/home/u/.tool/x': '' },
      { ...OUTSIDE, read: [] },
      NOTHING,
    ],
    [
      'is not made through a link that the agent could have planted',
      { [`${P}/.tool`]: link('/home/u/.tool'), '/home/u/.tool/x': '' },
      { write: ['$PROJECT'], read: ['~/.tool'], seeds: [seed('$PROJECT/.tool/first')] },
      NOTHING,
    ],
    [
      'is not made at a link to nothing',
      { '/home/u/.tool/first': link('/home/u/elsewhere') },
      OUTSIDE,
      NOTHING,
    ],
    [
      'of a directory that holds a protected name is shown in it and not made',
      {},
      INSIDE,
      { made: [], shown: [[`${P}/.tool`, { first: 'seed' }]] },
    ],
    [
      'is shown also in the empty directory of another run',
      { [`${P}/.tool`]: dir() },
      INSIDE,
      { made: [], shown: [[`${P}/.tool`, { first: 'seed' }]] },
    ],
    [
      'is made in a protected directory of the user',
      { [`${P}/.tool/agent.md`]: '' },
      INSIDE,
      made(`${P}/.tool/first`),
    ],
  ])('%s', async (_, tree, text, expected) => expect(await outcome(tree, text)).toEqual(expected))
})
