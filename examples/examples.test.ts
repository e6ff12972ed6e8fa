import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const examples = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

describe('examples', () => {
  it.each(names)('%s prints what stands beside it', async (name) => {
    const program = ['--conditions=@fairtrial/source', '--import', 'tsx', `${examples}${name}/main.ts`]
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: `${examples}${name}` })
    expect(stdout).toBe(await readFile(`${examples}${name}/output.txt`, 'utf8'))
  })

  it.each(names)('%s is short enough to copy', async (name) => {
    const source = await readFile(`${examples}${name}/main.ts`, 'utf8')
    expect(source.split('\n').length).toBeLessThanOrEqual(61)
  })
})
