// Takes the lease of a directory, says so, and holds it until it is killed.
import { fileLease } from '../src/controller/file-lease.ts'

const lease = fileLease({ directory: process.argv[2] ?? '' })
process.stdout.write(`${JSON.stringify(await lease.acquire())}\n`)
setInterval(() => undefined, 60_000)
