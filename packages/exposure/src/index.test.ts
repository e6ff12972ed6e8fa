import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it('runs wherever JavaScript does: nothing behind the root or the HTTP sink imports a part of Node', () => {
  const visited = new Set<string>()
  const visit = (module: URL) => {
    if (visited.has(module.href)) return
    visited.add(module.href)
    const source = readFileSync(module, 'utf8')
    for (const [, name] of source.matchAll(/(?:from|import) '([^']+)'/g)) {
      expect(name, module.pathname).toMatch(/^\.|^@fairtrial\/protocol/)
      if (name!.startsWith('.')) visit(new URL(name!, module))
    }
  }
  visit(new URL('index.ts', import.meta.url))
  visit(new URL('http/index.ts', import.meta.url))
  expect(visited.size).toBeGreaterThan(12)
})
