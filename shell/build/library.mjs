// What `npm pack` adds to dist/: the modules of the library entry and their types, which no command loads.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ROOT } from '../root.mjs'
import { complain, say, seconds } from '../say.mjs'
import { attempt } from './bundle.mjs'
import { sbplForEsbuild } from './sbpl.mjs'

/** One module of the library a name: `launcher/policy` is made from src/library/policy.ts. */
export const MODULES = ['audit', 'policy', 'sbpl']

const TARGET = path.join(ROOT, 'dist/library')

const source = (name) => path.join(ROOT, `src/library/${name}.ts`)

/** Modules that share code share its file; what a person steps into stays readable. */
const bundleModules = async () => {
  const { build } = await import('esbuild')
  await attempt(() =>
    build({
      absWorkingDir: ROOT,
      entryPoints: MODULES.map(source),
      outdir: TARGET,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      chunkNames: 'shared-[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      packages: 'external',
      charset: 'ascii',
      legalComments: 'none',
      logLevel: 'silent',
      plugins: [sbplForEsbuild(ROOT)],
    }),
  )
}

/** The compiler writes `.ts` into the names that its declarations import; a package has `.d.ts` beside `.js`. */
const declare = () => {
  const types = path.join(TARGET, 'types')
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/typescript/bin/tsc'),
      ...['-p', path.join(ROOT, 'shell/build/library.tsconfig.json'), '--outDir', types],
    ],
    { stdio: 'inherit' },
  )
  if (status !== 0) throw new Error('the declarations of the library cannot be made (tsc)')
  for (const entry of fs.readdirSync(types, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const text = fs.readFileSync(file, 'utf8')
    fs.writeFileSync(
      file,
      text.replace(/(from |import\()(['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1$2.js$3'),
    )
  }
}

/** Builds dist/library anew. */
export const buildLibrary = async () => {
  const start = performance.now()
  fs.rmSync(TARGET, { recursive: true, force: true })
  await bundleModules()
  declare()
  say(`built dist/library: ${MODULES.join(', ')} in ${seconds(start)}`)
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  try {
    await buildLibrary()
  } catch (error) {
    complain(`build failed: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
}
