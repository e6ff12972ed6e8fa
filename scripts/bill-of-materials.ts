// What a user of fairtrial installs, as CycloneDX 1.6: every published package and, from the manifests as they are
// installed here, all that each brings along. `npx -y pnpm@10 -s bill-of-materials [PACKAGE …] > bom.json`
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly license?: string
  readonly dependencies?: Record<string, string>
  readonly scripts?: Record<string, string>
}

/** A package as it is installed. */
export interface Material {
  readonly manifest: Manifest
  /** Names of what it needs at run time. */
  readonly needs: readonly string[]
}

interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses: readonly { readonly license: { readonly id: string } }[]
}

/** The folders of the packages that are published. */
export function publishedFolders(root: string): string[] {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')) && manifestOf(folder).private !== true)
}

/** All that these packages need at run time, themselves among it, by purl. Peers are the user's choice and are left out. */
export function materialsOf(folders: readonly string[]): ReadonlyMap<string, Material> {
  const found = new Map<string, Material>()
  const open = folders.map((folder) => realpathSync(folder))
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const manifest = manifestOf(folder)
    const purl = purlOf(manifest)
    if (found.has(purl)) continue
    const needed = Object.keys(manifest.dependencies ?? {}).map((name) => installedFolder(folder, name))
    found.set(purl, { manifest, needs: needed.map((at) => purlOf(manifestOf(at))) })
    open.push(...needed)
  }
  return found
}

/** A CycloneDX document. It names no time and no machine: the same packages make the same document. */
export function billOfMaterials(folders: readonly string[]) {
  const materials = [...materialsOf(folders)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: materials.map(
      ([purl, { manifest }]): Component => ({
        type: 'library',
        'bom-ref': purl,
        name: manifest.name,
        version: manifest.version,
        purl,
        licenses: manifest.license === undefined ? [] : [{ license: { id: manifest.license } }],
      }),
    ),
    dependencies: materials.map(([ref, { needs }]) => ({ ref, dependsOn: needs.toSorted() })),
  }
}

/** As Node finds it: in the nearest node_modules, upwards from whoever needs it. */
function installedFolder(from: string, name: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) throw new Error(`${name}, which ${from} needs, is not installed.`)
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function purlOf({ name, version }: Manifest): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
  const asked = process.argv.slice(2)
  const folders = publishedFolders(root).filter(
    (folder) => asked.length === 0 || asked.includes(manifestOf(folder).name),
  )
  if (folders.length === 0) {
    console.error(`no published package is called ${asked.join(' or ')}`)
    process.exit(1)
  }
  console.log(JSON.stringify(billOfMaterials(folders), null, 2))
}
