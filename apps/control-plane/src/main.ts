#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { type Experiment, ExperimentError, parseDefinition } from '@fairtrial/protocol'
import { type Arguments, readArguments, USAGE } from './arguments.ts'
import { startControlPlane } from './control-plane.ts'
import { verifyPostgresTrail } from './open-store.ts'
import { printable } from './printable.ts'
import { sayTrail } from './trail/say-trail.ts'
import { verifyTrail } from './trail/verify-trail.ts'

// The control plane as a process: one line of JSON on stdout when it listens, everything else on stderr.
const log = (line: string) => void process.stderr.write(`control plane: ${printable(line)}\n`)
// Whoever read it may be gone; the process is there for more than for being read.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  const given = readArguments(process.argv.slice(2))
  if (given.help) process.stdout.write(USAGE)
  else if (given.verifyTrail !== undefined) await verify(given.verifyTrail, given)
  else await serve(given)
} catch (error) {
  if (!(error instanceof ExperimentError)) throw error
  for (const line of error.message.split('\n')) log(line)
  process.exitCode = error.code === 'io' ? 1 : 2
}

async function serve({ definitions, newPhase, host, port, help: _, ...options }: Arguments): Promise<void> {
  const experiments = await Promise.all(definitions.map(readExperiment))
  const onChangedDefinition = newPhase ? 'new-phase' : 'refuse'
  const controlPlane = await startControlPlane({ ...options, experiments, onChangedDefinition, log })
  try {
    process.stdout.write(`${JSON.stringify({ listening: await controlPlane.listen(port, host) })}\n`)
  } catch (error) {
    await controlPlane.close()
    throw error
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void controlPlane.close())
  }
  process.on('SIGHUP', () => void controlPlane.reload())
}

async function verify(directory: string, { postgres, trailEnd }: Arguments): Promise<void> {
  const verdict = await (postgres === undefined
    ? verifyTrail(directory, undefined, trailEnd)
    : verifyPostgresTrail(postgres, trailEnd))
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
  log(sayTrail(verdict))
  if (!verdict.holds) process.exitCode = 1
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
