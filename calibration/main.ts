// Measures what is claimed of error rates, power and coverage, and prints one table. The table goes to stdout, progress
// to stderr. Exits with 1 when a bar is not held.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { measureInParallel } from './src/pool.ts'
import { comparisonTable } from './src/comparison-table.ts'
import { rows } from './src/rows.ts'
import { table } from './src/table.ts'

const USAGE = 'pnpm calibrate [--short] [--json] [--row TEXT]… [--seed N] [--workers N]'

const values = readOptions()
const [seed, workers] = [Number(values.seed), Number(values.workers)]
if (!(Number.isSafeInteger(seed) && Number.isSafeInteger(workers) && workers > 0)) {
  console.error(`--seed ${values.seed} --workers ${values.workers}: give whole numbers, workers above 0`)
  process.exit(2)
}
const chosen = rows.filter(
  ({ name }) => values.row.length === 0 || values.row.some((text) => name.includes(text)),
)
if (chosen.length === 0) {
  console.error(
    `no row's name contains ${values.row.join(' or ')}; there are:\n${rows.map(({ name }) => name).join('\n')}`,
  )
  process.exit(2)
}

let done = 0
const began = process.hrtime.bigint()
const measurements = await measureInParallel(chosen, {
  seed,
  isShort: values.short,
  workers,
  onDone: ({ name, isHeld }) => {
    done += 1
    const seconds = Number((process.hrtime.bigint() - began) / 1_000_000_000n)
    const result = { true: 'held', false: 'NOT HELD', null: 'shown' }[`${isHeld}`]
    console.error(`${String(done).padStart(4)}/${chosen.length}  ${seconds} s  ${name}: ${result}`)
  },
})

const missed = measurements.filter(({ isHeld }) => isHeld === false).length
const barred = measurements.filter(({ isHeld }) => isHeld !== null).length
if (values.json) {
  process.stdout.write(
    `${JSON.stringify({ schema: 'fairtrial.calibration/1', seed, isShort: values.short, missed, rows: measurements }, null, 2)}\n`,
  )
} else {
  const alone = measurements.filter(({ subject }) => subject === undefined)
  const compared = measurements.filter(({ subject }) => subject !== undefined)
  const tables = [
    ...(alone.length > 0 ? [table(alone)] : []),
    ...(compared.length > 0 ? [comparisonTable(compared)] : []),
  ]
  console.log(tables.join('\n\n'))
  console.log(
    `\nseed ${seed}${values.short ? ', short' : ''}; ${barred} bars, ${missed} not held; ${measurements.length - barred} rows shown only`,
  )
}
process.exitCode = missed === 0 ? 0 : 1

function readOptions() {
  try {
    return parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        row: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: '1' },
        workers: { type: 'string', default: String(availableParallelism()) },
      },
    }).values
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: ${USAGE}`)
    process.exit(2)
  }
}
