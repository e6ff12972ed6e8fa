// Breaks everything between an arm in hand and a counted unit, and prints what was lost. The table goes to stdout,
// progress to stderr. Exits with 1 when a row is not held, or was left out in CI.
import { parseArgs } from 'node:util'
import { isHeld, type Row, type Suffering } from './src/row.ts'
import { rows } from './src/rows.ts'
import { table } from './src/table.ts'

const USAGE = 'pnpm torture [--short] [--row TEXT]… [--seed N]'

const { short: isShort, row: wanted, seed: seedText } = readOptions()
const seed = Number(seedText)
if (!Number.isSafeInteger(seed)) refuse(`--seed ${seedText} is no whole number`)
const chosen = rows.filter(({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)))
if (chosen.length === 0) {
  refuse(
    `no row's name contains ${wanted.join(' or ')}; there are: ${rows.map(({ name }) => name).join(', ')}`,
  )
}

const results: { row: Row; suffering: Suffering }[] = []
let leftOut = 0
for (const row of chosen) {
  const missing = await row.missing()
  if (missing !== null) {
    leftOut++
    console.error(`!! LEFT OUT: ${row.name}: ${missing}`)
    continue
  }
  const suffering = await row.run({
    isShort,
    seed,
    progress: (line) => console.error(`${row.name}: ${line}`),
  })
  results.push({ row, suffering })
  console.error(`${row.name}: ${isHeld(suffering) ? 'held' : 'NOT HELD'}: ${suffering.done}`)
}

const failed = results.filter(({ suffering }) => !isHeld(suffering)).length
console.log(table(results))
console.log(
  `\nseed ${seed}${isShort ? ', short' : ''}; ${results.length} rows, ${failed} not held, ${leftOut} left out`,
)
process.exitCode = failed > 0 || (leftOut > 0 && process.env['CI']) ? 1 : 0

function readOptions() {
  try {
    return parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        row: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string', default: '1' },
      },
    }).values
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function refuse(why: string): never {
  console.error(`${why}\nusage: ${USAGE}`)
  process.exit(2)
}
