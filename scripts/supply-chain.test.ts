// What a user trusts when installing fairtrial: few libraries, pinned, none that runs anything while it is installed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { billOfMaterials, materialsOf, publishedFolders } from './bill-of-materials.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const workspace = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as {
  readonly packages: readonly string[]
  readonly catalog: Record<string, string>
  readonly onlyBuiltDependencies?: readonly string[]
  readonly minimumReleaseAge?: number
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly publishConfig?: { readonly provenance?: boolean }
}

const manifests = [root, ...workspace.packages.flatMap(foldersOf)].map(
  (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest,
)

function foldersOf(pattern: string): string[] {
  if (!pattern.endsWith('/*')) return [join(root, pattern)]
  const parent = join(root, pattern.slice(0, -2))
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(parent, name))
}

const CORE = ['protocol', 'assignment', 'exposure', 'client'].map((room) => join(root, 'packages', room))

describe('FAULTS 72: the supply chain', () => {
  it('brings three libraries to a service, which bring nothing, and run nothing when they are installed', () => {
    const foreign = [...materialsOf(CORE).values()].filter(
      ({ manifest }) => !manifest.name.startsWith('@fairtrial/'),
    )
    expect(foreign.map(({ manifest }) => manifest.name).toSorted()).toEqual([
      '@noble/hashes',
      'murmurhash3js',
      'zod',
    ])
    for (const { manifest, needs } of foreign) {
      expect(needs).toEqual([])
      expect(Object.keys(manifest.scripts ?? {})).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$/)]),
      )
    }
  })

  it('pins every version, lets nothing build itself, and waits three days for a release', () => {
    const loose = manifests.flatMap(({ name, dependencies, devDependencies }) =>
      Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^(catalog:|workspace:\*|(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?)$/.test(version))
        .map(([library, version]) => `${name}: ${library} ${version}`),
    )
    expect(loose).toEqual([])
    expect(
      Object.entries(workspace.catalog).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    ).toEqual([])
    expect(workspace.onlyBuiltDependencies ?? []).toEqual([])
    expect(workspace.minimumReleaseAge).toBeGreaterThanOrEqual(3 * 24 * 60)
  })

  it('publishes with provenance', () => {
    const published = manifests.filter((manifest) => manifest.private !== true)
    expect(published.length).toBeGreaterThan(10)
    expect(published.filter(({ publishConfig }) => publishConfig?.provenance !== true)).toEqual([])
  })

  it('has a bill of materials, in which all that is named is there', () => {
    const { components, dependencies } = billOfMaterials(publishedFolders(root))
    const refs = new Set(components.map((component) => component['bom-ref']))
    expect(refs).toContain(`pkg:npm/zod@${workspace.catalog['zod']}`)
    expect(components.filter(({ licenses }) => licenses.length === 0)).toEqual([])
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([])
    expect(dependencies).toHaveLength(refs.size)
  })
})
