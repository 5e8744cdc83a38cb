import { ancestorsOf, join, nameOf, parentOf } from '../../policy/paths.ts'
import { findings, merge, placeAt, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'
import { treePart } from './guard.ts'

/** Kegs find each other through `opt` and `lib`; OpenSSL reads its certificates from `etc`. */
const NEEDED = ['Cellar', 'etc/ca-certificates', 'etc/openssl@3', 'lib', 'opt']

/** What a program from a Homebrew (or Linuxbrew) keg needs beside its own keg; nothing for any other program. */
export const homebrewSupport = (context: ResolveContext, program: Place): Findings => {
  const cellar = ancestorsOf(program.walked.real).find((ancestor) => nameOf(ancestor) === 'Cellar')
  if (cellar === undefined) return findings('native')
  const prefix = parentOf(cellar)
  return merge(
    findings('native'),
    ...NEEDED.map((name) => {
      const part = join(prefix, name)
      return treePart(context, 'native', placeAt(context, part, program.chain, `it is a Homebrew keg, which finds what it links in ${show(context, part)}`))
    }),
  )
}
