import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../fixtures/types/', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))
/** What the first line of a fixture says the compiler has to say about it. */
const expectation = /^\/\/ expect (nothing|TS\d+: .*)\n/
const fixtures = readdirSync(folder).flatMap((file) => {
  const [, expected] = expectation.exec(readFileSync(folder + file, 'utf8')) ?? []
  return expected === undefined ? [] : [{ file, expected }]
})

/** The first lines of the compiler's diagnostics, by file. */
const diagnostics = promisify(execFile)(process.execPath, [tsc, '--pretty', 'false', '-p', folder], {
  cwd: folder,
})
  .then(() => '')
  .catch((error: { stdout: string }) => error.stdout)
  .then((output) =>
    [...output.matchAll(/^(\S+?)\(\d+,\d+\): error (.*)$/gm)].map(([, file, text]) => ({
      file,
      text: text!,
    })),
  )

describe('the types of a definition', () => {
  it('are looked at, in every fixture', async () => {
    expect(fixtures.length).toBeGreaterThan(7)
    const wrong = fixtures.filter(({ expected }) => expected !== 'nothing').map(({ file }) => file)
    expect(new Set((await diagnostics).map(({ file }) => file))).toEqual(new Set(wrong))
  })

  it.each(fixtures)('$file: $expected', async ({ file, expected }) => {
    const found = (await diagnostics).filter((each) => each.file === file).map(({ text }) => text)
    if (expected === 'nothing') {
      expect(found).toEqual([])
    } else {
      expect(found).toEqual([expect.stringContaining(expected)])
      // Short enough to be read in an editor's bubble.
      expect(found[0]!.length).toBeLessThan(200)
    }
  })
})
