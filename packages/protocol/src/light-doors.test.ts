import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** Every package that a file brings along by values that it imports. */
function packagesBehind(file: URL, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(file.href)) return packages
  seen.add(file.href)
  const source = readFileSync(file, 'utf8')
  for (const [, types, from] of source.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'$/gm)) {
    if (types !== undefined) continue
    const behind = from!.startsWith('.') ? packagesBehind(new URL(from!, file), seen) : [from!]
    for (const name of behind) packages.add(name)
  }
  return packages
}

describe('the doors that every service goes through', () => {
  it.each([
    ['./error.ts', []],
    ['./buckets.ts', []],
    ['./duration.ts', []],
    ['./exposure-id.ts', ['@noble/hashes/sha2.js']],
    ['./parse-event.ts', []],
    ['./pseudonym.ts', ['@noble/hashes/hmac.js', '@noble/hashes/sha2.js']],
  ])('%s brings no more than it needs', (file, expected) => {
    expect([...packagesBehind(new URL(file, import.meta.url))]).toEqual(expected)
  })

  it('are worth it: the root brings zod', () => {
    expect(packagesBehind(new URL('./index.ts', import.meta.url))).toContain('zod')
  })
})
