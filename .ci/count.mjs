// Prints `N passed, N failed`, tests and checks together, and exits with 1 when anything failed or was left out.
// node .ci/count.mjs TESTS.json TESTS_EXIT_CODE FOLDER_OF_TURBO_RUNS CHECKS_EXIT_CODE
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [testsFile, testsExit, runsFolder, checksExit] = process.argv.slice(2)
let passed = 0
let failed = 0

/** Counts one thing that went wrong, and says what. */
function fail(what) {
  failed++
  console.log(`FAILED: ${what}`)
}

attempt('the tests', testsExit, () => {
  const { numTotalTests, testResults } = JSON.parse(readFileSync(testsFile, 'utf8'))
  if (numTotalTests === 0) fail('no test was run')
  for (const { name, status, assertionResults } of testResults) {
    if (status === 'failed' && assertionResults.every((test) => test.status !== 'failed')) fail(name)
    for (const test of assertionResults) {
      const told = [`${name} > ${test.fullName}`, ...(test.failureMessages ?? [])].join('\n')
      if (test.status !== 'passed') fail(`${test.status}: ${told}`)
      else {
        passed++
        // A race lost on a busy machine is no fault of a change; it is told, for it is to be mended.
        if (test.failureMessages?.length > 0) console.log(`FLAKY, passed when it was run again: ${told}`)
      }
    }
  }
})

attempt('the checks', checksExit, () => {
  const [run] = readdirSync(runsFolder)
  const { tasks } = JSON.parse(readFileSync(join(runsFolder, run), 'utf8'))
  if (tasks.length === 0) fail('no check was run')
  for (const { taskId, command, execution } of tasks) {
    if (command === '<NONEXISTENT>') continue // a package without this task
    if (execution?.exitCode === 0) passed++
    else fail(execution ? taskId : `not run: ${taskId}`)
  }
})

console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

/** A run that broke off, or that failed though nothing in its report did, is a failure too. */
function attempt(what, exitCode, count) {
  const before = failed
  try {
    count()
  } catch (error) {
    fail(`${what} left no report: ${error.message}`)
  }
  if (exitCode !== '0' && failed === before) fail(`${what} exited with ${exitCode}`)
}
