import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { attempt, settings } from './bundle.mjs'

/** Writes profiles.json from the TOML itself (readBuiltins would hand back the last build's): the built-in profiles read and checked once here, so that a start neither parses TOML nor validates it. */
export const buildProfiles = async (root, target) => {
  const { build } = await import('esbuild')
  const reader = path.join(target, 'read-builtins.cjs')
  const contents = `export { parseBuiltins, serialiseBuiltins } from './src/profile/builtin.ts'
export { realHost } from './src/machine/real/host.ts'`
  await attempt(() =>
    build({
      ...settings(root),
      stdin: { contents, resolveDir: root, sourcefile: 'read-builtins.ts', loader: 'ts' },
      outfile: reader,
    }),
  )
  try {
    const { parseBuiltins, serialiseBuiltins, realHost } = (
      await import(pathToFileURL(reader).href)
    ).default
    const text = serialise(serialiseBuiltins(await parseBuiltins(realHost(root))))
    fs.writeFileSync(path.join(target, 'profiles.json'), text)
  } catch (error) {
    throw new Error(
      `${error?.at && !String(error.message).startsWith(error.at) ? `${error.at}: ` : ''}${error?.message ?? error}`,
      { cause: error },
    )
  } finally {
    fs.rmSync(reader, { force: true })
  }
}

const serialise = (value) => (typeof value === 'string' ? value : JSON.stringify(value))
