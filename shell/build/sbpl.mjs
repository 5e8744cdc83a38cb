import fs from 'node:fs'

/**
 * Plugins that turn an imported `.sb` file into what the project's own reader makes of it, for
 * esbuild and for vitest: neither a bundle nor a start holds a parser of the language for it.
 */
export const sbplForEsbuild = (root) => ({
  name: 'sbpl',
  setup(build) {
    const reader = once(() => loadReader(root))
    build.onLoad({ filter: /\.sb$/ }, async ({ path: file }) => ({
      contents: moduleOf(await reader(), file),
      loader: 'js',
      watchFiles: [file],
    }))
  },
})

export const sbplForVitest = (root) => {
  const reader = once(() => loadReader(root))
  return {
    name: 'sbpl',
    enforce: 'pre',
    async load(id) {
      return id.endsWith('.sb') ? moduleOf(await reader(), id) : undefined
    },
  }
}

const moduleOf = (read, file) => {
  try {
    return `export const PRELUDE = ${JSON.stringify(read(fs.readFileSync(file, 'utf8')))}`
  } catch (error) {
    throw new Error(`${file}: ${error?.message ?? error}`, { cause: error })
  }
}

/** The reader is TypeScript of src/, like everything else: bundled for this moment and not kept. */
const loadReader = async (root) => {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: READER, resolveDir: root, sourcefile: 'read-prelude.ts', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    write: false,
  })
  const code = Buffer.from(outputFiles[0].contents).toString('base64')
  const { readPrelude, read } = await import(`data:text/javascript;base64,${code}`)
  return (text) => readPrelude(text, read)
}

const READER = `export { readPrelude } from './src/backend/seatbelt/read-prelude.ts'
export { read } from './src/backend/seatbelt/sbpl/reader.ts'`

const once = (make) => {
  let made
  return () => (made ??= make())
}
