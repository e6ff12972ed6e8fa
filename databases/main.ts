// PostgreSQL for a human: starts it, prints where it is, stops it on Ctrl-C.
import { startPostgres } from './src/postgres.ts'

console.error('starting PostgreSQL …')
const postgres = await startPostgres()
const stop = () => void postgres.stop().then(() => process.exit())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
console.log(`DATABASE_URL=${await postgres.createDatabase()}`)
console.error('Ctrl-C stops it and removes its data')
