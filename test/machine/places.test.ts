import { describe, expect, it } from 'vitest'
import { ownPlaces, withStoredPlaces } from '../../src/machine/places.ts'
import { fakeHost } from '../fixtures/fake-host.ts'

const placesWith = (env: Record<string, string>, platform: 'linux' | 'macos' = 'linux') =>
  ownPlaces(fakeHost({}, { env, platform }))

describe('withStoredPlaces', () => {
  const spelled = (platform: 'linux' | 'macos') => {
    const { home, cwd, installation } = withStoredPlaces(
      fakeHost(
        { '/Users/u/code/shop/x': '', '/Applications/launcher/dist/x': '' },
        {
          platform,
          home: '/users/U',
          cwd: '/users/U/Code/SHOP',
          installation: '/applications/LAUNCHER',
        },
      ),
    )
    return { home, cwd, installation }
  }
  it('names home, the working directory and the installation as a Mac stores them', () => {
    expect(spelled('macos')).toEqual({
      home: '/Users/u',
      cwd: '/Users/u/code/shop',
      installation: '/Applications/launcher',
    })
    expect(spelled('linux')).toEqual({
      home: '/users/U',
      cwd: '/users/U/Code/SHOP',
      installation: '/applications/LAUNCHER',
    })
  })
})

describe('ownPlaces', () => {
  it('are the XDG folders of the user', () => {
    expect(placesWith({})).toEqual({
      installation: '/opt/launcher',
      state: '/home/u/.local/state/launcher',
      configuration: '/home/u/.config/launcher',
      cache: '/home/u/.cache/launcher',
    })
    expect(
      placesWith({ XDG_STATE_HOME: '/s//x/', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/d' }),
    ).toMatchObject({ state: '/s/x/launcher', configuration: '/c/launcher', cache: '/d/launcher' })
  })

  it.each(['', 'relative', '/a/../b', '/home/u', '/home', '/', '/a\0b'])(
    'a value that names no directory of its own counts as not set: %j',
    (value) => {
      expect(placesWith({ XDG_CONFIG_HOME: value }).configuration).toBe('/home/u/.config/launcher')
    },
  )

  it('home in another case is home on a Mac', () => {
    expect(placesWith({ XDG_CONFIG_HOME: '/HOME/U' }, 'macos').configuration).toBe(
      '/home/u/.config/launcher',
    )
    expect(placesWith({ XDG_CONFIG_HOME: '/HOME/U' }).configuration).toBe('/HOME/U/launcher')
  })
})
