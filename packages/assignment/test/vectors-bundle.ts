import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'))
export const hashes = read('hash.json')
export const assignments = read('assignment.json')

/** One script that any engine runs: it checks every vector, and leaves its report as text in the global `report`. */
export async function vectorsBundle(): Promise<string> {
  const entry = `import { checkVectors } from './vectors.ts'
    import hashes from '../vectors/hash.json'
    import assignments from '../vectors/assignment.json'
    globalThis.report = JSON.stringify(checkVectors(hashes, assignments))`
  const { outputFiles } = await build({
    stdin: {
      contents: entry,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['@fairtrial/source'],
    // A script in a page ends at its first closing tag, and is read in the encoding of the page.
    charset: 'ascii',
  })
  return outputFiles[0]!.text
}
