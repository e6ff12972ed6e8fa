// Runs every src/*.bench.ts and prints one table: `pnpm bench [WORD…] [--json]`. A word keeps the modules whose file
// name contains it. Numbers go to stdout, progress to stderr.
//
// To add one, write src/NAME.bench.ts:
//
//   import { race } from './race.ts'
//   import { type Row, row } from './row.ts'
//
//   export async function run(): Promise<Row[]> {
//     const timings = await race({
//       'murmurhash3js': (i) => murmur.x86.hash32(ids[i % ids.length], seed),  // the floor: a subject like any other
//       'assign': (i) => assign(experiment, ids[i % ids.length]),
//       'flagd-core': (i) => flagd.resolve(ids[i % ids.length]),
//     })
//     return [
//       row('assign, one experiment', timings, 'murmurhash3js'),
//       row('assign, one experiment', timings, 'assign', {
//         against: 'murmurhash3js', target: { atMost: 2.2 }, bytesAtMost: 160,
//       }),
//       row('assign, one experiment', timings, 'flagd-core', { against: 'assign', target: { atLeast: 4 } }),
//     ]
//   }
//
// What is asynchronous or only makes sense as a whole is a batch: `{ run, size, prepare? }` in place of the function.
// All subjects of one race do the same job in the same process; the ratio is what counts, not the nanoseconds.
import { readdirSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import { keepsTarget, type Row } from './src/row.ts'
import { table } from './src/table.ts'

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const json = process.argv.includes('--json')

const folder = new URL('src/', import.meta.url)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .toSorted()
if (files.length === 0) {
  console.error(`no benchmark matches ${words.join(' ')}; there are the *.bench.ts files in benchmarks/src`)
  process.exit(2)
}

const rows: Row[] = []
for (const file of files) {
  console.error(`running ${file} …`)
  const module = (await import(new URL(file, folder).href)) as { run: () => Promise<Row[]> }
  rows.push(...(await module.run()))
}

const machine = {
  node: process.version,
  arch: arch(),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
}
const missed = rows.filter((row) => keepsTarget(row) === false).length
if (json) {
  process.stdout.write(`${JSON.stringify({ schemaVersion: 1, machine, missed, rows }, null, 2)}\n`)
} else {
  console.log(table(rows))
  console.log(`\n${machine.node}, ${machine.cores} × ${machine.cpu}; targets missed: ${missed}`)
}
