import { parseArgs } from 'node:util'
import { type Duration, durationMs, ExperimentError } from '@fairtrial/protocol'
import type { Receiver } from './notify/notifier.ts'
import type { WebhookHosts } from './notify/webhook-url.ts'
import type { TrailEnd } from './trail/chain.ts'

export const USAGE = `The control plane: grants state, takes events in, runs the loop, takes orders.

  --definition FILE    an experiment, as JSON (fairtrial serve: YAML and modules, too); once for each. - reads
                       stdin: a line with a list of them, and the process ends when stdin does (so fairtrial serve)
  --data DIR           log, states and journal (.fairtrial)
  --host HOST          any other than a loopback address needs --tokens (127.0.0.1)
  --port N             0 takes any that is free (4600)
  --tokens FILE        who may do what: [{ "name", "role", "sha256", "expiresAt"? }]
  --signing-key FILE   an Ed25519 private key in PEM, which signs the state that clients are told
  --exposure-secret-file FILE
                       takes exposures of browsers too, with tokens that services issue by this secret
  --postgres URL       keeps state and events in PostgreSQL, by which several replicas are one; @FILE is one that stands in a file
  --kafka BROKERS      reads fairtrial's topics too: host:port, with commas between
  --landing-ms N       with it: how long what stands in a topic may take to be read; later, it is missing evidence (30000)
  --console DIR        the built console (that of @fairtrial/console)
  --webhook URL        is told of what happens; once for each; @FILE is one that stands in a file
  --slack URL          the same, as Slack takes it
  --webhook-secret-file FILE
                       signs what they are told
  --allow-host HOST    once for each: no other is told (any that is public)
  --allow-private-host HOST
                       once for each: a host of the own network, or of this machine, that is told too
  --retain DURATION    how long the log is kept: 90d. What runs needs stays (for ever)
  --lease-ms N         how long a client may serve from what it was told (30000)
  --tick-ms N          between two looks at the log (1000)
  --require-readiness  refuse a plan that asks for no readiness report before its start (ramp.start.readiness)
  --new-phase          let a changed definition open a new phase, with fresh evidence
  --verify-trail DIR   says whether the audit trail of a data directory, or of --postgres, holds, and ends
  --trail-end N:HASH   with it: an entry that was kept elsewhere, and must still be there
  --help
`

/** A `--definition` that stands on stdin. */
export const STDIN = '-'

/** What the process was asked for. */
export interface Arguments {
  readonly help: boolean
  readonly definitions: readonly string[]
  readonly directory: string
  readonly host: string
  readonly port: number
  readonly tokensFile?: string
  readonly signingKeyFile?: string
  readonly exposureSecretFile?: string
  readonly postgres?: string
  readonly kafka?: readonly string[]
  readonly landing?: { readonly patienceMs: number }
  readonly consoleFolder?: string
  readonly receivers?: readonly Receiver[]
  readonly webhookHosts?: WebhookHosts
  readonly webhookSecretFile?: string
  /** Milliseconds. */
  readonly retainMs?: number
  readonly verifyTrail?: string
  readonly trailEnd?: TrailEnd
  readonly leaseMs: number
  readonly tickMs: number
  readonly requireReadiness: boolean
  readonly newPhase: boolean
}

/** Names of this machine that no other can reach. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i

/** @throws ExperimentError `invalid-argument` */
export function readArguments(args: readonly string[]): Arguments {
  const values = parse(args)
  const verifyTrail = values['verify-trail']
  if (values.definition.length === 0 && !values.help && verifyTrail === undefined) {
    throw new ExperimentError('invalid-argument', 'There is no --definition.', 'Name a JSON file.')
  }
  const { host, tokens, kafka, console: consoleFolder, 'signing-key': signingKeyFile } = values
  const { 'trail-end': trailEnd } = values
  if (trailEnd !== undefined && verifyTrail === undefined) {
    throw new ExperimentError(
      'invalid-argument',
      '--trail-end is looked for by --verify-trail only.',
      'Name both.',
    )
  }
  refuseOpenHost(host, tokens)
  const landingMs = whole('--landing-ms', values['landing-ms'], 1_000, 86_400_000)
  return {
    help: values.help,
    definitions: values.definition,
    directory: values.data,
    host,
    port: whole('--port', values.port, 0, 65_535),
    ...(tokens !== undefined && { tokensFile: tokens }),
    ...(signingKeyFile !== undefined && { signingKeyFile }),
    ...(values['exposure-secret-file'] !== undefined && {
      exposureSecretFile: values['exposure-secret-file'],
    }),
    ...(values.postgres !== undefined && { postgres: values.postgres }),
    ...(kafka !== undefined && { kafka: brokersOf(kafka), landing: { patienceMs: landingMs } }),
    ...(consoleFolder !== undefined && { consoleFolder }),
    ...tellingOf(values),
    ...(values.retain !== undefined && { retainMs: ageOf(values.retain) }),
    ...(verifyTrail !== undefined && { verifyTrail }),
    ...(trailEnd !== undefined && { trailEnd: trailEndOf(trailEnd) }),
    leaseMs: whole('--lease-ms', values['lease-ms'], 100, 86_400_000),
    tickMs: whole('--tick-ms', values['tick-ms'], 10, 86_400_000),
    requireReadiness: values['require-readiness'],
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
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '4600' },
        tokens: { type: 'string' },
        'signing-key': { type: 'string' },
        'exposure-secret-file': { type: 'string' },
        postgres: { type: 'string' },
        kafka: { type: 'string' },
        'landing-ms': { type: 'string', default: '30000' },
        console: { type: 'string' },
        webhook: { type: 'string', multiple: true, default: [] },
        slack: { type: 'string', multiple: true, default: [] },
        'webhook-secret-file': { type: 'string' },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'allow-private-host': { type: 'string', multiple: true, default: [] },
        retain: { type: 'string' },
        'verify-trail': { type: 'string' },
        'trail-end': { type: 'string' },
        'lease-ms': { type: 'string', default: '30000' },
        'tick-ms': { type: 'string', default: '1000' },
        'require-readiness': { type: 'boolean', default: false },
        'new-phase': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (cause) {
    throw new ExperimentError('invalid-argument', (cause as Error).message, 'See --help.', { cause })
  }
}

/** Whom to tell, as far as it was asked for. */
function tellingOf(
  values: ReturnType<typeof parse>,
): Pick<Arguments, 'receivers' | 'webhookHosts' | 'webhookSecretFile'> {
  const { webhook, slack, 'webhook-secret-file': webhookSecretFile } = values
  const { 'allow-host': allowed, 'allow-private-host': ofOwn } = values
  const receivers = [
    ...webhook.map((url) => ({ url, shape: 'json' as const })),
    ...slack.map((url) => ({ url, shape: 'slack' as const })),
  ]
  return {
    ...(receivers.length > 0 && { receivers }),
    ...(allowed.length + ofOwn.length > 0 && {
      webhookHosts: { allowed: allowed.length > 0 ? allowed : null, private: ofOwn },
    }),
    ...(webhookSecretFile !== undefined && { webhookSecretFile }),
  }
}

/** Whoever reaches the port may abort, or read what nobody should: the network needs names. */
function refuseOpenHost(host: string, tokens: string | undefined): void {
  if (LOOPBACK.test(host) || tokens !== undefined) return
  throw new ExperimentError(
    'invalid-argument',
    `--host is ${JSON.stringify(host)}, and without --tokens anybody there could do everything.`,
    'Give --tokens FILE, or listen on 127.0.0.1.',
  )
}

function brokersOf(text: string): readonly string[] {
  const brokers = text.split(',').map((broker) => broker.trim())
  if (brokers.every((broker) => /^[\w.[\]:-]+:\d{1,5}$/.test(broker))) return brokers
  throw new ExperimentError(
    'invalid-argument',
    `--kafka is ${JSON.stringify(text)}.`,
    'Give host:port, several with commas between.',
  )
}

/** What is younger than an hour may not even have been read. */
function ageOf(text: string): number {
  let ms = 0
  try {
    ms = durationMs(text as Duration)
  } catch {
    // Told below.
  }
  if (ms >= 3_600_000) return ms
  throw new ExperimentError(
    'invalid-argument',
    `--retain is ${JSON.stringify(text)}.`,
    'Give an hour or more, as a number and one of m, h, d: 90d.',
  )
}

function trailEndOf(text: string): TrailEnd {
  const [, sequence, hash = ''] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? []
  if (sequence !== undefined) return { sequence: Number(sequence), hash }
  throw new ExperimentError(
    'invalid-argument',
    `--trail-end is ${JSON.stringify(text)}.`,
    'Give it as --verify-trail printed it: a number, a colon, and 64 hex digits.',
  )
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
