import fs from 'node:fs'
import path from 'node:path'
import { escapeBeyondAscii } from './ascii.mjs'
import { sbplForEsbuild } from './sbpl.mjs'

/** esbuild's settings for everything that is built: CommonJS because V8's code cache cannot be given to ES modules, readable because minifying gained nothing at start. */
export const settings = (root) => ({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  charset: 'ascii',
  legalComments: 'none',
  // Half the text to read at each start.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'silent',
  // vm.Script has no import(): turned into require(), for node's own modules too.
  supported: { 'dynamic-import': false },
  // Its ES module makes a `require` of its own after it has imported with what import() was turned into.
  alias: { 'web-tree-sitter': path.join(root, 'node_modules/web-tree-sitter/web-tree-sitter.cjs') },
  define: { 'import.meta.url': '__importMeta.url' },
  // A getter: only commands that a start does not need ask for it.
  banner: {
    js: "'use strict'; const __importMeta = { get url() { return require('url').pathToFileURL(__filename).href } };",
  },
})

export const bundleEntry = async (root, target, entry) => {
  const { build } = await import('esbuild')
  const plugins = [sbplForEsbuild(root), ...(entry.only ? [leaveOutCommands(root, entry)] : [])]
  const outfile = path.join(target, `${entry.name}.cjs`)
  await attempt(() =>
    build({ ...settings(root), entryPoints: [path.join(root, entry.source)], outfile, plugins }),
  )
  const text = await escapeBeyondAscii(fs.readFileSync(outfile, 'utf8'))
  fs.writeFileSync(outfile, shareNamespaces(text))
}

/** esbuild copies a module of node's, name by name, for each file that imports it: a hundred names for `node:fs` alone. One copy serves all; a text that looks otherwise stays as it is. */
const shareNamespaces = (text) =>
  text.replace(
    /__toESM=(\(mod,isNodeMode,target\)=>\(.{1,400}?,mod\)\)),__toCommonJS=/,
    (_, make) =>
      `__toESM=((make,made)=>(mod,isNodeMode)=>isNodeMode?made.get(mod)||(made.set(mod,make(mod,1)),made.get(mod)):make(mod))(${make},new Map),__toCommonJS=`,
  )

/** Turns esbuild's report into lines of `file:line:column: text`. */
export const attempt = async (work) => {
  try {
    return await work()
  } catch (error) {
    if (!Array.isArray(error?.errors)) throw error
    throw new Error(error.errors.map(describe).join('\n'))
  }
}

const describe = ({ text, location }) =>
  location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text

/** A command that this bundle's routes never reach becomes a module that throws: only a lazy import may name one, so nothing else changes. */
const leaveOutCommands = (root, { name, only }) => ({
  name: 'leave-out-commands',
  setup(build) {
    const commands = path.join(root, 'src/commands')
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ path: wanted, resolveDir, kind }) => {
      const file = path.resolve(resolveDir, wanted)
      const command = path.relative(commands, file).replace(/\.ts$/, '')
      if (kind !== 'dynamic-import' || command.startsWith('..') || only.includes(command))
        return undefined
      return { path: command, namespace: 'left-out' }
    })
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path: command }) => ({
      contents: `throw new Error(${JSON.stringify(`the bundle ${name} was built without the command ${command}`)})`,
    }))
  },
})
