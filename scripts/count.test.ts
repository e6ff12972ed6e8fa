import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'

const script = fileURLToPath(new URL('../.ci/count.mjs', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'count-'))
  mkdirSync(join(folder, 'runs'))
  report({ 'a.test.ts': ['passed', 'passed'] }, { '//#lint': 0, 'fairtrial#check': 0 })
})
afterEach(() => rmSync(folder, { recursive: true }))

function report(files: Record<string, string[]>, tasks: Record<string, number>) {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name,
    status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status, fullName: 'a test' })),
  }))
  const numTotalTests = Object.values(files).flat().length
  writeFileSync(join(folder, 'tests.json'), JSON.stringify({ numTotalTests, testResults }))
  const run = Object.entries(tasks).map(([taskId, exitCode]) => ({
    taskId,
    command: 'x',
    execution: { exitCode },
  }))
  writeFileSync(join(folder, 'runs/1.json'), JSON.stringify({ tasks: run }))
}

function run(testsExit = '0', checksExit = '0') {
  const args = [script, join(folder, 'tests.json'), testsExit, join(folder, 'runs'), checksExit]
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { lines: stdout.trimEnd().split('\n'), status }
}

/** The last line and the exit code. */
function count(...exits: string[]) {
  const { lines, status } = run(...exits)
  return [lines.at(-1), status]
}

it('adds tests and checks', () => {
  expect(count()).toEqual(['4 passed, 0 failed', 0])
})

it('counts what failed, a test that was left out, and a file that could not be loaded', () => {
  report({ 'a.test.ts': ['passed', 'failed', 'skipped', 'todo'], 'b.test.ts': [] }, { '//#lint': 1 })
  expect(count('1', '1')).toEqual(['1 passed, 5 failed', 1])
})

it('says why a test has failed, and which have passed only when they were run again', () => {
  const failureMessages = ['expected 1 to be 2']
  const assertionResults = [
    { status: 'failed', fullName: 'one', failureMessages },
    { status: 'passed', fullName: 'another', failureMessages },
    { status: 'passed', fullName: 'a third', failureMessages: [] },
  ]
  const testResults = [{ name: 'a.test.ts', status: 'failed', assertionResults }]
  writeFileSync(join(folder, 'tests.json'), JSON.stringify({ numTotalTests: 3, testResults }))
  expect(run('1').lines).toEqual([
    'FAILED: failed: a.test.ts > one',
    'expected 1 to be 2',
    'FLAKY, passed when it was run again: a.test.ts > another',
    'expected 1 to be 2',
    '4 passed, 1 failed',
  ])
})

it('does not believe a clean report of a run that failed, nor an empty one', () => {
  expect(count('1')).toEqual(['4 passed, 1 failed', 1])
  expect(count('0', '130')).toEqual(['4 passed, 1 failed', 1])
  report({}, {})
  expect(count()).toEqual(['0 passed, 2 failed', 1])
})

it('counts a run without a report as a failure', () => {
  rmSync(join(folder, 'tests.json'))
  rmSync(join(folder, 'runs'), { recursive: true })
  expect(count('1', '1')).toEqual(['0 passed, 2 failed', 1])
})
