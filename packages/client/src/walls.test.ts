import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const IMPORT = /^(?:import|export)\s+(?!type\s)(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/gm

/** Everything that runs when a file is imported: its own sources, and what it takes from outside. */
function reached(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  for (const [, from = ''] of readFileSync(entry, 'utf8').matchAll(IMPORT)) {
    if (from.startsWith('.')) reached(resolve(dirname(entry), from), seen)
    else if (from.startsWith('@fairtrial/')) reached(sourceOf(from), seen)
    else seen.add(from)
  }
  return seen
}

function sourceOf(specifier: string): string {
  const [scope, room, ...rest] = specifier.split('/')
  const manifest = createRequire(import.meta.url).resolve(`${scope}/${room}/package.json`)
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports: Record<string, { '@fairtrial/source': string }>
  }
  return resolve(dirname(manifest), exports[['.', ...rest].join('/')]!['@fairtrial/source'])
}

const outside = (entry: string) =>
  [...reached(fileURLToPath(new URL(entry, import.meta.url)))]
    .filter((path) => !path.startsWith('/'))
    .toSorted()

describe('what a service installs', () => {
  it('runs where there is no Node: the root, ./http and ./sticky reach no built-in and no schema library', () => {
    expect(outside('./index.ts')).toEqual(['murmurhash3js'])
    expect(outside('./http/index.ts')).toEqual([])
    expect(outside('./sticky/index.ts')).toEqual([])
    // The same look finds what there is to be found.
    expect(outside('./file/index.ts')).toEqual(['node:crypto', 'node:fs/promises', 'node:path'])
  })
})
