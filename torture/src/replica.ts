// One of two replicas of a control plane, on a database: keeps asking for the lease, and runs the rollout of each round.
// argv: JSON of `ReplicaOptions`. On `stop` from stdin it gives the lease up and closes.
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createController, keepLease, type StateStore } from '@fairtrial/rollout/controller'
import { connectPostgres, postgresLease, postgresStateStore } from '@fairtrial/rollout/postgres'
import { dyingPorts } from '../../packages/rollout/test/dying-ports.ts'
import { silentTrial } from './silent-trial.ts'

export interface ReplicaOptions {
  readonly holder: string
  readonly connectionString: string
  readonly ttlMs: number
  /** Where the round stands: JSON of `Round`. */
  readonly round: string
  /** Gets a line for each write that the store has refused to a leader that was none any more. */
  readonly refused: string
}

export interface Round {
  readonly key: string
  /** Epoch milliseconds. */
  readonly beganAt: number
  readonly victim: string
  /** The victim dies at its so manyth await; null: it does not. */
  readonly diesAt: number | null
  /** The victim stands still, all of it, between the look at its lease and the write that leads to this revision. */
  readonly stallsAt: number | null
}

/** How much faster than ours the trial's time goes. */
const SPEED = 2_000

const options = JSON.parse(process.argv[2] ?? '') as ReplicaOptions
const { holder, connectionString, ttlMs } = options

const database = await connect()
const lease = postgresLease(database, { holder, ttlMs })
const store = postgresStateStore(database)
const kept = await keepLease(lease, { everyMs: ttlMs / 3 })
process.stdout.write('asking\n')
// Whoever started it may be gone.
process.stdin.once('end', () => process.exit(1))
const stopped = once(process.stdin, 'data')
let isOver = false
void stopped.then(() => (isOver = true))

for (let last = ''; !isOver; await wait(10)) {
  const round = JSON.parse(await readFile(options.round, 'utf8')) as Round
  if (round.key === last) continue
  last = round.key
  await run(round)
}
await kept.stop()
await database.close()
process.stdout.write('{}\n', () => process.exit(0))

/** The network may be cut at birth, too. */
async function connect() {
  for (;;) {
    try {
      return await connectPostgres({ connectionString, timeoutMs: ttlMs })
    } catch {
      await wait(50)
    }
  }
}

/** Ticks until the rollout is over. */
async function run(round: Round): Promise<void> {
  const { experiment, log, start } = silentTrial(round.key)
  const isVictim = round.victim === holder
  const dying = dyingPorts({ store: watched(round, isVictim), log, lease }, (isVictim && round.diesAt) || 0)
  void dying.died.then(() => process.kill(process.pid, 'SIGKILL'))
  const controller = createController({
    experiment,
    by: holder,
    store: dying.store,
    log: dying.log,
    lease,
    clock: {
      now: () => start + (Date.now() - round.beganAt) * SPEED,
      monotonic: () => performance.now() * SPEED,
    },
  })
  for (let isFinal = false; !isFinal && !isOver; await wait(10)) {
    const { state } = await controller.tick()
    isFinal = state?.status === 'aborted'
  }
}

function watched({ stallsAt }: Round, isVictim: boolean): StateStore {
  let isStalled = false
  return {
    ...store,
    async compareAndSet(event, expected, right) {
      if (isVictim && !isStalled && event.to.revision === stallsAt) {
        isStalled = true
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * ttlMs)
      }
      const outcome = await store.compareAndSet(event, expected, right)
      if (!outcome.stored && outcome.fenced === true)
        appendFileSync(options.refused, `${event.to.revision}\n`)
      return outcome
    },
  }
}
