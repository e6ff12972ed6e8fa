import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'

/** What is not there is said loudly, and in CI it is a failure. */
export function isMissing(what: string, present: boolean): boolean {
  if (!present) {
    console.error(`NOT CHECKED: ${what} is not on this machine, so its vectors were not run.`)
    expect(process.env['CI'], `${what} must be there in CI`).toBeFalsy()
  }
  return !present
}

export function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
