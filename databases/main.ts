// PostgreSQL for a human: starts it, prints where it is, stops it on Ctrl-C.
import { fetchPostgres } from './src/fetch-postgres.ts'
import { findPostgres } from './src/find-postgres.ts'
import { startPostgres } from './src/postgres.ts'

const USAGE = `pnpm postgres             starts PostgreSQL with an empty database
pnpm postgres --prepare   fetches one from npm where the machine has none, and starts nothing`

const [option, ...more] = process.argv.slice(2)
if (more.length > 0 || (option !== undefined && option !== '--prepare')) {
  console.error(USAGE)
  process.exitCode = 2
} else if (option === '--prepare') {
  if ('missing' in findPostgres()) await fetchPostgres()
  const found = findPostgres()
  console.error('missing' in found ? found.missing : `PostgreSQL is in ${found.binaries}`)
} else {
  await run()
}

async function run(): Promise<void> {
  console.error('starting PostgreSQL …')
  const postgres = await startPostgres()
  const stop = () => void postgres.stop().then(() => process.exit())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
  console.log(`DATABASE_URL=${await postgres.createDatabase()}`)
  console.error('Ctrl-C stops it and removes its data')
}
