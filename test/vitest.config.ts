import { defineConfig } from 'vitest/config'
import { sbplForVitest } from '../shell/build/sbpl.mjs'

const ROOT = new URL('..', import.meta.url).pathname

/**
 * Real agents, tools and packages from registries, and all else that takes long: a folder of its
 * own.
 */
const WORLD = ['test/world/**/*.test.ts']

/**
 * What starts programs under the kernel's enforcement: whole folders, and a file beside its logic
 * that says so by its name.
 */
const KERNEL = ['test/{conformance,contract,e2e}/**/*.test.ts', 'test/**/{,*-}kernel.test.ts']

export default defineConfig({
  root: ROOT,
  plugins: [sbplForVitest(ROOT)],
  test: {
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/cpu-setup.ts'],
    // Far from what any test takes, however busy the machine is: a limit ends what hangs, it
    // measures nothing.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...KERNEL, ...WORLD],
          // To start a process and load everything anew for each file would cost more than the
          // tests. None changes what
          // another could see: no variable, no working directory, no module. Those of kernel do:
          // their probes are a file's.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'kernel', include: KERNEL, exclude: WORLD },
      },
      { extends: true, test: { name: 'world', include: WORLD } },
    ],
  },
})
