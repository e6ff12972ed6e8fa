import { existsSync } from 'node:fs'

/**
 * Says once, before the tests, whether the tests that read the shared data sets can run. On a machine of CI they must:
 * a run that leaves them out there is no run.
 */
export function setup(): void {
  const folder = process.env.FAIRTRIAL_DATA
  if (folder !== undefined && existsSync(folder)) return
  const problem =
    folder === undefined ? 'FAIRTRIAL_DATA is not set' : `FAIRTRIAL_DATA is ${folder}, which does not exist`
  if (process.env.CI === 'true' || folder !== undefined)
    throw new Error(`${problem}; set it to the folder of the data sets`)
  console.error(
    `\n!! ${problem}: the tests on real data and reference numbers are LEFT OUT.\n` +
      '!! Set it to the folder of the data sets to run them; CONTRIBUTING.md says what is in it and whence.\n',
  )
}
