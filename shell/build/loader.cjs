#!/usr/bin/env node
// Copied to dist/launcher.cjs by build.mjs. ES5 only: a Node of any age must be able to parse it and say one clear line.
'use strict'
;(function () {
  var version = process.versions.node.split('.')
  if (+version[0] < 20 || (+version[0] === 20 && +version[1] < 19)) {
    return refuse(
      'needs Node 20.19 or newer, this is ' +
        process.version +
        ' (' +
        process.execPath +
        '); put a newer node first on PATH',
    )
  }

  var fs = require('fs')
  var path = require('path')
  var vm = require('vm')

  /* Filled in by the build: which bundle serves which command (cli serves the rest), and each bundle's cache, named by content. */
  var ROUTES = {}
  var CACHES = {}

  var command = process.argv[2]
  var name = Object.prototype.hasOwnProperty.call(ROUTES, command) ? ROUTES[command] : 'cli'
  var file = path.join(__dirname, name + '.cjs')
  var source
  try {
    /* The bundle is pure ASCII (esbuild escapes the rest), and latin1 is the decoder that has nothing to decode. */
    source = fs.readFileSync(file, 'latin1')
  } catch (error) {
    return refuse(
      'its build is not complete (' +
        file +
        ': ' +
        error.code +
        '); run `npm run build` in ' +
        path.dirname(__dirname),
    )
  }

  /* V8 compares a cache with the length of the source only, so the name carries the content's hash: after a rebuild in this very moment there is no cache, never a wrong one. */
  var cache
  try {
    cache = fs.readFileSync(path.join(__dirname, CACHES[name]))
  } catch (error) {
    cache = undefined
  }

  /* A cache made by another Node or under other flags is rejected by V8 itself and the source compiled. Nothing is ever written here. */
  var script = new vm.Script(
    '(function (exports, require, module, __filename, __dirname) {' + source + '\n})',
    {
      filename: file,
      cachedData: cache,
    },
  )
  var bundle = { exports: {} }
  script.runInThisContext().call(bundle.exports, bundle.exports, require, bundle, file, __dirname)
  process.on('uncaughtException', failed)
  bundle.exports.main(process.argv.slice(2), path.dirname(__dirname)).then(undefined, failed)

  /* Nothing may end with the agent's own kind of code, or with a page of source: one line, the rest on request. */
  function failed(error) {
    var text = String((error && error.message) || error)
    refuse(
      'failed unexpectedly: ' +
        (process.argv.indexOf('--debug') > 0
          ? (error && error.stack) || text
          : text + ' (--debug shows where)'),
    )
  }

  function refuse(message) {
    require('fs').writeSync(2, 'launcher: ' + message + '\n')
    process.exit(125)
  }
})()
