import { constants } from 'node:os'
import { readArguments, USAGE } from './arguments.ts'
import { createProcesses } from './processes.ts'
import { runDemo } from './run-demo.ts'

const given = readArguments(process.argv.slice(2))
if (given.kind === 'help') process.stdout.write(USAGE)
else if (given.kind === 'wrong') {
  process.stderr.write(`${given.message}\n\n${USAGE}`)
  process.exitCode = 2
} else process.exitCode = await run(given)

async function run({ scenario, seed, keep }: Extract<typeof given, { kind: 'run' }>): Promise<number> {
  const interrupt = new AbortController()
  let signalled = 0
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // More than once where both the terminal and whoever started us pass it on.
    process.on(name, () => {
      signalled = constants.signals[name]
      interrupt.abort()
    })
  }
  // Children run TypeScript by the flags of this very process.
  const processes = createProcesses(process.execArgv)
  const options = { scenario, seed, keep, processes, out: process.stdout, signal: interrupt.signal }
  const wrong = await runDemo(options).catch((error: unknown) => (error as Error).message)
  if (signalled !== 0) return 128 + signalled
  if (wrong === null) return 0
  process.stderr.write(`\nThe demo failed: ${wrong}.\n`)
  for (const line of processes.errors()) process.stderr.write(`  ${line}\n`)
  return 1
}
