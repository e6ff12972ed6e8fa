#!/usr/bin/env node
import { ExperimentError } from '@fairtrial/protocol'
import { type Arguments, readArguments, STDIN, USAGE } from './arguments.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { readDefinitions } from './given-definitions.ts'
import { verifyPostgresTrail } from './open-store.ts'
import { printable } from './printable.ts'
import { sayTrail } from './trail/say-trail.ts'
import { verifyTrail } from './trail/verify-trail.ts'

/** Docker kills ten seconds after it has asked. */
const END_WITHIN_MS = 8_000

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
  const experiments = await readDefinitions(definitions, process.stdin)
  const onChangedDefinition = newPhase ? 'new-phase' : 'refuse'
  const controlPlane = await startControlPlane({ ...options, experiments, onChangedDefinition, log })
  try {
    process.stdout.write(`${JSON.stringify({ listening: await controlPlane.listen(port, host) })}\n`)
  } catch (error) {
    await controlPlane.close()
    throw error
  }
  const isLed = definitions.includes(STDIN)
  const ended = () => {
    if (isLed) process.stdin.destroy()
    end(controlPlane)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, ended)
  process.on('SIGHUP', () => void controlPlane.reload())
  // Whoever holds the other end may be killed, and then nobody else would end this.
  if (isLed) process.stdin.once('close', ended).resume()
}

/** What holds on to the process is cut off in time, before whoever has ordered the end kills it. */
function end(controlPlane: ControlPlane): void {
  const cut = () => {
    const what = controlPlane.closing() ?? 'Something'
    log(
      `${what} has not ended within ${END_WITHIN_MS / 1_000} s, and is cut off. What was acknowledged is stored.`,
    )
    process.exit(1)
  }
  setTimeout(cut, END_WITHIN_MS).unref()
  void controlPlane.close()
}

async function verify(directory: string, { postgres, trailEnd }: Arguments): Promise<void> {
  const verdict = await (postgres === undefined
    ? verifyTrail(directory, undefined, trailEnd)
    : verifyPostgresTrail(postgres, trailEnd))
  process.stdout.write(`${JSON.stringify(verdict)}\n`)
  log(sayTrail(verdict))
  if (!verdict.holds) process.exitCode = 1
}
