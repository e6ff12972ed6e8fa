import { readFile } from 'node:fs/promises'
import { type Experiment, ExperimentError, parseDefinition } from '@fairtrial/protocol'
import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { startControlPlane } from './control-plane.ts'

// The control plane as a process: one line of JSON on stdout when it listens, everything else on stderr.
const log = (line: string) => void process.stderr.write(`control plane: ${line}\n`)

try {
  const given = readArguments(process.argv.slice(2))
  if (given.help) process.stdout.write(USAGE)
  else await serve(given)
} catch (error) {
  if (!(error instanceof ExperimentError)) throw error
  log(error.message)
  process.exitCode = error.code === 'io' ? 1 : 2
}

async function serve({ definitions, directory, port, leaseMs, tickMs, newPhase }: Arguments): Promise<void> {
  const experiments = await Promise.all(definitions.map(readExperiment))
  const onChangedDefinition = newPhase ? 'new-phase' : 'refuse'
  const controlPlane = await startControlPlane({
    experiments,
    directory,
    leaseMs,
    tickMs,
    onChangedDefinition,
    log,
  })
  try {
    process.stdout.write(`${JSON.stringify({ listening: await controlPlane.listen(port) })}\n`)
  } catch (error) {
    await controlPlane.close()
    throw error
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void controlPlane.close())
  }
}

async function readExperiment(file: string): Promise<Experiment> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new ExperimentError(
      'unreadable-definition',
      `${file} is not a JSON file: ${(cause as Error).message}.`,
      'The control plane takes JSON; `fairtrial check` reads the other forms.',
      { cause },
    )
  }
  return parseDefinition(value)
}
