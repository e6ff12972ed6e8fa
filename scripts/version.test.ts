import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sdkModule } from './version.ts'

it('events carry the version of the manifest, as a release writes it', () => {
  const exposure = new URL('../packages/exposure/', import.meta.url)
  const manifest = JSON.parse(readFileSync(new URL('package.json', exposure), 'utf8'))
  expect(readFileSync(new URL('src/sdk.ts', exposure), 'utf8')).toBe(sdkModule(manifest))
  expect(sdkModule({ name: '@fairtrial/exposure', version: '1.2.3' })).toContain(
    "'@fairtrial/exposure/1.2.3'",
  )
})
