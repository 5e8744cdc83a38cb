import fs from 'node:fs'

/** A vitest reporter that leaves counts and skipped tests in the file named by LAUNCHER_TEST_RESULT, for test.mjs to print last. */
// Vitest loads a reporter by its default export and calls it with new.
export default function reporter() {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const tests = modules.flatMap((module) => [...module.children.allTests()])
      const states = tests.map((test) => test.result().state)
      const result = {
        passed: states.filter((state) => state === 'passed').length,
        // A file that cannot be loaded and an error outside any test are failures too, or a broken run would look clean.
        failed:
          states.filter((state) => state === 'failed' || state === 'pending').length +
          modules.filter((module) => module.errors().length > 0).length +
          unhandledErrors.length,
        skipped: tests
          .filter((test) => test.result().state === 'skipped')
          .map((test) => ({ title: test.fullName, reason: test.result().note })),
      }
      result.seconds = secondsByGroup(modules)
      fs.writeFileSync(process.env.LAUNCHER_TEST_RESULT, JSON.stringify(result))
    },
  }
}

/** Seconds that the tests of each folder of test/ took, added up over the workers; the longest first. */
const secondsByGroup = (modules) => {
  const groups = new Map()
  for (const module of modules) {
    const group = module.relativeModuleId.split('/').slice(1, -1).join('/') || 'test'
    groups.set(group, (groups.get(group) ?? 0) + module.diagnostic().duration / 1000)
  }
  return [...groups].sort((a, b) => b[1] - a[1])
}
