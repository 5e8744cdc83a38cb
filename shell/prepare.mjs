// npm's `prepare` step: makes `npm install -g .` work on a bare clone, where npm links this directory without building it.
import { ensureBuild, ensureModules, requireNode, setUp } from './setup.mjs'

await setUp([requireNode, ensureModules, ensureBuild], 1)
