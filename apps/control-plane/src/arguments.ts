import { parseArgs } from 'node:util'
import { ExperimentError } from '@fairtrial/protocol'

export const USAGE = `The control plane: grants state, takes events in, runs the loop, aborts. Loopback only.

  --definition FILE    an experiment, as JSON; once for each
  --data DIR           log, states and journal (.fairtrial)
  --port N             0 takes any that is free (4600)
  --lease-ms N         how long a client may serve from what it was told (30000)
  --tick-ms N          between two looks at the log (1000)
  --new-phase          let a changed definition open a new phase, with fresh evidence
  --help
`

/** What the process was asked for. */
export interface Arguments {
  readonly help: boolean
  readonly definitions: readonly string[]
  readonly directory: string
  readonly port: number
  readonly leaseMs: number
  readonly tickMs: number
  readonly newPhase: boolean
}

/** @throws ExperimentError `invalid-argument` */
export function readArguments(args: readonly string[]): Arguments {
  const values = parse(args)
  if (values.definition.length === 0 && !values.help) {
    throw new ExperimentError('invalid-argument', 'There is no --definition.', 'Name a JSON file.')
  }
  return {
    help: values.help,
    definitions: values.definition,
    directory: values.data,
    port: whole('--port', values.port, 0, 65_535),
    leaseMs: whole('--lease-ms', values['lease-ms'], 100, 86_400_000),
    tickMs: whole('--tick-ms', values['tick-ms'], 10, 86_400_000),
    newPhase: values['new-phase'],
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        definition: { type: 'string', multiple: true, default: [] },
        data: { type: 'string', default: '.fairtrial' },
        port: { type: 'string', default: '4600' },
        'lease-ms': { type: 'string', default: '30000' },
        'tick-ms': { type: 'string', default: '1000' },
        'new-phase': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new ExperimentError('invalid-argument', (cause as Error).message, 'See --help.', { cause })
  }
}

function whole(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
  throw new ExperimentError(
    'invalid-argument',
    `${name} is ${JSON.stringify(text)}.`,
    `Give a whole number from ${minimum} to ${maximum}.`,
  )
}
