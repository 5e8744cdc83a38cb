import fs from 'node:fs'

/** A vitest reporter that adds a line to the file named by LAUNCHER_TEST_RESULT for all that happens, when it happens: of a run that is cut, what it did remains. */
// Vitest loads a reporter by its default export and calls it with new.
export default function reporter() {
  const add = (line) =>
    fs.appendFileSync(process.env.LAUNCHER_TEST_RESULT, `${JSON.stringify(line)}\n`)
  return {
    onTestModuleQueued: (module) => add({ kind: 'begun', ...placeOf(module) }),
    onTestCaseResult: (test) =>
      add({ kind: 'test', file: test.module.moduleId, ...resultOf(test) }),
    onTestModuleEnd: (module) =>
      add({
        kind: 'ended',
        ...placeOf(module),
        seconds: module.diagnostic().duration / 1000,
        // A file that cannot be loaded is a failure too, or a broken run would look clean.
        errors: module.errors().length,
        tests: [...module.children.allTests()].map(resultOf),
      }),
    onTestRunEnd: (_, unhandledErrors) => add({ kind: 'done', errors: unhandledErrors.length }),
  }
}

const placeOf = (module) => ({
  file: module.moduleId,
  name: module.relativeModuleId,
  lane: module.project.name,
})

const resultOf = (test) => {
  const { state, note } = test.result()
  return { title: test.fullName, state, reason: note }
}
