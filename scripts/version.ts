// `pnpm run version`: takes the changesets into the versions and changelogs of all packages, and writes what follows
// from a version, so that nothing is left to edit by hand.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The module of exposure that holds what events carry as the name and version of their writer. */
export function sdkModule({ name, version }: { name: string; version: string }): string {
  return `/** Name and version of this library, as events carry it. Written by \`pnpm run version\`. */
export const SDK = '${name}/${version}'
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const changeset = fileURLToPath(new URL('../node_modules/.bin/changeset', import.meta.url))
  const { status } = spawnSync(changeset, ['version'], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  const exposure = new URL('../packages/exposure/', import.meta.url)
  const manifest = JSON.parse(readFileSync(new URL('package.json', exposure), 'utf8'))
  writeFileSync(new URL('src/sdk.ts', exposure), sdkModule(manifest))
}
