import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fetchedBinaries } from './fetch-postgres.ts'

/** The folder of `initdb` and `postgres`, or why there is none. */
export type FoundPostgres = { readonly binaries: string } | { readonly missing: string }

const DEBIAN = '/usr/lib/postgresql'

/** Looks for a PostgreSQL: Debian's newest, else the one that `pg_config` on the PATH knows, else one that was fetched. */
export function findPostgres(): FoundPostgres {
  const binaries = [...debianBinaries(), ...knownToPgConfig(), fetchedBinaries].find(isComplete)
  return binaries === undefined
    ? {
        missing: `there is no PostgreSQL (neither below ${DEBIAN} nor by pg_config; \`pnpm postgres --prepare\` fetches one)`,
      }
    : { binaries }
}

function debianBinaries(): string[] {
  if (!existsSync(DEBIAN)) return []
  const versions = readdirSync(DEBIAN).filter((name) => /^\d+$/.test(name))
  return versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'))
}

function knownToPgConfig(): string[] {
  try {
    return [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim()]
  } catch {
    return []
  }
}

/** The client alone brings neither. */
const isComplete = (folder: string) =>
  ['initdb', 'postgres'].every((program) => existsSync(join(folder, program)))
