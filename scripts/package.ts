// Checks one package, the folder it is started in, as a stranger will receive it: `check` packs it and looks at the
// tarball (publint, attw), holds its public types against the committed report in etc/ (API Extractor), and its
// bundle against .size-limit.json where there is one. `api` writes the report anew, to be read in the diff.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor'

interface Manifest {
  name: string
  publishConfig: { exports: Record<string, string | { types: string; default: string }> }
}

const task = process.argv[2]
if (task !== 'check' && task !== 'api') {
  console.error('usage, in a package: tsx ../../scripts/package.ts check|api')
  process.exit(2)
}

const folder = process.cwd()
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const shortName = manifest.name.replace('@fairtrial/', '')
const failures: string[] = []

const reports = new Set<string>()
for (const [subpath, target] of Object.entries(manifest.publishConfig.exports)) {
  if (typeof target === 'string') continue
  const { written, errors } = reportApi(subpath, target.types)
  if (!written)
    failures.push(`${subpath}: its public types differ from etc/; if meant, commit what \`pnpm api\` writes`)
  if (errors > 0) failures.push(`${subpath}: ${errors} public exports have no doc comment, or do not compile`)
}
for (const file of existsSync('etc') ? readdirSync('etc') : []) {
  if (!reports.has(file)) failures.push(`etc/${file} reports an entry point that is gone; delete it`)
}
if (task === 'check') {
  checkTarball()
  if (existsSync('.size-limit.json') && !run('size-limit', [])) failures.push('a bundle is over its limit')
}

for (const failure of failures) console.error(`${manifest.name}: ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)

/** Writes (`api`) or compares (`check`) the report of one entry point. */
function reportApi(subpath: string, types: string): { written: boolean; errors: number } {
  const reportFolder = resolve('etc')
  const reportName = [shortName, ...subpath.split('/').slice(1)].join('.')
  reports.add(`${reportName}.api.md`)
  if (task === 'api') mkdirSync(reportFolder, { recursive: true })
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: resolve(types),
      compiler: {
        // API Extractor reads declarations with a compiler of its own; it needs no sources and none of our options.
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            module: 'nodenext',
            lib: ['es2023'],
            strict: true,
            typeRoots: [fileURLToPath(new URL('../node_modules/@types', import.meta.url))],
            types: ['node'],
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFolder,
        reportTempFolder: resolve('node_modules/.cache/api'),
        reportFileName: reportName,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
    },
  })
  const result = Extractor.invoke(config, {
    localBuild: task === 'api',
    messageCallback(message) {
      message.logLevel = severity(message)
    },
  })
  return { written: !result.apiReportChanged || task === 'api', errors: result.errorCount }
}

/** An export needs its doc comment; its members may speak for themselves. Only an export begins in column 1. */
function severity({ messageId, category, sourceFileColumn }: ExtractorMessage): ExtractorLogLevel {
  if (messageId === 'ae-undocumented')
    return sourceFileColumn === 1 ? ExtractorLogLevel.Error : ExtractorLogLevel.None
  return category === 'Compiler' ? ExtractorLogLevel.Error : ExtractorLogLevel.None
}

/** What is published: the manifest as pnpm rewrites it, and the files that it lists. */
function checkTarball(): void {
  const out = mkdtempSync(join(tmpdir(), 'fairtrial-pack-'))
  try {
    if (!run('pnpm', ['pack', '--pack-destination', out])) return void failures.push('cannot be packed')
    const tarball = readdirSync(out)[0]
    if (tarball === undefined) return void failures.push('packing made no tarball')
    if (!run('publint', ['run', join(out, tarball), '--strict'])) failures.push('publint found problems')
    if (!run('attw', [join(out, tarball), '--profile', 'esm-only'])) failures.push('attw found problems')
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** Runs a tool of the workspace, and shows what it said only when it fails. */
function run(tool: string, args: string[]): boolean {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8' })
  if (status !== 0) console.error(`$ ${tool} ${args.join(' ')}\n${stdout}${stderr}${error?.message ?? ''}`)
  return status === 0
}
