import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { type Experiment, ExperimentError, parseDefinition } from '@fairtrial/protocol'
import { startPlane } from './plane.ts'
import { createControlServer } from './server.ts'

// The control plane as a process: one line of JSON on stdout when it listens, everything else on stderr.
const { values } = parseArgs({
  options: {
    definition: { type: 'string', multiple: true, default: [] },
    data: { type: 'string', default: '.fairtrial' },
    port: { type: 'string', default: '4600' },
    'lease-ms': { type: 'string', default: '30000' },
    'tick-ms': { type: 'string', default: '1000' },
  },
})

try {
  await serve()
} catch (error) {
  if (!(error instanceof ExperimentError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

async function serve(): Promise<void> {
  const plane = await startPlane({
    experiments: await Promise.all(values.definition.map(readExperiment)),
    directory: values.data,
    leaseMs: numberOf('lease-ms'),
    tickMs: numberOf('tick-ms'),
    log: (line) => process.stderr.write(`control plane: ${line}\n`),
  })
  const server = createControlServer(plane, (line) => process.stderr.write(`control plane: ${line}\n`))
  server.listen(numberOf('port'), '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close(() => void plane.close())
      server.closeIdleConnections()
    })
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

function numberOf(name: 'port' | 'lease-ms' | 'tick-ms'): number {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 0) return value
  throw new ExperimentError(
    'invalid-argument',
    `--${name} is ${JSON.stringify(values[name])}.`,
    'Give a whole number.',
  )
}
