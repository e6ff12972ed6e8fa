import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EvaluationLock } from '@fairtrial/protocol'

/** The rooms whose code an answer depends on. */
const ROOMS = ['protocol', 'assignment', 'statistics', 'metrics', 'sequential', 'fidelity', 'rollout']

/**
 * Which code is running: its version, and a digest of its own files, for two builds may call themselves alike. Code
 * that runs from its sources has another digest than the same code compiled.
 */
export async function codeInForce(): Promise<EvaluationLock['code']> {
  const own = dirname(dirname(fileURLToPath(import.meta.url)))
  const root = dirname(own)
  const require = createRequire(import.meta.url)
  const hash = createHash('sha256')
  const folders = [
    root,
    ...ROOMS.map((room) => dirname(require.resolve(`@fairtrial/${room}/package.json`))),
  ].map((folder) => join(folder, relative(root, own)))
  for (const [index, folder] of folders.entries()) {
    for (const file of codeIn(folder)) {
      const name = relative(folder, file).split(sep).join('/')
      hash.update(`${index}/${name}\n`).update(readFileSync(file)).update('\n')
    }
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return { version, sha256: hash.digest('hex'), node: process.version }
}

function codeIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test|\.d)\.[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
