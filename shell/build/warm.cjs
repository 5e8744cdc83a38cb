// Run by build.mjs in a child process: starts a bundle as loader.cjs does, lets it do harmless things, then saves what V8 has
// compiled by then, lazily compiled functions included. Arguments: bundle, cache file to write, installation, a JSON list of the words for each main().
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const { createRequire } = require('node:module')
const vm = require('node:vm')

const [file, cache, installation, starts] = process.argv.slice(2)
const source = fs.readFileSync(file, 'latin1')
const script = new vm.Script(
  `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
  { filename: file },
)

// On exit, because the command may end with process.exit(); its failure here costs only warmth.
process.on('exit', () => {
  fs.writeFileSync(cache, script.createCachedData())
  process.exitCode = 0
})
process.on('uncaughtException', () => process.exit())

const bundle = { exports: {} }
script
  .runInThisContext()
  .call(bundle.exports, bundle.exports, createRequire(file), bundle, file, path.dirname(file))
const startAll = async () => {
  for (const words of JSON.parse(starts)) await bundle.exports.main(words, installation)
}
startAll().then(undefined, () => process.exit())
