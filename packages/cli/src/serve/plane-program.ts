import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ExperimentError } from '@fairtrial/protocol'

const PACKAGE = '@fairtrial/control-plane'

/** Where the control plane may be installed: where the command is run, or beside the command. */
export function planePlaces(): readonly string[] {
  return [join(process.cwd(), 'package.json'), import.meta.url]
}

/**
 * The file of the control plane's command, of the package that the first of some places sees. A command that runs from its
 * sources takes the control plane's.
 *
 * @throws ExperimentError `misconfigured` where none sees it
 */
export function planeProgram(places: readonly string[]): string {
  const manifest = places.map(manifestSeenFrom).find((found) => found !== null)
  if (manifest === undefined) {
    throw new ExperimentError(
      'misconfigured',
      `${PACKAGE} is not installed here.`,
      `Install it: npm install ${PACKAGE} (with -g where fairtrial is global).`,
    )
  }
  const folder = dirname(manifest)
  const source = join(folder, 'src/main.ts')
  if (import.meta.url.endsWith('.ts') && existsSync(source)) return source
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    readonly bin: { readonly [name: string]: string }
  }
  return join(folder, bin['fairtrial-control-plane'] ?? 'dist/main.js')
}

function manifestSeenFrom(place: string): string | null {
  try {
    return createRequire(place).resolve(`${PACKAGE}/package.json`)
  } catch {
    return null
  }
}
